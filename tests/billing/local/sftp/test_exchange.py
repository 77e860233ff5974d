"""Files of charges put on the billing office's server, and its acknowledgements fetched from there: each once."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection as database

from billing.local import actions as local
from billing.local import files, sweeps
from billing.local.models import LocalAnswer, LocalFile, LocalPart
from billing.local.sftp import actions, connection
from billing.local.sftp.models import SftpArrival, SftpServer
from illdesk import crash, registry, status
from illdesk.errors import Stale
from illdesk.models import Event
from tests import factories as f
from tests.billing.charges.cast import D, charged, check, check_local, fresh
from tests.peers import sshd
from tests.peers.cut import wire

pytestmark = pytest.mark.django_db
LATER = f.later(days=20)
MINUTE = timedelta(minutes=1)


def said(*rows: str) -> bytes:
    return "\n".join(["number,state,reference,paid,open,words", *rows, ""]).encode()


def lay(there, name: str, data: bytes, *, now=LATER) -> None:
    """It comes at this moment, by the server's clock."""
    there.lays(name, data)
    os.utime(there.folder / "in" / name, (now.timestamp(), now.timestamp()))


def go(server, *, now=LATER, by=None) -> actions.Done:
    done = actions.exchange(fresh(server), actor=by or actions.CLOCK, now=now)
    assert done is not None
    return done


def file_of(row, *, now=LATER, key="k") -> LocalFile:
    local.prepare(now=now)
    found = files.write(key, actor=f.staff(), now=now)
    assert found is not None
    return found


def how_it_fares() -> registry.System:
    return next(one for one in status.systems(now=LATER) if "SFTP" in str(one.name))


# --- our files -----------------------------------------------------------------------------------------------------


def test_the_clock_makes_a_file_puts_it_there_and_reads_what_comes_back(there, server):
    row = charged()
    assert sweeps.exchange(now=LATER) == (1, 0) and sweeps.exchange(now=LATER + MINUTE) == (0, 0)
    file = LocalFile.objects.get()
    assert there.names() == [f"{file.number}.csv"] and file.written == LATER and file.by_sftp
    assert (there.folder / "out" / f"{file.number}.csv").read_bytes() == files.content(file)
    assert fresh(row).handed == 0, "nobody has said yes yet"
    lay(there, "ack.csv", said(f"{row.number},accepted,X-1,,,"))
    assert sweeps.exchange(now=LATER + MINUTE) == (0, 0), "it may still be being written"
    assert sweeps.exchange(now=LATER + 2 * MINUTE) == (1, 0) and sweeps.exchange(now=LATER + 3 * MINUTE) == (0, 0)
    assert fresh(row).handed == D(40) and LocalPart.objects.get().reference == "X-1"
    assert (there.names("in"), there.names("done")) == ([], ["ack.csv"])
    assert SftpArrival.objects.get().answer == LocalAnswer.objects.get()
    assert Event.objects.filter(name="local.file_sent").count() == 1 and how_it_fares().words == "answers"
    check(row.patron), check_local()


def test_a_file_made_for_a_download_is_not_sent_later(there, server):
    from billing.local.models import LocalSystem

    LocalSystem.objects.update(kind="file")
    file_of(charged())
    LocalSystem.objects.update(kind="sftp")
    assert go(server).sent == 0 and there.names() == []


def test_what_lies_there_already_is_the_same_and_other_content_waits_for_a_person(there, server):
    first, second = file_of(charged(key="a"), key="a"), file_of(charged(key="b"), key="b")
    (there.folder / "out" / f"{first.number}.csv").write_bytes(files.content(first))
    (there.folder / "out" / f"{second.number}.csv").write_bytes(b"theirs")
    done = go(server)
    assert done.sent == 1 and done.problems == [
        f"{second.number}: A file named {second.number}.csv with other content is there already. "
        "It was left as it is."]
    second.refresh_from_db()
    assert second.written is None and second.tries == 1 and second.next_try == LATER + 2 * MINUTE
    assert go(server, now=LATER + MINUTE).problems == [], "the clock waits"
    fares = how_it_fares()
    assert fares.family == "trouble" and second.number in str(fares.words) and fares.waiting == 1
    (there.folder / "out" / f"{second.number}.csv").unlink()
    assert go(server, now=LATER + 3 * MINUTE).sent == 1 and fresh(second).why == ""
    assert how_it_fares().family == "ended_ok"


