import datetime as dt

import pytest

from clm.law.calendars import china
from clm.law.confidentiality import InvalidConfidentiality, status_at, term_of, validate
from clm.law.periods import SHANGHAI

TERMINATED = {"termination": dt.date(2026, 5, 20), "signing": dt.date(2025, 7, 1), "disclosure": dt.date(2026, 1, 15)}


def after(anchor, length, unit="year", **more):
    return {"after": {"anchor": anchor, "period": {"length": length, "unit": unit}, "roll": "none", **more}}


def term(end, item_class="ordinary", anchors=None, **choices):
    rules = validate([{"class": item_class, "start": "disclosure", "end": end}])
    return term_of(
        rules, item_class=item_class, anchors=TERMINATED if anchors is None else anchors, calendar=china(), **choices
    )


def unruled(rules, item_class, **choices):
    return term_of(validate(rules), item_class=item_class, anchors=TERMINATED, calendar=china(), **choices)


def instant(text):
    return dt.datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("end", "last_day"),
    [
        pytest.param(after("termination", 3), "2029-05-20", id="F01"),
        pytest.param(after("signing", 2), "2027-07-01", id="F03"),
        pytest.param(after("termination", 5), "2031-05-20", id="F12"),
        pytest.param(after("disclosure", 5), "2031-01-15", id="from disclosure"),
        pytest.param(after("termination", 3, count_start_day=True), "2029-05-19", id="start day counted"),
        pytest.param({"date": "2030-01-01"}, "2030-01-01", id="date"),
        pytest.param({"later_of": [after("signing", 2), after("termination", 3)]}, "2029-05-20", id="later"),
        pytest.param({"earlier_of": [after("signing", 2), after("termination", 3)]}, "2027-07-01", id="earlier"),
        pytest.param(
            {"earlier_of": [{"until": "public_or_no_longer_secret"}, {"date": "2030-01-01"}]}, "2030-01-01", id="or"
        ),
        pytest.param(
            {"earlier_of": [after("return_of_data", 1), {"date": "2030-01-01"}]}, "2030-01-01", id="or unreached"
        ),
    ],
)
def test_ends(end, last_day):
    found = term(end)
    assert found.ends_on.isoformat() == last_day
    assert found.ends_at == dt.datetime.combine(found.ends_on + dt.timedelta(days=1), dt.time(), tzinfo=SHANGHAI)
    assert (found.open, found.assumed, found.flags, found.basis.status) == (False, False, (), "final")


@pytest.mark.parametrize(
    "end",
    [
        {"until": "public_or_no_longer_secret"},
        {"perpetual": True},
        {"later_of": [after("termination", 3), {"until": "public_or_no_longer_secret"}]},
        {"later_of": [after("termination", 3), after("return_of_data", 1)]},
        {"earlier_of": [after("return_of_data", 1), {"perpetual": True}]},
        after("return_of_data", 1),
    ],
)
def test_open_ends(end):
    found = term(end)
    assert (found.ends_on, found.ends_at, found.open) == (None, None, True)
    assert status_at(found, instant("2090-01-01T00:00:00")) == "active_open"


def test_expiry_at_the_end_of_the_last_day():
    found = term(after("termination", 3))
    assert status_at(found, instant("2029-05-20T23:59:59")) == "active_running"
    assert status_at(found, instant("2029-05-21T00:00:00")) == "expired"


def test_an_anchor_that_is_undone_reopens_the_term():
    found = term(after("termination", 3), anchors={"termination": None, "disclosure": dt.date(2026, 1, 15)})
    assert (found.open, found.basis.anchor) == (True, {"termination": None})
    assert status_at(found, instant("2030-01-01T00:00:00")) == "active_open"


@pytest.mark.parametrize(
    ("item_class", "residual"),
    [
        ("ordinary", "post_contract"),
        ("contract_content", "post_contract"),
        ("trade_secret", "trade_secret"),
        ("personal_info", "personal_info"),
    ],
)
def test_a_duty_stays_when_the_agreed_term_has_ended(item_class, residual):
    found = term(after("termination", 3), item_class)
    assert found.residual_on_expiry == residual
    assert status_at(found, instant("2030-01-01T00:00:00")) == "expired"
    assert term({"perpetual": True}, "trade_secret").residual_on_expiry is None


def test_an_agreed_tolling_adds_its_days():
    assert term(after("termination", 3), toll_days=90).ends_on == dt.date(2029, 8, 18)
    assert "R-C4" in [step.rule for step in term(after("termination", 3), toll_days=90).basis.steps]
    assert term({"perpetual": True}, toll_days=90).ends_on is None


