"""The registry of rules: complete, nothing in it that no code names, and every rule held by a test that can fail."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from clm.law.rules import RULES
from tests.law.holding import holdings, neighbour, replaced

RULE_ID = re.compile(r'"(R-[A-Z]+-?[A-Z]*\d*|L\d\d)"')
KNOWN = {rule.id for rule in RULES}
HOLDINGS = holdings()


def named_in_code():
    sources = (entry for entry in files("clm.law").iterdir() if entry.name.endswith(".py") and entry.name != "rules.py")
    return {found for source in sources for found in RULE_ID.findall(source.read_text(encoding="utf-8"))}


def test_the_registry_has_each_rule_once():
    assert [one for one, times in Counter(rule.id for rule in RULES).items() if times > 1] == []
    assert all(rule.says.endswith(".") and rule.source for rule in RULES)


def test_every_rule_that_the_code_names_is_registered():
    assert named_in_code() - KNOWN == set()


def test_every_registered_rule_is_held():
    assert KNOWN - {one.rule for one in HOLDINGS} == set()


def test_only_registered_rules_are_held():
    assert {one.rule for one in HOLDINGS} - KNOWN == set()


def _name(one):
    return f"{one.rule}: {one.neighbour.says}".encode("ascii", "replace").decode()  # see conftest.py


@pytest.mark.parametrize("holding", HOLDINGS, ids=_name)
def test_the_test_of_a_rule_fails_under_its_neighbour(holding):
    with replaced(holding.neighbour), pytest.raises(AssertionError):
        holding.test()


def test_a_test_that_does_not_see_the_neighbour_would_be_found():
    blind = neighbour("clm.law.periods._ONE_DAY", lambda day: day, "the rule itself")
    holding = HOLDINGS[0]
    with replaced(blind):
        holding.test()