def test_cut_off_it_is_tried_again_with_pauses_and_sent_once(there, server):
    file = file_of(charged())
    with wire(there.server.port) as line:
        line.cut_after = 1800
        SftpServer.objects.update(port=line.port)
        assert len(go(server).problems) == 1
        row = fresh(server)
        assert (row.failures, row.failing_since, row.next_try) == (1, LATER, LATER + 2 * MINUTE) and not row.claimed
        assert sweeps.exchange(now=LATER + MINUTE) == (0, 0), "nobody knocks before its time"
        assert "cannot be used since" in str(how_it_fares().words) and how_it_fares().waiting == 1
        assert sweeps.exchange(now=LATER + 3 * MINUTE) == (0, 1)
        assert fresh(server).next_try == LATER + 7 * MINUTE, "twice as long"
        line.cut_after = None
        assert sweeps.exchange(now=LATER + 8 * MINUTE) == (1, 0)
    assert fresh(server).failures == 0 and there.names() == [f"{file.number}.csv"]


def test_taken_away_before_we_heard_that_it_has_its_name_it_is_not_sent_again(there, server):
    file = file_of(charged())
    LocalFile.objects.update(naming=LATER)
    assert go(server).sent == 1 and there.names() == []
    file.refresh_from_db()
    assert file.taken and file.written == LATER and Event.objects.get(name="local.file_sent").data["how"] == "taken"


def test_a_missing_folder_stops_one_way_and_not_the_other(there, server):
    row = charged()
    file = file_of(row)
    (there.folder / "out").rmdir()
    lay(there, "ack.csv", said(f"{row.number},accepted,X,,,"), now=f.NOW)
    done = go(server)
    assert done.read == 1 and f"There is no {there.name}/out" in done.problems[0]
    assert "There is no" in fresh(file).why
    there.server.folder(there.name, "out")
    (there.folder / "in").rmdir()
    done = go(server, now=LATER + timedelta(hours=2))
    assert done.sent == 1 and done.problems == [f"There is no {there.name}/in on the server."]
    row = fresh(server)
    assert row.failures == 1 and row.next_try == LATER + timedelta(hours=3), "a person has to make it: no hurry"


@pytest.mark.parametrize("change", [{"user": "nobody-of-that-name"}, {"fingerprint": "SHA256:x"}])
def test_refused_for_good_it_is_tried_once_an_hour_lest_they_lock_the_user_out(there, server, change):
    file_of(charged())
    SftpServer.objects.update(**change)
    assert len(go(server).problems) == 1 and fresh(server).next_try == LATER + timedelta(hours=1)
    assert there.names() == [] and how_it_fares().family == "trouble"


def test_without_a_confirmed_key_nothing_is_sent(there, server):
    charged()
    SftpServer.objects.update(fingerprint="", key_kind="")
    assert sweeps.exchange(now=LATER) == (0, 0)
    assert LocalFile.objects.get().written is None and there.names() == []
    assert "not confirmed" in str(how_it_fares().words)


def test_a_new_key_of_the_server_is_kept_for_a_person_who_confirms_what_stands_on_the_page(there, server):
    file_of(charged())
    with sshd.server(kinds=("ed25519",)) as new:
        SftpServer.objects.update(port=new.port)
        assert "shows another key" in go(server).problems[0]
        row = fresh(server)
        assert row.new_key and row.seen_fingerprint == new.keys["ed25519"] and row.fingerprint != row.seen_fingerprint
        by = f.staff()
        for wrong in ("", row.fingerprint):
            with pytest.raises(Stale, match="Nothing was confirmed"):
                actions.confirm_key(row, wrong, actor=by, now=LATER)
        actions.confirm_key(row, row.seen_fingerprint, actor=by, now=LATER)
        row = fresh(server)
        assert (row.fingerprint, row.confirmed_by, row.next_try) == (new.keys["ed25519"], by.user, None)
        assert not row.new_key
        steps = actions.test(row, actor=by, now=LATER)
        assert [ok for ok, _words in steps][:2] == [True, True]


# --- acknowledgements ----------------------------------------------------------------------------------------------


def test_half_written_it_waits_until_it_stands_still(there, server):
    one, two = charged(key="a"), charged(key="b")
    file_of(one)
    whole = said(f"{one.number},accepted,X,,,", f"{two.number},accepted,Y,,,")
    lay(there, "ack.csv", whole[:60])
    assert go(server).waiting == 1
    lay(there, "ack.csv", whole[:-20], now=LATER + MINUTE)
    assert go(server, now=LATER + MINUTE).waiting == 1, "it has grown"
    assert go(server, now=LATER + 3 * MINUTE).waiting == 1, "its last line has no end"
    lay(there, "ack.csv", whole, now=LATER + 4 * MINUTE)
    assert go(server, now=LATER + 4 * MINUTE).waiting == 1
    assert go(server, now=LATER + 5 * MINUTE).read == 1
    assert fresh(one).handed == fresh(two).handed == D(40) and LocalAnswer.objects.count() == 1
    assert SftpArrival.objects.count() == 1, "how it looked meanwhile is forgotten"


