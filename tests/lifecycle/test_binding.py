"""Which version of an attachment binds, by the three ways there are."""

import datetime as dt

import pytest

from clm.lifecycle.binding import Amended, Awaited, Said, Standing, Stored, awaited, binding, check
from clm.lifecycle.world import Refused


def at(day, hour=0):
    return dt.datetime.fromisoformat(f"2026-{day}T{hour:02}:00:00+08:00")


FORMED, EFFECTIVE = at("01-08"), at("03-01")
STANDING = Standing(roles=["A", "B"], formed_at=FORMED, effective_at=EFFECTIVE, ended_at=None)
VERSIONS = [Stored(1, at("01-05")), Stored(2, at("01-07")), Stored(3, at("02-01")), Stored(4, at("04-01"))]


def bound(rule="bilateral", said=(), amended=(), as_of="12-01", standing=STANDING):
    found = binding(standing, rule, VERSIONS, list(said), list(amended), at(as_of))
    return None if found is None else (found.version, found.since, found.basis.rule)


def words(*said):
    return [Said(no, word, party, at(day)) for no, word, party, day in said]


def test_the_last_version_there_at_formation_binds_from_effect():
    assert bound() == (2, EFFECTIVE, "R-AT1")
    assert bound(as_of="02-28") is None


@pytest.mark.parametrize("rule", ["bilateral", "A_unilateral", "B_unilateral_with_A_approval"])
def test_a_version_stored_later_binds_nobody_by_being_there(rule):
    assert bound(rule)[0] == 2


@pytest.mark.parametrize(
    ("rule", "said", "expected"),
    [
        ("A_unilateral", [(4, "adopt", "A", "04-02")], (4, at("04-02"), "R-AT3")),
        ("bilateral", [(4, "adopt", "A", "04-02")], (2, EFFECTIVE, "R-AT1")),
        ("bilateral", [(4, "adopt", "A", "04-02"), (4, "adopt", "B", "04-05")], (4, at("04-05"), "R-AT3")),
        ("B_unilateral_with_A_approval", [(4, "adopt", "B", "04-02")], (2, EFFECTIVE, "R-AT1")),
        (
            "B_unilateral_with_A_approval",
            [(4, "adopt", "B", "04-02"), (4, "approve", "A", "04-09")],
            (4, at("04-09"), "R-AT3"),
        ),
        (
            "bilateral",
            [(4, "adopt", "A", "04-02"), (4, "reject", "A", "04-03"), (4, "adopt", "B", "04-05")],
            (2, EFFECTIVE, "R-AT1"),
        ),
        (
            "bilateral",
            [(3, "adopt", "A", "02-02"), (3, "adopt", "B", "02-03")],
            (3, EFFECTIVE, "R-AT3"),
        ),
    ],
)
def test_the_update_rule_gives_the_word(rule, said, expected):
    assert bound(rule, words(*said)) == expected


def test_an_amendment_names_a_version_and_what_comes_last_binds():
    amended = [Amended(3, at("05-01"))]
    later = words((4, "adopt", "A", "06-01"))
    assert bound("A_unilateral", amended=amended) == (3, at("05-01"), "R-AT2")
    assert bound("A_unilateral", later, amended) == (4, at("06-01"), "R-AT3")
    assert bound("A_unilateral", later, amended, as_of="05-31")[0] == 3


def test_after_the_end_the_last_that_bound_stays():
    ended = Standing(roles=["A", "B"], formed_at=FORMED, effective_at=EFFECTIVE, ended_at=at("05-01"))
    assert bound("A_unilateral", words((4, "adopt", "A", "04-02")), [Amended(1, at("05-02"))], standing=ended)[0] == 4


@pytest.mark.parametrize(
    ("rule", "new", "says"),
    [
        ("A_unilateral", (4, "adopt", "B", "04-02"), "for A to adopt"),
        ("A_unilateral", (4, "approve", "A", "04-02"), "for nobody to approve"),
        ("B_unilateral_with_A_approval", (4, "adopt", "A", "04-02"), "for B to adopt"),
        ("B_unilateral_with_A_approval", (4, "approve", "A", "04-02"), "nothing to approve"),
        ("bilateral", (4, "adopt", "A", "03-31"), "came to be at"),
        ("bilateral", (2, "adopt", "A", "01-07"), "had not formed"),
        ("bilateral", (3, "adopt", "A", "04-02"), "said so already"),
    ],
)
def test_words_that_nobody_has(rule, new, says):
    [said] = words(new)
    before = words((3, "adopt", "A", "02-02"))
    version = next(one for one in VERSIONS if one.no == said.no)
    with pytest.raises(Refused, match=says):
        check(STANDING, rule, version, before, said, None)


