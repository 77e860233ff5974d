"""What is stored of an answer says the same when it is read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.verification.records import Access, Answer, Held, Record, from_json, to_json

pytestmark = pytest.mark.nodb
WORDS = st.sampled_from(["", "Main", "История"])
SAID = st.sampled_from([None, True, False])


@given(WORDS, SAID, SAID, st.booleans(), st.booleans(), st.booleans())
def test_not_available_is_not_the_same_as_not_said(name, available, lendable, ours, retained, limited):
    answer = Answer(
        records=(Record(title=name, also=(("title", name),), isbns=("9780306406157",)),),
        held=(Held(name=name, available=available, lendable=lendable, ours=ours, retained=retained),),
        access=(Access("https://a.example", "free", limited=limited, is_pdf=ours),),
    )
    assert from_json(json.loads(json.dumps(to_json(answer)))) == answer


def test_what_says_nothing_takes_no_room():
    assert to_json(Answer(held=(Held(name="Main"),))) == {"held": [{"name": "Main"}]}