def test_without_an_end_of_its_last_line_it_is_read_when_it_stood_longer(there, server):
    row = charged()
    file_of(row)
    lay(there, "ack.csv", said(f"{row.number},accepted,X,,,")[:-1])
    assert [go(server, now=LATER + minutes * MINUTE).read for minutes in (0, 2, 9, 10)] == [0, 0, 0, 1]
    assert fresh(row).handed == D(40)


def test_what_is_none_is_kept_and_shown_with_a_sentence_and_not_fetched_again(there, server):
    for name, data in (("a.csv", b"%PDF-1.4\n"), ("b.csv", b"a,b\n1,2\n"), ("c.TXT", b""), ("d.xlsx", b"PK")):
        lay(there, name, data, now=f.NOW)
    done = go(server)
    assert (done.read, done.bad, done.problems) == (0, 3, [])
    rows = list(SftpArrival.objects.order_by("name"))
    assert [(row.name, row.state) for row in rows] == [("a.csv", "bad"), ("b.csv", "bad"), ("c.TXT", "bad")]
    assert all("Nothing was read" in row.why for row in rows)
    with rows[1].file.file.open("rb") as kept:
        assert kept.read() == b"a,b\n1,2\n" and rows[2].file is None
    assert there.names("in") == ["a.csv", "b.csv", "c.TXT", "d.xlsx"], "it stays for who wrote it"
    assert go(server, now=LATER + MINUTE) == actions.Done() and SftpArrival.objects.count() == 3
    assert "could not be read: 3" in str(how_it_fares().words)
    actions.set_aside(rows[0], actor=f.staff(), now=LATER)
    with pytest.raises(Stale):
        actions.set_aside(rows[0], actor=f.staff(), now=LATER)
    row = charged()
    file_of(row)
    lay(there, "b.csv", said(f"{row.number},accepted,X,,,"), now=f.later(days=1))
    assert go(server, now=LATER + 2 * MINUTE).read == 1, "corrected under the same name"


def test_too_large_it_is_not_fetched(there, server, monkeypatch):
    monkeypatch.setattr(actions, "MOST_BYTES", 10)
    lay(there, "a.csv", said("x,accepted,,,,"), now=f.NOW)
    assert go(server).bad == 1 and "too large" in SftpArrival.objects.get().why


def test_where_it_cannot_be_moved_it_is_remembered(there, server):
    row = charged()
    file_of(row)
    SftpServer.objects.update(done_folder=f"{there.name}/gone")
    lay(there, "ack.csv", said(f"{row.number},paid,X,15,25,"), now=f.NOW)
    assert go(server).read == 1 and go(server, now=LATER + MINUTE).read == 0
    arrival = SftpArrival.objects.get()
    assert "could not be moved: There is no" in arrival.why and fresh(row).paid == D(15)
    SftpServer.objects.update(done_folder=f"{there.name}/done")
    go(server, now=LATER + 2 * MINUTE)
    assert there.names("done") == ["ack.csv"] and fresh(arrival).why == ""
    check(row.patron), check_local()


def test_with_no_folder_for_it_it_stays_and_is_read_once(there, server):
    row = charged()
    file_of(row)
    SftpServer.objects.update(done_folder="")
    lay(there, "ack.csv", said(f"{row.number},paid,X,15,25,"), now=f.NOW)
    assert [go(server, now=LATER + minutes * MINUTE).read for minutes in range(3)] == [1, 0, 0]
    assert there.names("in") == ["ack.csv"] and fresh(row).paid == D(15)


def test_a_name_that_comes_again_is_moved_under_another_and_the_same_content_changes_nothing(there, server):
    row = charged()
    file_of(row)
    for day, data in enumerate((said(f"{row.number},accepted,X,,,"), said(f"{row.number},paid,X,15,25,"),
                                said(f"{row.number},paid,X,15,25,"))):
        lay(there, "ack.csv", data, now=f.later(days=day))
        assert go(server, now=LATER + day * MINUTE).read == 1
    second, third = SftpArrival.objects.order_by("pk")[1:]
    assert there.names("done") == sorted(["ack.csv", f"ack-{second.pk}.csv", f"ack-{third.pk}.csv"])
    assert fresh(row).paid == D(15) and LocalAnswer.objects.count() == 2
    check(row.patron), check_local()


def test_the_same_name_length_and_time_with_new_content_is_read_where_the_first_was_moved_away(there, server):
    """As on a server that tells no times."""
    row = charged()
    file_of(row)
    for turn, amount in enumerate(("15,25", "20,20")):
        there.lays("ack.csv", said(f"{row.number},paid,X,{amount},"))
        os.utime(there.folder / "in" / "ack.csv", (0, 0))
        assert go(server, now=LATER + 3 * turn * MINUTE).waiting == 1, "no time, no age: it has to stand still"
        assert go(server, now=LATER + (3 * turn + 1) * MINUTE).read == 1
    assert fresh(row).paid == D(20) and len(there.names("done")) == 2
    check(row.patron), check_local()


