import msgspec
import pytest

from clm.law.basis import LawError
from clm.law.calendars import china
from clm.law.payment_terms import DueClause, due_date
from tests.law.sums import day, interest, rate, relation

DELIVERY = {"delivery": "2026-03-01"}
LARGE, PUBLIC = relation("large", "small"), relation("public_body", "small")


def after(anchor, length, unit="day", **more):
    period = {"length": length, "unit": unit}
    return {"after": {"anchor": anchor, "period": period} | more}


def due(clause, anchors, who=None):
    agreed = None if clause is None else msgspec.convert(clause, DueClause)
    dated = {name: day(text) for name, text in anchors.items()}
    return due_date(agreed, dated, calendar=china(), **({"relation": who} if who else {}))


def test_g09_what_holds_for_an_sme_where_nothing_or_too_much_is_agreed():
    large, public = due(None, DELIVERY, LARGE), due(None, DELIVERY, PUBLIC)
    too_long = due(after("delivery", 75), DELIVERY, PUBLIC)
    assert [str(one.due) for one in (large, public, too_long)] == ["2026-04-30", "2026-03-31", "2026-04-30"]
    assert [one.flags for one in (large, public, too_long)] == [(), (), ("CAPPED_AT_60_DAYS",)]
    assert all(one.basis.rule == "R-M7" for one in (large, public, too_long))


def test_a_public_body_may_agree_on_60_days():
    assert due(after("delivery", 60, roll="none"), DELIVERY, PUBLIC).flags == ()
    assert str(due(after("delivery", 45), DELIVERY, PUBLIC).due) == "2026-04-15"
    assert due(after("delivery", 61, roll="none"), DELIVERY, PUBLIC).flags == ("CAPPED_AT_60_DAYS",)


def test_a_large_enterprise_may_agree_on_more_if_that_is_reasonable():
    found = due(after("delivery", 75), DELIVERY, LARGE)
    assert (str(found.due), found.flags, found.assumed) == ("2026-05-15", ("REASONABLE_TERM",), True)
    assert due(after("delivery", 60, roll="none"), DELIVERY, LARGE).flags == ()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "2026-03-31"),
        ({"delivery_accepted": "2026-03-10"}, "2026-04-09"),
        ({"delivery_accepted": "2026-03-10", "statement_confirmed": "2026-03-20"}, "2026-04-20"),
    ],
)
def test_the_statutory_period_starts_with_settlement_then_acceptance_then_delivery(more, expected):
    assert str(due(None, DELIVERY | more, PUBLIC).due) == expected  # 19 April 2026 is a Sunday


def test_g14_a_clause_that_waits_for_a_third_party_is_void():
    waiting = relation("large", "small", None, pay_when_paid=True)
    found = due(None, DELIVERY, waiting)
    assert (str(found.due), found.flags, found.assumed) == ("2026-04-30", ("BACK_TO_BACK_VOID",), True)
    agreed = due(after("delivery", 30, roll="forward"), DELIVERY, waiting)
    assert (str(agreed.due), agreed.flags, agreed.assumed) == ("2026-03-31", ("BACK_TO_BACK_VOID",), False)
    others = due(after("delivery", 30), DELIVERY, relation("small", "small", None, pay_when_paid=True))
    assert others.flags == ()


def test_g12_g13_a_due_date_rolls_and_interest_runs_from_the_day_after():
    found = due(after("invoice_received", 10, roll="forward"), {"invoice_received": "2026-09-21"})
    assert (str(found.due), str(found.overdue_from), found.assumed) == ("2026-10-08", "2026-10-09", False)
    assert str(found.nominal_due) == "2026-10-01"
    assert (found.basis.rule, found.basis.anchor) == ("R-T3", {"invoice_received": "2026-09-21"})
    late = interest("120000.00", str(found.due), "2026-10-20", rate(per_day="0.0003"))
    assert (late.days, late.interest.amount) == (12, "432.00")
    assert late.segments[0].start == found.overdue_from


def test_working_days_and_a_fixed_date():
    counted = due(after("statement_confirmed", 10, "working_day"), {"statement_confirmed": "2025-01-20"})
    fixed = due({"date": "2026-05-02"}, {})
    assert (str(counted.due), counted.assumed) == ("2025-02-08", False)
    assert (str(fixed.due), str(fixed.overdue_from), fixed.assumed) == ("2026-05-02", "2026-05-03", False)


def test_a_missing_holiday_notice_leaves_the_day_open():
    found = due(after("delivery", 10), {"delivery": "2027-02-01"})
    assert (found.due, found.overdue_from, found.status) == (None, None, "provisional")
    assert str(found.nominal_due) == "2027-02-11"


@pytest.mark.parametrize(
    ("clause", "anchors", "who", "field"),
    [
        (None, DELIVERY, None, "due"),
        (None, {"signing": "2026-01-01"}, PUBLIC, "/anchors/delivery"),
        ({}, DELIVERY, None, "due"),
        (after("delivery", 10) | {"date": "2026-05-01"}, DELIVERY, None, "due"),
        (after("signing", 10), DELIVERY, None, "/anchors/signing"),
        (after("delivery", 10, "hour"), DELIVERY, None, "/due/after/period/unit"),
        (after("delivery", 10**9), DELIVERY, None, "/due/after/period"),
        (after("delivery", 10), {"delivery": "1989-12-31"}, None, "/anchors/delivery"),
        ({"date": "2101-01-01"}, {}, None, "/due/date"),
        (None, {"delivery": "2100-12-20"}, PUBLIC, "/anchors/delivery"),
        (after("delivery", 5), {"delivery": "2100-12-01"}, LARGE, "/anchors/delivery"),
    ],
)
def test_what_leaves_the_day_unsaid_is_refused(clause, anchors, who, field):
    with pytest.raises(LawError) as refused:
        due(clause, anchors, who)
    assert refused.value.field == field


def test_a_fixed_date_is_answered_without_knowing_the_delivery_and_says_what_is_not_checked():
    found = due({"date": "2026-03-01"}, {}, LARGE)
    assert (str(found.due), found.flags) == ("2026-03-01", ("LIMIT_NOT_CHECKED",))
    with pytest.raises(LawError, match="say when that was"):
        due(None, {}, LARGE)
