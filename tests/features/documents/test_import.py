"""Import over HTTP: what becomes of a document, and what is refused."""

import time

import pytest

from tests.features.documents.conftest import DOCX, SECTIONS, docx_of, model_lines

MODEL = "outbound-call-outsourcing"
SHORT = "第一条 服务\n乙方接听来电。\n第二条 期限\n一年。\n"


async def test_the_model_contract_binds_to_its_type(bring, sections):
    answer = await bring(docx_of(model_lines()), DOCX, type=MODEL)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    contract, report = made["contract"], made["report"]
    numbers = [section["number"] for section in SECTIONS]
    assert answer.headers["location"] == f"/v1/contracts/{contract['id']}"
    assert answer.headers["etag"] == '"1"'
    assert (contract["title"], contract["status"], contract["terms"]) == ("外呼外包合同", "draft", {})
    assert [one["number"] for one in report["headings"]] == numbers
    assert report["bound"] == {"sections": numbers, "missing": []}
    assert sum("." in number for number in report["bound"]["sections"]) == 44
    assert report["contents"] == {"lines": 59, "only_there": []}
    unmatched = [one["text"] for one in report["unmatched"]]
    assert unmatched == ["外呼外包合同", "第一部分：合同如下：", "（以下无正文）", "甲方（盖章）：", "乙方（盖章）："]
    assert (report["duplicates"], report["skipped"]) == ([], [])
    shown = {one["number"]: one for one in await sections(contract["id"])}
    assert shown["8.3"]["text"] == "（1）保密期限的约定见下；\n（2）其余由双方书面商定。"
    assert "/terms/confidentiality/rules" in shown["8.3"]["terms"] or shown["8.3"]["assumed"]


async def test_headings_that_only_the_contents_have_become_sections_without_text(bring, sections):
    lines = model_lines()
    cut = [*lines[: lines.index("7.1费用构成", 62)], "7.1费"]
    made = (await bring("\n".join(cut), type=MODEL)).json()
    assert len(made["report"]["contents"]["only_there"]) == 30
    assert made["report"]["bound"]["missing"] == []
    shown = {one["number"]: one for one in await sections(made["contract"]["id"])}
    assert (shown["7.1"]["heading"], shown["14.4"]["text"]) == ("费用构成", None)


async def test_another_shape_stands_in_the_place_of_the_types_sections(client, bring, sections):
    made = (await bring(SHORT, language="zh-CN")).json()
    shown = await sections(made["contract"]["id"])
    assert [(one["number"], one["heading"], one["text"]) for one in shown] == [
        ("1", "服务", "乙方接听来电。"),
        ("2", "期限", "一年。"),
    ]
    origin = (await client.get(f"/v1/contracts/{made['contract']['id']}/imported-document")).json()
    assert origin["report"] == made["report"]
    assert (origin["media_type"], origin["language"]) == ("text/plain", "zh-CN")


async def test_the_same_key_imports_once(client, bring):
    first = await bring(SHORT, number="K-1", headers={"idempotency-key": "one"})
    again = await bring(SHORT, number="K-1", headers={"idempotency-key": "one"})
    other = await bring(SHORT + "第三条 其他\n无。\n", number="K-1", headers={"idempotency-key": "one"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert (await bring(SHORT, number="K-1")).status_code == 409
    assert len((await client.get("/v1/contracts")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("content", "media_type", "query", "status"),
    [
        (b"", "text/plain", {}, 422),
        ("没有任何标题的一段话。", "text/plain", {}, 422),
        (b"not a docx", DOCX, {}, 422),
        (SHORT, "application/pdf", {}, 415),
        (SHORT, "text/html", {}, 415),
        (SHORT, "", {}, 415),
        ("第一条 服务\n" + "长" * 20_001, "text/plain", {}, 422),
        ("1. 服务\n" * 2001, "text/plain", {}, 422),
        ("1. 服务\n" + "x\n" * 50_001, "text/plain", {}, 422),
        (SHORT, "text/plain", {"type": "none"}, 422),
        (SHORT, "text/plain", {"number": " "}, 422),
        (SHORT, "text/plain", {"title": "x" * 5000}, 422),
        (SHORT, "text/plain", {"time_zone": "Mars"}, 422),
        (b"PK\x03\x04" + b"\0" * 300, DOCX, {}, 422),
    ],
)
async def test_what_is_no_document_is_refused_with_a_reason(client, bring, content, media_type, query, status):
    answer = await bring(content, media_type, **query)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert (await client.get("/v1/contracts")).json()["items"] == []


@pytest.mark.parametrize(
    "line", ["# 服务 " + " " * 19_000 + "x#" * 400, "# " + "**a " * 4_900, "1. 目录" + "." * 19_000 + "x"]
)
async def test_lines_made_to_take_long_are_read_at_once(bring, line):
    before = time.process_time()
    assert (await bring("\n".join([line] * 50), "text/markdown")).status_code in {201, 422}
    assert time.process_time() - before < 5


async def test_a_document_that_is_too_large_is_refused(bring):
    assert (await bring(b"x" * (8 * 1024**2 + 1))).status_code == 413


async def test_a_key_without_the_scope_imports_nothing(bring, client):
    missing = await client.post("/v1/contracts/import-document", content=SHORT.encode())
    assert missing.status_code == 400
    assert (await bring(SHORT, headers={"authorization": "Bearer none"})).status_code == 401
