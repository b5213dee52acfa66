import datetime as dt

import msgspec
import pytest

from clm.law.addresses import AddressBook, Addresses, InvalidAddresses, operates_from
from clm.law.arrival import ArrivalRule, Delivery, judge
from clm.law.calendars import china
from clm.law.periods import Period, Unit
from tests.law.holding import holds, neighbour

OLD, NEW = "上海市示例路1号", "上海市示例路2号"
LEAD = {"length": 5, "unit": "day"}
MOVED = {"address": NEW, "arrived_at": "2026-03-03T10:00:00+08:00", "lead": LEAD}
THREE_DAYS = {"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}}


def book(*changes, **more):
    wire = {"book": [{"address": OLD}], "changes": list(changes)} | more
    return Addresses(msgspec.convert(wire, AddressBook), calendar=china())


def posted(at, address, event="posted", channel="courier"):
    return Delivery(channel, event, dt.datetime.fromisoformat(f"{at}:00+08:00"), address)


def judged(addresses, *deliveries, rules=(THREE_DAYS,)):
    agreed = msgspec.convert(rules, tuple[ArrivalRule, ...])
    return judge(agreed, deliveries, calendar=china(), addresses=addresses)


def texts(answer):
    return [step.text for step in answer.basis.steps if step.rule == "R-N5"]


def _a_day_earlier(original):
    def operates(on, lead, **choices):
        start = original(on, lead, **choices)
        return start._replace(day=start.day - dt.timedelta(days=1))

    return operates


def _at_once(original):
    return lambda on, lead, **choices: original(on, lead, **choices)._replace(day=on)


def _when_it_happened(original):
    return lambda self, one, deliveries: (original(self, one, deliveries)[0], one.at.date())


@holds("R-N5", neighbour=neighbour("clm.law.addresses.operates_from", _a_day_earlier, "the day before"))
@holds("R-N5", neighbour=neighbour("clm.law.addresses.operates_from", _at_once, "from the announcement's arrival"))
@holds(
    "R-N5",
    neighbour=neighbour(
        "clm.law.addresses.Addresses._dispatch", _when_it_happened, "the address that operates on delivery"
    ),
)
def test_a_notice_is_judged_by_the_address_that_operated_at_its_dispatch():
    addresses = book(MOVED)
    on_the_way = [posted("2026-03-07T23:59", OLD), posted("2026-03-09T10:00", OLD, "signed")]
    for at, to_old, to_new in (("03-04T10:00", "arrived", "pending"), ("03-08T00:00", "pending", "arrived")):
        assert judged(addresses, posted(f"2026-{at}", OLD)).status == to_old
        assert judged(addresses, posted(f"2026-{at}", NEW)).status == to_new
    assert judged(addresses, *on_the_way, rules=()).status == "arrived"
    assert judged(addresses, posted("2026-03-07T23:59", OLD)).status == "arrived"


def test_what_went_astray_and_what_did_not_is_said():
    addresses = book(MOVED)
    good = judged(addresses, posted("2026-03-04T10:00", OLD))
    assert (texts(good), good.assumed) == ([f"dispatched to {OLD}, which operated"], False)
    later = judged(addresses, posted("2026-03-08T10:00", NEW))
    assert texts(later) == [f"dispatched to {NEW}, which operated since 2026-03-08"]
    astray = judged(addresses, posted("2026-03-08T10:00", OLD))
    assert texts(astray) == [f"posted by courier is ignored: it went to {OLD}; {NEW} operated"]


def test_a_default_lead_is_assumed_from_the_announcement_on():
    by_default = book({name: value for name, value in MOVED.items() if name != "lead"})
    assert not judged(by_default, posted("2026-03-02T10:00", OLD)).assumed
    assert judged(by_default, posted("2026-03-04T10:00", OLD)).assumed
    assert judged(by_default, posted("2026-03-08T10:00", NEW)).assumed


def test_what_reaches_the_addressee_itself_counts_wherever_it_went():
    acknowledged = posted("2026-03-04T10:00", "somewhere else", "acknowledged", "email")
    assert judged(book(), acknowledged, rules=()).status == "arrived"
    entered = posted("2026-03-04T10:00", "somewhere@else.example", "entered", "email")
    assert judged(book(), entered, rules=()).status == "pending"


def test_without_an_address_or_an_entry_for_the_channel_nothing_is_held_against_a_delivery():
    assert judged(book(MOVED), posted("2026-03-04T10:00", None)).status == "arrived"
    mail_only = book(book=[{"address": "a@example.com", "channel": "email"}])
    assert judged(mail_only, posted("2026-03-04T10:00", NEW)).status == "arrived"
    other = posted("2026-03-04T10:00", " A@example.COM", "entered", "email")
    assert judged(mail_only, other, rules=()).status == "arrived"


def test_entries_take_over_on_their_day_and_the_later_announcement_wins():
    dated = book(book=[{"address": OLD}, {"address": NEW, "from": "2026-06-01"}])
    assert dated.operating("courier", dt.date(2026, 5, 31)).address == OLD
    assert dated.operating("courier", dt.date(2026, 6, 1)).address == NEW
    later = MOVED | {"address": "third", "arrived_at": "2026-03-03T11:00:00+08:00"}
    assert book(later, MOVED).operating("courier", dt.date(2026, 3, 8)).address == "third"
    assert book(MOVED | {"channel": "email"}).operating("courier", dt.date(2026, 3, 8)).address == OLD
    future = book(book=[{"address": NEW, "from": "2026-06-01"}])
    assert future.operating("courier", dt.date(2026, 5, 31)) is None


def test_the_day_of_the_announcement_is_local():
    late = MOVED | {"arrived_at": "2026-03-02T16:30:00Z"}
    assert book(late).operating("courier", dt.date(2026, 3, 8)).since == dt.date(2026, 3, 8)


def test_a_move_that_nobody_announced_is_at_the_risk_of_the_mover():
    events = [posted("2026-03-02T10:00", OLD), posted("2026-03-09T10:00", OLD, "returned")]
    answer = judged(book(moved_on="2026-02-01"), *events, rules=())
    assert (answer.status, answer.certainty, answer.assumed) == ("arrived", "presumed", True)
    assert (answer.legal_date, answer.basis.rule) == (dt.date(2026, 3, 9), "R-N5")
    assert judged(book(), *events, rules=()).status == "failed"
    assert judged(book(moved_on="2026-03-10"), *events, rules=()).status == "failed"
    elsewhere = [posted("2026-03-02T10:00", NEW), posted("2026-03-09T10:00", NEW, "returned")]
    assert judged(book(moved_on="2026-02-01"), *elsewhere, rules=()).status == "pending"


def test_a_lead_in_working_days_waits_for_the_notice_of_its_year():
    addresses = book(MOVED | {"arrived_at": "2026-12-30T10:00:00+08:00", "lead": {"length": 5, "unit": "working_day"}})
    before, after = (judged(addresses, posted(f"{day}T10:00", NEW)) for day in ("2026-12-31", "2027-01-20"))
    assert (before.status, before.basis.status) == ("pending", "final")
    assert (after.status, after.basis.status, after.legal_date) == ("arrived", "provisional", None)
    astray = judged(addresses, posted("2027-01-20T10:00", OLD))
    assert (astray.status, astray.basis.status) == ("pending", "provisional")


def test_the_first_day_of_an_announced_address():
    lead = Period(5, Unit.DAY)
    assert operates_from(dt.date(2026, 3, 3), lead, calendar=china()) == (dt.date(2026, 3, 8), True)
    assert not operates_from(dt.date(2026, 12, 30), Period(5, Unit.WORKING_DAY), calendar=china()).settled


@pytest.mark.parametrize(
    ("wire", "pointer"),
    [
        ({"book": [{"address": OLD}, {"address": NEW}]}, "/addresses/book/1"),
        ({"book": [{"address": OLD, "from": "1890-01-01"}]}, "/addresses/book/0/from"),
        ({"changes": [MOVED, MOVED | {"address": "third"}]}, "/addresses/changes/1"),
        ({"changes": [MOVED | {"arrived_at": "2026-03-03T10:00:00"}]}, "/addresses/changes/0/arrived_at"),
        ({"changes": [MOVED | {"arrived_at": "1889-03-03T10:00:00Z"}]}, "/addresses/changes/0/arrived_at"),
        ({"changes": [MOVED | {"lead": {"length": 5, "unit": "hour"}}]}, "/addresses/changes/0/lead/unit"),
        ({"changes": [MOVED | {"lead": {"length": 10**9, "unit": "year"}}]}, "/addresses/changes/0/lead"),
        ({"moved_on": "1889-03-03"}, "/addresses/moved_on"),
    ],
)
def test_a_book_that_cannot_be_read_is_refused_at_its_place(wire, pointer):
    with pytest.raises(InvalidAddresses) as caught:
        book(**wire) if "changes" not in wire else book(*wire["changes"])
    assert (caught.value.field, bool(caught.value.message)) == (pointer, True)