# --- two at once, and what died ---------------------------------------------------------------------------------------


def test_who_died_at_it_is_waited_for_and_then_gone_on_with(there, server):
    file_of(charged())
    SftpServer.objects.update(claimed=LATER)
    assert actions.exchange(fresh(server), now=LATER + MINUTE) is None and there.names() == []
    assert go(server, now=LATER + 11 * MINUTE).sent == 1


class Died(BaseException):
    pass


@pytest.mark.parametrize("where", sorted(crash.SFTP_POINTS))
def test_dead_between_the_server_and_our_tables_it_goes_on_and_each_counts_once(there, server, where, monkeypatch):
    row = charged()
    file = file_of(row)
    lay(there, "ack.csv", said(f"{row.number},paid,X,15,25,"), now=f.NOW)

    def die(name: str) -> None:
        if name == where:
            raise Died

    monkeypatch.setattr("illdesk.crash.point", die)
    with pytest.raises(Died):
        actions.exchange(fresh(server), now=LATER)
    monkeypatch.setattr("illdesk.crash.point", lambda name: None)
    assert there.names() == [f"{file.number}.csv"]
    go(server, now=LATER + 11 * MINUTE)
    assert fresh(file).written and not fresh(file).taken and there.names() == [f"{file.number}.csv"]
    assert there.names("done") == ["ack.csv"] and fresh(row).paid == D(15) and LocalAnswer.objects.count() == 1
    assert Event.objects.filter(name="local.file_sent").count() == 1
    check(row.patron), check_local()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_send_and_read_each_once(there, server):
    row = charged()
    file = file_of(row)
    lay(there, "ack.csv", said(f"{row.number},paid,X,15,25,"), now=f.NOW)
    done: list[actions.Done | None] = []
    gate = threading.Barrier(4)

    def one():
        try:
            gate.wait(10)
            done.append(actions.exchange(SftpServer.current(), now=LATER))
        finally:
            database.close()

    threads = [threading.Thread(target=one) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    worked = [one for one in done if one is not None]
    assert len(done) == 4 and sum(one.sent for one in worked) == 1 and sum(one.read for one in worked) == 1
    assert there.names() == [f"{file.number}.csv"] and there.names("done") == ["ack.csv"]
    assert fresh(row).paid == D(15) and LocalAnswer.objects.count() == 1
    check(row.patron), check_local()


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_open_in_a_transaction(there, server, settings):
    settings.TESTING = False
    from django.db import transaction

    with (transaction.atomic(), pytest.raises(RuntimeError, match="outside of transactions"),
          connection.opened(actions.place(server))):
        pass
    charged()
    assert sweeps.exchange(now=LATER) == (1, 0), "and none of ours is"


def test_a_demo_speaks_to_its_own_machine_only(there, server, settings):
    settings.DEMO = True
    SftpServer.objects.update(host="192.0.2.1")
    assert go(server).problems == ["A demo speaks to servers of its own machine only."]


# --- trying ----------------------------------------------------------------------------------------------------------


def test_trying_says_a_sentence_for_each_step_and_leaves_nothing_behind(there, server):
    lay(there, "ack.csv", b"x")
    steps = actions.test(server, actor=f.staff(), now=LATER)
    assert steps == [
        (True, f"127.0.0.1 answers at port {there.server.port}."), (True, "It shows the key that was confirmed."),
        (True, f"It lets the user {there.server.user} in."),
        (True, f"Files can be written into {there.name}/out and named."),
        (True, f"Acknowledgements can be looked for in {there.name}/in; files there: 1."),
        (True, f"What was read can be moved to {there.name}/done.")]
    assert there.names() == there.names("done") == [] and fresh(server).test_steps == [list(one) for one in steps]
    assert not SftpArrival.objects.exists()


@pytest.mark.parametrize(("change", "worked", "words"), [
    ({"port": 1}, 0, "does not answer"), ({"fingerprint": "SHA256:x"}, 1, "shows another key"),
    ({"user": "nobody-of-that-name"}, 2, "refused the user"), ({"out_folder": "gone"}, 3, "There is no gone"),
    ({"in_folder": "gone"}, 4, "There is no gone"), ({"done_folder": "gone"}, 5, "There is no gone"),
])
def test_trying_stops_at_the_step_that_fails(there, server, change, worked, words):
    SftpServer.objects.update(**change)
    steps = actions.test(fresh(server), actor=f.staff(), now=LATER)
    assert [ok for ok, _words in steps] == [True] * worked + [False] and words in steps[-1][1]
