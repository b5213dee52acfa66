import pytest

from clm.law.rolling import default_roll, step_of
from tests.law.holding import holds, neighbour

ACTS = ["payment", "cure", "objection", "exercise_of_right", "notice_duty", "limitation"]
ENDS = ["term", "confidentiality", "licence", "deemed_delivery", "fixed_date"]


@holds("R-T8", neighbour=neighbour("clm.law.rolling._ACTS", lambda _: frozenset(), "nothing rolls"))
@holds("R-T8", neighbour=neighbour("clm.law.rolling._ACTS", lambda _: frozenset(ACTS + ENDS), "everything rolls"))
def test_periods_to_act_in_roll_and_what_ends_by_itself_does_not():
    assert {default_roll(one) for one in ACTS} == {"forward"}
    assert {default_roll(one) for one in ENDS} == {"none"}


@pytest.mark.parametrize("period_class", ACTS + ENDS)
def test_the_step_names_the_class(period_class):
    step = step_of(period_class)
    assert step.rule == "R-T8"
    assert period_class.replace("_", " ") in step.text