def test_a_roll_that_nobody_agreed_is_assumed():
    found = term({"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}})
    assert (found.ends_on, found.assumed) == (dt.date(2029, 5, 20), True)


def test_a_missing_notice_leaves_the_end_provisional():
    found = term(after("termination", 3, roll="forward"))
    assert (found.basis.status, found.ends_on, found.open) == ("provisional", None, False)
    assert found.ends_at == instant("2029-05-21T00:00:00")
    assert status_at(found, instant("2029-06-01T00:00:00")) == "active_running"
    both = {"later_of": [after("termination", 3, roll="forward"), {"date": "2030-01-01"}]}
    assert term(both).basis.status == "provisional"
    either = {"earlier_of": [after("termination", 3, roll="forward"), {"date": "2027-01-01"}]}
    assert (term(either).basis.status, term(either).ends_on) == ("final", dt.date(2027, 1, 1))


@pytest.mark.parametrize(
    ("item_class", "last_day", "rule"),
    [
        ("ordinary", dt.date(2029, 5, 20), "R-C-DEFAULT"),
        ("contract_content", dt.date(2029, 5, 20), "R-C-DEFAULT"),
        ("trade_secret", None, "R-C-DEFAULT"),
        ("personal_info", None, "R-C7"),
    ],
)
def test_without_any_clause_the_default_of_the_class_holds(item_class, last_day, rule):
    found = unruled([], item_class)
    assert (found.ends_on, found.assumed, found.flags, found.basis.rule) == (last_day, True, ("DEFAULTED",), rule)


def test_talks_that_led_to_no_contract_bind_without_end():
    anchors = {"negotiation": dt.date(2026, 1, 10), "disclosure": dt.date(2026, 1, 15)}
    found = term_of((), item_class="ordinary", anchors=anchors, calendar=china())
    assert (found.open, found.ends_on) == (True, None)


@pytest.mark.parametrize(
    ("rules", "silent"),
    [
        ([{"class": "ordinary"}], True),
        ([{"class": "trade_secret", "end": {"perpetual": True}}], True),
        ([{"class": "ordinary", "end": {"after": {"period": {"length": 3, "unit": "year"}}}}], False),
        (
            [{"class": "ordinary", "end": {"later_of": [{"after": {"period": {"length": 3, "unit": "year"}}}]}}],
            False,
        ),
        (
            [{"class": "ordinary", "end": {"perpetual": True}}, {"class": "ordinary", "end": {"date": "2030-01-01"}}],
            False,
        ),
        ([{"class": "ordinary"}, {"class": "ordinary", "end": {"date": "2030-01-01"}}], False),
    ],
)
def test_an_unclear_clause_lasts_until_the_secret_is_out(rules, silent):
    found = unruled(rules, "ordinary")
    flags = ("AMBIGUOUS", "SILENT") if silent else ("AMBIGUOUS",)
    assert (found.open, found.assumed, found.flags, found.basis.rule) == (True, True, flags, "R-C10")
    assert "until public or no longer secret" in found.basis.steps[1].text


@pytest.mark.parametrize(
    ("rules", "rule", "flags"),
    [
        ([], "R-C7", ("DEFAULTED",)),
        ([{"class": "ordinary", "end": {"date": "2028-01-01"}}], "R-C7", ("DEFAULTED",)),
        ([{"class": "personal_info"}], "R-C10", ("AMBIGUOUS", "SILENT")),
    ],
)
def test_personal_information_without_an_agreed_end_has_none(rules, rule, flags):
    found = unruled(rules, "personal_info")
    assert (found.ends_on, found.ends_at, found.open, found.assumed) == (None, None, True, True)
    assert (found.basis.rule, found.flags, found.residual_on_expiry) == (rule, flags, "personal_info")
    texts = " ".join(step.text for step in found.basis.steps)
    assert "independently of the agreed term" in texts
    assert "public" not in texts


def test_a_default_of_the_type_is_not_called_the_contracts_clause():
    rules = [{"class": "ordinary", "end": after("termination", 3)}]
    agreed, default = unruled(rules, "ordinary"), unruled(rules, "ordinary", rules_assumed=True)
    assert (agreed.ends_on, agreed.assumed) == (default.ends_on, False)
    assert "the contract's confidentiality clause" in agreed.basis.source
    assert (default.assumed, default.basis.rule) == (True, "R-C3")
    assert "default of the contract type (policy 3.12)" in default.basis.source
    silent = unruled(rules, "contract_content", rules_assumed=True)
    assert silent.basis.steps[1].text.startswith("the contract type's default sets no end")


def test_the_rule_for_the_item_goes_before_its_class_and_before_all():
    rules = [
        {"class": "all", "end": {"date": "2028-01-01"}},
        {"class": "ordinary", "end": {"date": "2029-01-01"}},
        {"class": "ordinary", "item": "price list", "end": {"date": "2030-01-01"}},
    ]
    assert unruled(rules, "trade_secret").ends_on == dt.date(2028, 1, 1)
    assert unruled(rules, "ordinary").ends_on == dt.date(2029, 1, 1)
    assert unruled(rules, "ordinary", item="price list").ends_on == dt.date(2030, 1, 1)
    assert unruled([*rules, rules[1]], "ordinary").flags == ()


def test_the_basis_tells_start_and_anchor():
    basis = term(after("termination", 3)).basis
    assert (basis.rule, basis.anchor) == ("R-C3", {"termination": "2026-05-20"})
    assert [step.rule for step in basis.steps] == ["R-C1", "R-C3", "R-C2", "R-T3", "R-T6"]


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ({"class": "ordinary"}, ""),
        ([{"end": {"perpetual": True}}], "/0/class"),
        ([{"class": "secret"}], "/0/class"),
        ([{"class": "ordinary", "start": "birth"}], "/0/start"),
        ([{"class": "ordinary", "extra": 1}], "/0"),
        ([{"class": "ordinary", "end": {}}], "/0/end"),
        ([{"class": "ordinary", "end": {"perpetual": True, "date": "2030-01-01"}}], "/0/end"),
        ([{"class": "ordinary", "end": {"perpetual": False}}], "/0/end/perpetual"),
        ([{"class": "ordinary", "end": {"date": "2030-02-30"}}], "/0/end/date"),
        ([{"class": "ordinary", "end": {"date": "2130-02-01"}}], "/0/end/date"),
        ([{"class": "ordinary", "end": {"later_of": []}}], "/0/end/later_of"),
        ([{"class": "ordinary", "end": after("termination", 0)}], "/0/end/after/period/length"),
        ([{"class": "ordinary", "end": after("termination", 3, "hour")}], "/0/end/after/period/unit"),
        (
            [{"class": "ordinary", "end": {"earlier_of": [{"perpetual": True}, after("death", 3)]}}],
            "/0/end/earlier_of/1/after/anchor",
        ),
    ],
)
def test_bad_rules_are_pointed_at(rules, pointer):
    with pytest.raises(InvalidConfidentiality) as caught:
        validate(rules)
    assert caught.value.field == pointer
    assert caught.value.message


