"""What a catalogue says of its shelves, as every system says it in its own way."""

import pytest
from lxml import etree

from requests_app.verification import holdings, marc
from requests_app.verification.holdings.words import judge
from requests_app.verification.records import Held
from tests.conftest import SAMPLES
from tests.requests_app.verification.marcs import make

pytestmark = pytest.mark.nodb
SOMEBODY = Held(name="")
OURS = Held(name="", ours=True, symbol="OUR")
needs_samples = pytest.mark.skipif(not (SAMPLES / "z3950_opac").is_dir(), reason="samples are not here")


def rows(root: etree._Element, base: Held = SOMEBODY) -> list[Held]:
    opac = [held for one in root.iter("{*}opacRecord") for held in holdings.from_opac(one, base)]
    return opac or [held for one in marc.from_xml(root) for held in holdings.from_marc(one, base)]


def of(text: str, base: Held = SOMEBODY) -> list[Held]:
    return holdings.from_marc(make(text), base)


def short(held: Held) -> tuple:
    return held.name, held.location, held.call_number, held.available, held.lendable, held.note


# One row a file: name, location, call number, on the shelf, may be lent, note.
FILES = {
    "alma-dickinson-multiple.xml": [
        ("Waidner-Spahr Library", "STACKS", "PS508 .W7 N56 1997", True, None, ""),
        ("Waidner-Spahr Library", "OVERSIZE", "DS735 .W695 2012", True, None, ""),
        ("Waidner-Spahr Library", "STACKS", "DS735 .W695 2015", False, None, "01/25/2023"),
    ],
    "alma-princeton-notfound.xml": [],
    "alma-princeton.xml": [("Firestone Library", "stacks: Firestone Library", "HG2481 .C42 1997", True, None, "")],
    "evergreen-east-central-with-checked-out-item-status.xml": [
        ("EC-RC", "Current", "CAR", False, None, "Checked out")],
    "evergreen-east-central-with-in-transit-item-status.xml": [
        ("EC-PR", "Current", "CAR", False, None, "In transit")],
    "evergreen-north-west-with-available-item-status.xml": [("ROSEAU", "Main", "E pb", True, None, "")],
    "folio-not-requestable.xml": [
        ("Olin Library", "Olin Reserve", "CB19 .G69 2021", True, False, "Olin Reserve"),
        ("Olin Library", "Olin", "CB19 .G69 2021", False, None, "Checked out"),
    ],
    "horizon-hennepin.xml": [
        ("Minneapolis Central (1st floor General)", "Adult Fiction Book (Stacks)", "YEVTUSH", True, None, "")],
    "horizon-southeastern.xml": [
        ("Dodge Center Public Library", "Juvenile Fiction Book", "J BUR", True, None, ""),
        ("Winona Public Library", "Juvenile Fiction Book", "J BURGESS, T.", True, None, ""),
        ("Kasson Public Library", "Juvenile Fiction Book", "J BUR", True, None, ""),
    ],
    "koha-chatham.xml": [("CHATHAM", "CIRC2", "580.1 G733v", False, None, "Checked Out")],
    "polaris-with-in-item-status.xml": [
        ("Main Library", "Juvenile nonfiction shelves", "j574.92 Sill", True, True, "")],
    "polaris-with-out-item-status.xml": [
        ("Main Library", "Juvenile nonfiction shelves", "j394.268 Tate", False, True, "Out, Dec 15 2023")],
    "sierra-laroche-unavail.xml": [("Circulation", "", "608 A58a 1996", False, None, "DUE 01-11-23")],
    "sierra-laroche.xml": [("Circulation", "", "813.54 P648my 2003", True, None, "")],
    "voyager-temp.xml": [(
        "BASS, Lower Level", "BASS, Lower Level, 24-Hour Reserve", "PN56.C612 G48X 2016", True, False,
        "BASS, Lower Level, 24-Hour Reserve",
    )],
}


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_the_shelf_is_read_as_this_system_writes_it(name):
    root = etree.fromstring((SAMPLES / "z3950_opac" / name).read_bytes())
    assert [short(held) for held in rows(root)] == FILES[name]


@needs_samples
def test_no_sample_is_forgotten():
    assert {path.name for path in (SAMPLES / "z3950_opac").glob("*.xml")} == set(FILES)


