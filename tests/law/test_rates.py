import datetime as dt
from decimal import Decimal

import pytest

from clm.law.basis import LawError
from clm.law.rates import RateRow, Rates, lpr, rate_rows


def day(text):
    return dt.date.fromisoformat(text)


def row(date, rate):
    return RateRow(day(date), Decimal(rate), "made up")


def test_the_last_publication_on_or_before_the_day_holds():
    assert lpr().on(day("2024-10-20")).rate == Decimal("0.0335")
    assert lpr().on(day("2024-10-21")).rate == Decimal("0.0310")
    assert lpr().on(day("2025-05-19")).rate == Decimal("0.0310")
    assert lpr().on(day("2100-12-31")).rate == Decimal("0.0300")


def test_before_the_first_publication_there_is_no_rate():
    assert lpr().on(day("2019-08-20")).rate == Decimal("0.0425")
    with pytest.raises(LawError, match="2019-08-20") as refused:
        lpr().on(day("2019-08-19"))
    assert refused.value.field == "rates"


def test_a_rate_is_certain_until_the_next_publication_is_due():
    assert lpr().known_until == day("2026-07-20")
    assert not lpr().is_provisional(day("2026-07-19"))
    assert lpr().is_provisional(day("2026-07-20"))
    assert Rates.from_rows([row("2026-12-21", "0.03")]).known_until == day("2027-01-20")


def test_publications_are_listed_between_two_days():
    found = [str(one.date) for one in lpr().between(day("2024-07-22"), day("2025-05-20"))]
    assert found == ["2024-10-21", "2025-05-20"]
    assert lpr().between(day("2030-01-01"), day("2031-01-01")) == ()


def test_what_was_published_by_a_day_is_what_was_known_then():
    assert lpr().up_to(day("2024-10-21")).rows[-1].rate == Decimal("0.0310")
    assert lpr().up_to(day("2024-10-20")).rows[-1].rate == Decimal("0.0335")
    assert lpr().up_to(day("2100-12-31")) == lpr()
    assert [str(one.date) for one in lpr().up_to(day("1990-01-01")).rows] == ["2019-08-20"]


def test_order_and_repetition_of_rows_change_nothing():
    rows = [row("2020-02-20", "0.04"), row("2020-01-20", "0.05"), row("2020-02-20", "0.040")]
    assert Rates.from_rows(rows).rows == (rows[1], rows[0])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row("2020-01-20", "0.05"), row("2020-01-20", "0.04")],
        [row("1989-12-31", "0.05")],
        [row("2101-01-01", "0.05")],
        [row("2020-01-20", "0")],
        [row("2020-01-20", "1")],
        [row("2020-01-20", "3.00")],
        [row("2020-01-20", "NaN")],
        [row("2020-01-20", "Infinity")],
    ],
)
def test_rows_that_cannot_be_are_refused(rows):
    with pytest.raises(LawError) as refused:
        Rates.from_rows(rows)
    assert refused.value.field == "rates"


def test_rows_at_the_bounds_are_good():
    rows = [row("1990-01-01", "0.99"), row("2100-12-31", "0.01")]
    assert Rates.from_rows(rows).rows == tuple(rows)


def test_the_packaged_rows_name_their_source_and_are_exact():
    assert all(one.source for one in lpr().rows)
    assert all(one.rate.as_tuple().exponent == -4 for one in lpr().rows)
    content = (
        b'{"series": "x", "source": "all", "publications": [{"date": "2026-07-20", "rate": "0.029", "source": "one"}]}'
    )
    assert rate_rows(content) == (RateRow(day("2026-07-20"), Decimal("0.029"), "one"),)


def test_a_month_without_a_publication_is_provisional_until_the_next_one():
    rates = Rates.from_rows([*lpr().rows, row("2027-03-22", "0.028")])
    assert not rates.is_provisional(day("2026-07-19"))
    assert rates.is_provisional(day("2026-07-20"))
    assert rates.is_provisional(day("2027-03-21"))
    assert not rates.is_provisional(day("2027-03-22"))
    assert rates.is_provisional(day("2027-04-20"))


def test_publications_month_by_month_leave_no_gap_though_one_comes_late():
    rates = Rates.from_rows([*lpr().rows, row("2026-07-20", "0.03"), row("2026-08-24", "0.03")])
    assert not any(rates.is_provisional(day(text)) for text in ("2026-07-20", "2026-08-20", "2026-08-23", "2026-09-19"))
    assert rates.is_provisional(day("2026-09-20"))
