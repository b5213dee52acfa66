import pytest

from clm.law.notice_contents import defects_of
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
