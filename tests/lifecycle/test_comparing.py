from clm.lifecycle.comparing import difference
from tests.lifecycle.life import at


def event(kind, when="2026-01-08", text="x", cause="1", transition=None):
    return {
        "type": kind,
        "at": at(when),
        "explanation": text,
        "data": {},
        "fact_id": cause,
        "timer_key": None,
        "transition": transition,
        "configuration": [],
        "outcome": None,
        "terms_version": 1,
    }


def kinds(events):
    return [one["type"] for one in events]


def test_what_an_instant_begins_with_stays_and_the_rest_is_told_anew():
    before = [event("executed"), event("formed"), event("effective"), event("suspended", "2026-02-01")]
    after = [event("executed"), event("formed"), event("void"), event("moot", "2026-02-01")]
    new, superseded = difference(after, before)
    assert (kinds(new), kinds(superseded)) == (["void", "moot"], ["effective", "suspended"])


def test_only_another_order_of_one_instant_changes_nothing():
    one, other = event("executed"), event("arrived", cause="2")
    assert difference([one, other], [other, one]) == ([], [])


def test_what_is_told_of_another_instant_stays():
    kept, gone = event("executed", "2026-01-05"), event("formed", "2026-01-08")
    assert difference([kept], [kept, gone]) == ([], [gone])
    assert difference([kept, gone], [kept]) == ([gone], [])


def test_the_same_words_for_another_cause_are_another_event():
    new, superseded = difference([event("executed", cause="2")], [event("executed", cause="1")])
    assert (len(new), len(superseded)) == (1, 1)
