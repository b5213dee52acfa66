from typing import get_args

from clm.law import notice_evidence
from clm.law.notice_evidence import evidence_sets, missing
from clm.law.notice_rules import Channel
from tests.law.holding import holds, neighbour


@holds(
    "R-N9",
    neighbour=neighbour(
        "clm.law.notice_evidence.missing", lambda _: lambda _channel, _held: (), "whatever there is suffices"
    ),
)
def test_what_is_not_held_of_a_channels_evidence_is_named():
    lacking = notice_evidence.missing("courier", ["waybill_no", "tracking"])
    assert [item.key for item in lacking] == ["content_list", "content_scan", "outcome"]


def test_every_channel_has_its_evidence():
    assert set(evidence_sets()) == set(get_args(Channel))
    assert all(one.items and one.source for one in evidence_sets().values())


def test_evidence_that_is_whole_lacks_nothing():
    assert missing("fax", ["transmission_report"]) == ()