@pytest.mark.parametrize("depth", [9, 50_000])
def test_rules_nest_eight_deep_at_most(depth):
    end = {"perpetual": True}
    for _ in range(depth - 1):
        end = {"later_of": [end]}
    with pytest.raises(InvalidConfidentiality, match="deep"):
        validate([{"class": "ordinary", "end": end}])


def test_term_refuses_an_unknown_class_and_endless_tolling():
    with pytest.raises(InvalidConfidentiality):
        unruled([], "gossip")
    with pytest.raises(InvalidConfidentiality):
        term({"perpetual": True}, toll_days=-1)


def scoped(*rules, **about):
    about = {"item_class": "ordinary", **about}
    return unruled(
        [{"class": "all", "end": {"date": f"203{n}-01-01"}, **rule} for n, rule in enumerate(rules)], **about
    )


@pytest.mark.parametrize(
    ("rules", "about", "chosen"),
    [
        ([{}, {"class": "ordinary"}], {}, 1),
        ([{}, {"owner": "A"}], {"owner": "A"}, 1),
        ([{}, {"owner": "A"}], {"owner": "B"}, 0),
        ([{}, {"owner": "A"}], {}, 0),
        ([{"owner": "A"}, {"class": "ordinary"}], {"owner": "A"}, 1),
        ([{"class": "ordinary"}, {"class": "ordinary", "owner": "A"}], {"owner": "A"}, 1),
        ([{"class": "ordinary", "owner": "A"}, {"attachment_kind": "scripts"}], {"owner": "A"}, 0),
        (
            [{"class": "ordinary", "owner": "A"}, {"attachment_kind": "scripts"}],
            {"owner": "A", "attachment_kinds": ["scripts"]},
            1,
        ),
        ([{"attachment_kind": "scripts"}, {"item": "话术"}], {"item": "话术", "attachment_kinds": ["scripts"]}, 1),
        ([{"item": "话术", "owner": "B"}, {}], {"item": "话术", "owner": "A"}, 1),
        ([{"item": "话术", "owner": "A"}, {"item": "话术"}], {"item": "话术", "owner": "A"}, 0),
    ],
)
def test_the_closest_rule_counts(rules, about, chosen):
    found = scoped(*rules, **about)
    assert (str(found.ends_on), found.flags) == (f"203{chosen}-01-01", ())


def test_rules_as_close_as_each_other_that_differ_are_unclear():
    kinds = [{"attachment_kind": "scripts"}, {"attachment_kind": "price_list"}]
    assert scoped(*kinds, attachment_kinds=["scripts"]).flags == ()
    assert scoped(*kinds, attachment_kinds=["scripts", "price_list"]).flags == ("AMBIGUOUS",)


def test_a_rule_for_the_other_side_alone_is_silent_for_this_one():
    assert scoped({"owner": "B"}, owner="A").flags == ("AMBIGUOUS", "SILENT")


def test_while_a_tolling_runs_no_end_is_known():
    found = term(after("termination", 3), toll_since=dt.date(2029, 5, 1))
    assert (found.ends_on, found.open, found.residual_on_expiry) == (None, True, "post_contract")
    assert "R-C4" in [step.rule for step in found.basis.steps]
