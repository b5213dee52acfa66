"""Every type has its words in both languages; what contract and draft do not say is named and never left open."""

from typing import get_args

import pytest

from clm.features.notices import templating
from clm.law.notice_contents import NoticeType, notice_kinds
from tests.features.notices.driving import in_force

LANGUAGES = ("zh", "en")
COMPUTED = {"ground", "clause", "cure"}


@pytest.fixture
async def contract(clocked):
    return await in_force(clocked)


def said(kind):
    """Everything that a type is to say, each in words of its own."""
    return {one.key: f"某{one.key}" for one in kind.contents if one.pointer.startswith("/details/")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice_type", get_args(NoticeType))
def test_a_template_says_what_its_type_is_to_say_and_nothing_unknown(notice_type, language):
    kind, words = notice_kinds()[notice_type], templating.template(notice_type, language)
    contents = {one.key for one in kind.contents}
    assert set(words.asks_for) <= contents | templating.GIVEN
    assert {one.key for one in kind.contents if one.needed == "effect"} <= set(words.asks_for)
    missing = contents - set(words.asks_for)
    assert missing <= {"ground", "reply_by"}, "what the law looks for is said"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice_type", get_args(NoticeType))
async def test_every_type_is_filled_in_from_contract_and_draft(contract, notice_type, language):
    details = said(notice_kinds()[notice_type])
    if notice_type == "address_change":
        details |= {"channel": "email", "address": "legal@b.example.cn"}
    grounded = notice_type in ("cure_notice", "rescission")
    body = {"type": notice_type, "template": language, "details": details, "subject": None, "body": None, "cure": None}
    notice = await contract.notice(**body, ground="material_breach" if grounded else None)
    number = (await contract.contract())["number"]
    assert number in notice["subject"]
    for text in (notice["subject"], notice["body"]):
        assert "{" not in text
    assert "甲公司" in notice["body"]
    assert "乙公司" in notice["body"]
    asked = templating.template(notice_type, language).asks_for
    for key, value in details.items():
        told = {"zh": "电子邮件", "en": "e-mail"}[language] if key == "channel" else value
        assert key not in asked or told in notice["subject"] + notice["body"], key
    assert notice["validity"] == "valid"
    assert all(one["stated"] for one in notice["contents"] if one["key"] not in COMPUTED)


async def test_a_cure_notice_states_the_agreed_period_and_what_follows(contract):
    body = {"template": "zh", "subject": None, "body": None, "cure": None, "details": {"facts": "四月接通率低于约定"}}
    notice = await contract.notice(**body)
    assert "15日" in notice["body"]
    assert "自动解除" in notice["body"]
    assert notice["cure"] == {"period": {"length": 15, "unit": "day"}, "automatic": True}
    body["cure"] = {"period": {"length": 3, "unit": "working_day"}, "automatic": False}
    other = await contract.notice(**body | {"template": "en"})
    assert "3 working days" in other["body"]
    assert "we may rescind" in other["body"]


async def test_what_is_missing_is_named_where_it_is_to_be_said(contract):
    body = {"type": "assignment", "template": "zh", "details": {"claim": "三月服务费"}}
    refused = await contract.notice(422, **body, subject=None, body=None, ground=None, cure=None)
    assert [one["pointer"] for one in refused["errors"]] == ["/details/assigned_on", "/details/assignee"]
    bare = await contract.notice(422, subject=None, body=None)
    assert [one["pointer"] for one in bare["errors"]] == ["/subject", "/body"]


async def test_own_words_stand_before_the_templates(contract):
    notice = await contract.notice(template="zh", subject="我方的标题", body=None, details={"facts": "x"})
    assert notice["subject"] == "我方的标题"
    assert "乙公司" in notice["body"]


async def test_braces_in_what_is_filled_in_stay_what_they_are(contract):
    notice = await contract.notice(template="zh", subject=None, body=None, details={"facts": "{number} {x.__class__}"})
    assert "{number} {x.__class__}" in notice["body"]


async def test_money_lists_and_periods_are_written_out(contract):
    details = {
        "period": "2026年3月",
        "amount": {"amount": "1234.50", "currency": "CNY"},
        "reply_by": {"length": 5, "unit": "day"},
    }
    body = {"type": "settlement_statement", "template": "zh", "details": details, "ground": None, "cure": None}
    notice = await contract.notice(**body, subject=None, body=None)
    assert "1234.50 CNY" in notice["body"]
    assert "5日" in notice["body"]
    figures = {"period": "Q1", "figures": {"connect_rate": "0.96", "satisfaction": "0.88"}}
    body |= {"type": "sla_report", "details": figures, "template": "en"}
    assert "connect_rate: 0.96, satisfaction: 0.88" in (await contract.notice(**body, subject=None, body=None))["body"]


async def test_what_is_filled_in_is_not_endless(contract):
    refused = await contract.notice(422, template="zh", subject=None, body=None, details={"facts": "长" * 50_000})
    assert refused["errors"][0]["pointer"] == "/body"


async def test_what_is_nested_without_end_is_refused(contract):
    facts = "x"
    for _ in range(400):
        facts = [facts]
    refused = await contract.notice(422, template="zh", subject=None, body=None, details={"facts": facts})
    assert refused["errors"][0]["pointer"] == "/details"


async def test_a_preview_says_how_it_would_stand_and_stores_nothing(contract):
    body = {"type": "rescission", "from": "A", "to": "B", "channel": "email", "subject": "x", "body": "y"}
    shown = await contract.post(f"{contract.url}/notices/preview", body)
    assert (shown["validity"], shown["defects"][0]["pointer"]) == ("defective", "/ground")
    assert {one["key"]: one["stated"] for one in shown["contents"]}["ground"] is False
    assert (await contract.get(f"{contract.url}/notices"))["items"] == []


async def test_the_types_are_listed_with_contents_and_templates(contract):
    listed = (await contract.get("/v1/notice-types"))["items"]
    assert [one["type"] for one in listed] == list(get_args(NoticeType))
    assert all(one["contents"] and len(one["templates"]) == 2 for one in listed)
    one = await contract.get("/v1/notice-types/rescission")
    assert one in listed
    assert (one["title_zh"], one["templates"][0]["fills_in"][0]) == ("解除合同通知", "number")
    assert (await contract.client.get("/v1/notice-types/farewell")).status_code == 404
