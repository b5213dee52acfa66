from typing import get_args

import pytest

from clm.law import notice_contents
from clm.law.notice_contents import NoticeType, contents_of, defects_of, notice_kinds
from tests.law.holding import holds, neighbour


@holds("R-N11", neighbour=neighbour("clm.law.notice_contents.GROUNDED", lambda _: frozenset(), "any words will do"))
@holds(
    "R-N11",
    neighbour=neighbour(
        "clm.law.notice_contents.GROUNDED", lambda known: known | {"demand"}, "a plain demand needs a ground, too"
    ),
)
def test_what_exercises_a_right_names_its_ground():
    assert [(defect.pointer, defect.rule) for defect in defects_of("rescission", None)] == [("/ground", "R-N11")]
    assert defects_of("rescission", "material_breach") == []
    assert defects_of("demand", None) == []


@pytest.mark.parametrize("notice_type", ["cure_notice", "rescission"])
def test_the_defect_names_the_type(notice_type):
    assert notice_type in defects_of(notice_type, None)[0].message


@holds(
    "R-N10",
    neighbour=neighbour(
        "clm.law.notice_contents.contents_of", lambda _: lambda *_args, **_named: [], "a notice may say what it likes"
    ),
)
def test_what_a_notice_does_not_state_is_named():
    contents = notice_contents.contents_of(
        "assignment", ground=None, clause=None, cure=None, details={"claim": "三月服务费", "assignee": ""}
    )
    assert {one.key: one.stated for one in contents} == {"claim": True, "assignee": False, "assigned_on": False}


def test_every_type_has_contents_with_their_source():
    assert list(notice_kinds()) == list(get_args(NoticeType))
    for kind in notice_kinds().values():
        assert kind.contents
        assert all(one.source and one.title_zh and one.pointer[0] == "/" for one in kind.contents)
        assert len({one.key for one in kind.contents}) == len(kind.contents)


def test_a_type_lacks_its_effect_exactly_without_what_is_needed_for_it():
    needed = {
        kind.type
        for kind in notice_kinds().values()
        if any(c.pointer == "/ground" and c.needed == "effect" for c in kind.contents)
    }
    assert needed == notice_contents.GROUNDED


def test_a_cure_and_a_clause_are_stated_where_they_are_given():
    contents = contents_of("cure_notice", ground="late_payment", clause="7.4", cure={"automatic": True}, details={})
    assert [one.key for one in contents if one.stated] == ["ground", "clause", "cure"]