# Systems of which there is no sample, written as they write.
OTHERS = [
    ("TLC", "982 $1 y $b Warner Library $c WARNER STACKS $i 300 $m PQ2683 $s A",
     ("Warner Library", "WARNER STACKS", "PQ2683", True, None, "")),
    ("Symphony", "926 $a SAL3 $b STACKS $c HV6534 $d STKS-MONO", ("SAL3", "STACKS", "HV6534", None, None, "")),
    ("Symphony, lent", "926 $a GREEN $b CHECKEDOUT $c HV6534", ("GREEN", "", "HV6534", False, None, "CHECKEDOUT")),
    ("Polaris, held", "852 $a Main $b Shelves $h j1 $r Held $7 True", ("Main", "Shelves", "j1", False, True, "Held")),
    ("Koha, on the shelf", "952 $0 0 $1 0 $4 0 $7 0 $a MAIN $b MAIN $c GEN $o 580 $p 31",
     ("MAIN", "GEN", "580", True, None, "")),
    ("Koha, lost", "952 $0 0 $1 2 $b MAIN $o 580 $p 31", ("MAIN", "", "580", False, None, "")),
    ("Koha, checked out", "952 $a MAIN $b MAIN $o 580 $p 31 $q 2030-12-04",
     ("MAIN", "", "580", False, None, "2030-12-04")),
    ("Koha, not for loan", "952 $7 1 $b MAIN $o 580 $p 31", ("MAIN", "", "580", True, False, "")),
    ("MARC holdings", "852 0_ $a X $b Main $c Ref $k Folio $h QA76 $i .K5 $z Ask at the desk",
     ("Main", "Ref", "Folio QA76 .K5", None, False, "Ask at the desk")),
]


@pytest.mark.parametrize("system, field, expected", OTHERS, ids=[row[0] for row in OTHERS])
def test_items_in_marc_fields_are_read(system, field, expected):
    assert [short(held) for held in of(field)] == [expected]


def opac(holding: str) -> etree._Element:
    return etree.fromstring(f"<opacRecord><holdings><holding>{holding}</holding></holdings></opacRecord>")


OPAC = [
    ("Horizon at Johns Hopkins", "<localLocation>Eisenhower</localLocation><callNumber>SH 349</callNumber>"
     "<shelvingData>MSEL Books</shelvingData><circulations><circulation><availableNow value='1'/>"
     "<availableThru>Available</availableThru></circulation></circulations>",
     ("Eisenhower", "", "SH 349", True, None, "")),
    ("WMS", "<localLocation>LFMM</localLocation><shelvingLocation>General</shelvingLocation>"
     "<callNumber>PS3557 S67 2018, </callNumber><circulations><circulation><availableNow value='1'/></circulation>"
     "</circulations>", ("LFMM", "General", "PS3557 S67 2018", True, None, "")),
    ("Sierra, to be looked for", "<localLocation>M</localLocation><publicNote>CHECK SHELVES</publicNote>",
     ("M", "", "", True, None, "")),
    ("Sierra, in the house only", "<localLocation>M</localLocation><publicNote>LIB USE ONLY</publicNote>",
     ("M", "", "", None, False, "LIB USE ONLY")),
    ("FOLIO, at its place", "<localLocation>Olin</localLocation><shelvingLocation>Stacks</shelvingLocation>"
     "<circulations><circulation><availableNow value='1'/><temporaryLocation>Olin</temporaryLocation></circulation>"
     "</circulations>", ("Olin", "Stacks", "", True, None, "")),
    ("held for somebody", "<localLocation>M</localLocation><circulations><circulation><availableNow value='1'/>"
     "<onHold value='1'/></circulation></circulations>", ("M", "", "", False, None, "")),
    ("only ordered", "<receiptAcqStatus>3</receiptAcqStatus><localLocation>M</localLocation><circulations>"
     "<circulation><availableNow value='1'/></circulation></circulations>", ("M", "", "", False, None, "")),
]


@pytest.mark.parametrize("system, holding, expected", OPAC, ids=[row[0] for row in OPAC])
def test_opac_holdings_are_read(system, holding, expected):
    assert [short(held) for held in holdings.from_opac(opac(holding), SOMEBODY)] == [expected]


def test_volumes_of_one_shelf_are_one_row():
    circulations = "".join(
        f"<circulation><availableNow value='{there}'/><enumAndChron>v.{number}</enumAndChron></circulation>"
        for number, there in ((1, 1), (2, 1), (3, 0))
    )
    found = holdings.from_opac(opac(
        f"<localLocation>M</localLocation><circulations>{circulations}</circulations>"), SOMEBODY)
    assert [(held.available, held.volumes) for held in found] == [(True, "v.1; v.2"), (False, "v.3")]


def test_alma_says_in_ava_where_it_stands_and_in_ave_where_it_is_online():
    record = """
        001 99123
        245 10 $a Nature
        AVA __ $0 99123 $8 22 $a 01INST $b MAIN $c Stacks $d QA76 $e available $f 2 $g 1 $q Main Library $v v.1-v.9
        AVA __ $0 99123 $a 01INST $b LAW $c Reserve $d QA77 $e unavailable $q Law Library
        AVE __ $l MAIN $m JSTOR Arts $u https://example.org/open $s Available from 1869 $e Available
        AVE __ $m Gone $u https://example.org/gone $e Not Available
        AVD __ $d Repository $e Scans $h https://example.org/scan
    """
    main, law = of(record, OURS)
    assert (main.name, main.location, main.call_number, main.available, main.volumes) == (
        "Main Library", "Stacks", "QA76", True, "v.1-v.9")
    assert (main.symbol, main.symbol_type, main.ours, main.record_id) == ("MAIN", "LOCAL", True, "99123")
    assert (law.available, law.lendable) == (False, False)
    found = holdings.access_of(make(record), source="own_catalogue")
    assert [(one.url, one.way, one.name, one.coverage) for one in found] == [
        ("https://example.org/open", "licensed", "JSTOR Arts", "Available from 1869"),
        ("https://example.org/scan", "licensed", "Repository", ""),
    ]