def refused(rule, before, new, as_of="12-01"):
    """Why a word is refused that is said after others, or None."""
    before, [said] = words(*before), words(new)
    version = next(one for one in VERSIONS if one.no == said.no)
    try:
        check(STANDING, rule, version, before, said, binding(STANDING, rule, VERSIONS, before, [], at(as_of)))
    except Refused as error:
        return error.reasons[0].message
    return None


AGREED = {
    "bilateral": [(4, "adopt", "A", "04-02"), (4, "adopt", "B", "04-05")],
    "B_unilateral_with_A_approval": [(4, "adopt", "B", "04-02"), (4, "approve", "A", "04-05")],
}


@pytest.mark.parametrize("rule", AGREED)
@pytest.mark.parametrize("day", ["04-03", "04-10"])
def test_nobody_undoes_alone_what_is_agreed_or_that_it_was(rule, day):
    assert "came to bind at 2026-04-05" in refused(rule, AGREED[rule], (4, "reject", "A", day))
    assert refused(rule, AGREED[rule][:1], (4, "reject", "A", "04-03")) is None


def test_a_party_goes_back_to_an_earlier_version_by_taking_it_again():
    said = [(3, "adopt", "A", "04-02"), (4, "adopt", "A", "04-03")]
    assert "has bound since 2026-04-03" in refused("A_unilateral", said, (4, "adopt", "A", "05-01"))
    assert refused("A_unilateral", said, (3, "adopt", "A", "05-01")) is None
    again = words(*said, (3, "adopt", "A", "05-01"))
    assert [bound("A_unilateral", again, as_of=day)[0] for day in ("04-02", "04-03", "04-30", "05-01")] == [3, 4, 4, 3]


def test_what_is_agreed_again_needs_every_word_again():
    said = AGREED["bilateral"] + [(3, "adopt", "A", "05-01"), (3, "adopt", "B", "05-02"), (4, "adopt", "B", "06-01")]
    assert bound("bilateral", words(*said))[0] == 3
    assert bound("bilateral", words(*said, (4, "adopt", "A", "06-02"))) == (4, at("06-02"), "R-AT3")


def test_the_words_that_are_missing_are_told():
    def missing(rule, *said):
        return awaited(STANDING, rule, words(*said))

    assert missing("bilateral", (4, "adopt", "A", "04-02")) == [Awaited(4, "B", "adopt")]
    assert missing("bilateral", (4, "adopt", "A", "04-02"), (4, "reject", "A", "04-03")) == []
    assert missing("bilateral", *AGREED["bilateral"]) == []
    assert missing("B_unilateral_with_A_approval", (4, "adopt", "B", "04-02")) == [Awaited(4, "A", "approve")]


def test_a_file_that_was_entered_after_the_contract_was_formed_says_so():
    late = [Stored(1, at("01-05"), at("02-01"))]
    [step] = binding(STANDING, "bilateral", late, [], [], at("12-01")).basis.steps
    assert "when it was entered at 2026-02-01" in step.text


def test_nothing_binds_anew_after_the_end():
    ended = Standing(roles=["A", "B"], formed_at=FORMED, effective_at=EFFECTIVE, ended_at=at("05-01"))
    with pytest.raises(Refused, match="nothing binds anew"):
        check(ended, "bilateral", VERSIONS[3], [], words((4, "adopt", "A", "05-01"))[0], None)


def test_of_two_that_came_to_bind_at_one_instant_the_newer_version_does():
    both = words((4, "adopt", "A", "04-02"), (3, "adopt", "A", "04-02"))
    assert bound("A_unilateral", both) == (4, at("04-02"), "R-AT3")
    assert bound("A_unilateral", both[::-1]) == (4, at("04-02"), "R-AT3")
