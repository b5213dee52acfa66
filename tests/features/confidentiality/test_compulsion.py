"""Disclosures that the law compels (R-C9): the owner is told before, where the law lets it be told."""

from uuid import uuid4

import pytest

from tests.features.confidentiality.driving import act, disclose, duty, in_force_of_one_key
from tests.features.notices.driving import instant

ORDER = {"authority": "上海市闵行区人民法院", "legal_basis": "民事诉讼法第七十条", "scope": "与本案有关的通话记录"}


@pytest.fixture
async def contract(clocked):
    contract = await in_force_of_one_key(clocked)
    await contract.until("2026-08-10")
    return contract


async def told(contract, status=201, **changes):
    """A notice that the owner is told with."""
    said = {"type": "compelled_disclosure", "from": "B", "to": "A", "channel": "email", "ground": None, "cure": None}
    return await contract.notice(status, **{**said, "subject": "依法披露通知", "body": "法院要求提供记录。", **changes})


async def permitted(contract, item, **body):
    return (await act(contract, item, "permit", **{**ORDER, "at": "2026-08-05T09:00", **body}))["permitted_disclosures"]


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        ({"owner_notified_at": instant("2026-08-05T08:00")}, None),
        ({"owner_notified_at": instant("2026-08-05T10:00")}, "OWNER_TOLD_LATE"),
        ({}, "OWNER_NOT_TOLD"),
        ({"notice_forbidden": "反恐怖主义法第十九条"}, None),
    ],
)
async def test_whether_the_owner_was_told_before_is_said(contract, body, lacks):
    item = await disclose(contract)
    [listed] = await permitted(contract, item, **body)
    assert (listed["lacks"], listed["scope"]) == (lacks, "与本案有关的通话记录")
    assert (await duty(contract))["status"] == "active_open"


async def test_the_notice_tells_the_owner_when_it_arrives(contract):
    item, notice = await disclose(contract), await told(contract)
    [listed] = await permitted(contract, item, notice_id=notice["id"])
    assert (listed["lacks"], listed["owner_notified_at"]) == ("OWNER_NOT_TOLD", None)
    await contract.event(notice, "entered", "2026-08-04T09:00")
    [listed] = (await duty(contract))["permitted_disclosures"]
    assert (listed["lacks"], listed["owner_notified_at"]) == (None, "2026-08-04T09:00:00+08:00")


async def test_a_notice_that_is_another_is_refused(contract):
    item = await disclose(contract)
    complaint, backwards = await told(contract, type="complaint"), await told(contract, **{"from": "A", "to": "B"})
    for notice in (complaint["id"], backwards["id"], str(uuid4())):
        refused = await act(contract, item, "permit", 422, **ORDER, notice_id=notice)
        assert refused["errors"][0]["pointer"] == "/notice_id"


async def test_nothing_is_compelled_before_it_was_disclosed(contract):
    item = await disclose(contract)
    refused = await act(contract, item, "permit", 422, **ORDER, at="2026-03-05T09:59")
    assert refused["errors"][0]["pointer"] == "/at"
    assert (await duty(contract))["permitted_disclosures"] == []


async def test_told_and_forbidden_to_tell_contradict_each_other(contract):
    item = await disclose(contract)
    body = {"owner_notified_at": instant("2026-08-05T08:00"), "notice_forbidden": "国家安全法"}
    refused = await act(contract, item, "permit", 422, **ORDER, **body)
    assert refused["errors"][0]["pointer"] == "/notice_forbidden"


async def test_what_is_released_needs_no_permission(contract):
    item = await disclose(contract)
    await act(contract, item, "release", reason="consent")
    refused = await act(contract, item, "permit", 409, **ORDER)
    assert refused["reasons"][0]["rule"] == "R-C9"


async def test_a_permission_by_mistake_is_corrected(contract):
    item = await disclose(contract)
    await permitted(contract, item)
    right = {"owner_notified_at": instant("2026-08-05T08:00")}
    corrected = await act(contract, item, "correct", no=2, reason="漏记告知", replacement=right)
    [listed] = corrected["permitted_disclosures"]
    assert (listed["no"], listed["lacks"], listed["at"]) == (3, None, instant("2026-08-05T09:00"))
    gone = await act(contract, item, "correct", no=3, reason="另一案件")
    assert gone["permitted_disclosures"] == []
    assert [step["superseded_for"] for step in gone["steps"]] == [None, "漏记告知", "另一案件"]
    assert len(await contract.told("confidentiality.corrected")) == 2