def test_a_link_in_a_printed_books_record_is_not_the_book():
    contents = "245 $a T\n856 42 $3 Table of contents $u https://example.org/toc"
    assert holdings.access_of(make(contents), source="x") == []
    online = "007 cr |||\n245 $a T\n856 40 $u https://example.org/a $y Read\n856 40 $u https://example.org/b $7 0\n" \
             "856 42 $u https://example.org/toc\n856 40 $3 Cover $u https://example.org/cover\n856 40 $u ftp://old"
    found = holdings.access_of(make(online), source="x")
    assert [(one.url, one.way) for one in found] == [
        ("https://example.org/a", "licensed"), ("https://example.org/b", "free")]


def test_a_link_with_the_years_of_a_run_is_the_journal():
    online = "007 cr |||\n245 $a T\n856 40 $3 v.1 (1998)-v.13 (2010) $u https://example.org/a\n" \
             "856 40 $3 Cover 2010 $u https://example.org/cover\n856 40 $3 1998 to 2001 $u https://example.org/b"
    found = holdings.access_of(make(online), source="x")
    assert [(one.url, one.coverage) for one in found] == [
        ("https://example.org/a", "v.1 (1998)-v.13 (2010)"), ("https://example.org/b", "1998 to 2001")]


def test_summaries_belong_to_the_holding_that_they_name():
    alone = of("852 $b Main $h QA\n866 $a v.1-v.9\n867 $a Supplement 1")
    assert [held.volumes for held in alone] == ["v.1-v.9; Supplement 1"]
    two = of("852 $8 1 $b Main $h QA\n852 $8 2 $b Law $h QB\n866 $8 2.1 $a v.5-")
    assert [held.volumes for held in two] == ["", "v.5-"]


@needs_samples
def test_a_union_catalogue_names_its_libraries_and_how_they_lend():
    root = etree.fromstring((SAMPLES / "sru" / "responses" / "gvi_sru_response.xml").read_bytes())
    found = rows(root)
    assert [(held.symbol, held.symbol_type, held.lendable) for held in found] == [
        ("DE-705", "ISIL", False), ("DE-21", "ISIL", False), ("DE-24", "ISIL", True), ("DE-180", "ISIL", False),
        ("DE-Ofb1", "ISIL", False),
    ]
    assert found[1].note == "Zugang für die Universität Tübingen"
    root = etree.fromstring((SAMPLES / "sru" / "responses" / "gvi_sru_response_3.xml").read_bytes())
    assert [(held.symbol, held.call_number, held.lendable) for held in rows(root)] == [
        ("DE-89", "T 10 B 6278", True), ("DE-468", "", True), ("DE-Kob7", "", True)]


@pytest.mark.parametrize("code, lendable", [("a", True), ("b", False), ("c", True), ("d", False), ("e", False)])
def test_the_german_codes_of_lending(code, lendable):
    (held,) = of(f"924 0_ $b DE-1 $d {code}")
    assert held.lendable is lendable
    assert of("924 0_ $b DE-1")[0].lendable is None


@needs_samples
@pytest.mark.parametrize("name, expected", [
    ("bibrecord_01.xml", [("US-MNMANS", True), ("US-MNSB", True), ("US-MNSH", True), ("US-MNSSC", True),
                          ("US-MNU", False), ("US-MNU", False), ("US-MNU", False), ("US-MNWINOS", True)]),
    ("anbd_sample.xml", [("AU-NRIV", None), ("AU-NCHC", None), ("AU-NRUL", None), ("AU-VBOR", None),
                         ("AU-VCCLC", None), ("AU-VPPLS", None), ("AU-ANL", None), ("AU-QU", False),
                         ("AU-QUT", False), ("AU-QU", False), ("AU-VMCD", None), ("AU-VDGV", None),
                         ("AU-VWMR", None)]),
])
def test_shared_indexes_name_their_libraries(name, expected):
    root = etree.fromstring((SAMPLES / "sharedindex" / name).read_bytes())
    found = rows(root)
    assert [(held.symbol, held.lendable) for held in found] == expected
    assert {held.available for held in found} == {None}


@pytest.mark.parametrize("text, available, lendable", [
    ("AVAILABLE", True, None), ("DUE 01-11-23", False, None), ("Checked out", False, None), ("In", True, None),
    ("In transit", False, None), ("Out", False, None), ("Held", False, None), ("On holdshelf", False, None),
    ("Not available", False, None), ("Unavailable", False, None), ("Not available for loan", None, False),
    ("Not for loan", None, False), ("Lib use only", None, False), ("Reference", None, False), ("Missing", False, None),
    ("On order", False, None), ("Präsenzbestand", None, False), ("Gen", None, None), ("", None, None),
    ("Threshold", None, None), ("Shout", None, None), ("Holding", None, None), ("Preferred", None, None),
])
def test_words_mean_what_they_mean_and_nothing_more(text, available, lendable):
    found = judge(text)
    assert (found.available, found.lendable) == (available, lendable)
