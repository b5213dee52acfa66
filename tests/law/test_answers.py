"""Whole answers, every step of the basis and every flag: what is not pinned elsewhere is pinned here."""

import pytest

from tests.law.answers import answer, cases


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['of']}: {case['id']}")
def test_the_answer_is_the_one_that_was_found_right(case):
    assert answer(case) == case["answer"]


def test_every_case_has_a_name_of_its_own():
    assert len({(case["of"], case["id"]) for case in cases()}) == len(cases()) > 80
