"""An imported contract lives as any other: driven to effect, its own words amended, written down, read back."""

import asyncio
import io

from docx import Document

from tests.features.contracts.acts import act, draft, ok, party, path
from tests.features.documents.conftest import DOCX, docx_of, model_lines

MODEL = "outbound-call-outsourcing"
TEXT = "（1）保密期限为五年；\n（2）自披露之日起计算。"


async def in_force(client, contract):
    """The draft with parties and a term, signed by both."""
    parties = [{"role": role, "party_id": await party(client, f"{role}公司")} for role in "AB"]
    patch = {"parties": parties, "terms": {"term": {"end": "2030-12-31"}}}
    await ok(await client.patch(path(contract), json=patch, headers={"if-match": '"1"'}))
    for action in ("submit", "approve"):
        await act(client, contract, action)
    for role in "AB":
        await act(client, contract, "execute", party=role, method="seal")
    assert (await ok(await client.get(path(contract))))["status"] == "effective"


async def amended(client, contract, pointer, value):
    change = {"changes": [{"op": "replace", "path": pointer, "value": value}], "proposed_by": "A"}
    made = await ok(await client.post(path(contract, "/amendments"), json=change), 201)
    for role in "AB":
        url = f"/v1/amendments/{made['id']}/actions/execute"
        await ok(await client.post(url, json={"party": role, "method": "signature"}))


async def test_the_model_contract_in_force_amended_and_read_back(client, bring, sections):
    contract = (await ok(await bring(docx_of(model_lines()), DOCX, type=MODEL), 201))["contract"]
    await in_force(client, contract)
    before = await sections(contract["id"])
    await amended(client, contract, "/sections/8.3/text", TEXT)
    after = await sections(contract["id"])
    changed = {new["number"]: new["text"] for old, new in zip(before, after, strict=True) if old["text"] != new["text"]}
    assert changed == {"8.3": TEXT}
    written = await client.get(path(contract, "/document"))
    word = Document(io.BytesIO(written.content))
    assert word.sections[0].header.paragraphs[0].text == ""
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert f"/sections/8.3/text: {TEXT}" in cells
    assert {"A公司", "B公司"} <= {*cells}
    again = (await ok(await bring(written.content, DOCX, type=MODEL), 201))["contract"]
    tree = [(one["number"], one["heading"], one["text"]) for one in after]
    assert [(one["number"], one["heading"], one["text"]) for one in await sections(again["id"])] == tree


async def test_words_of_its_own_hold_no_placeholders(client, bring, sections):
    said = "1. 价款\n以{{/terms/fees/total|money}}计。\n"
    made = (await ok(await bring(said), 201))["contract"]
    assert (await sections(made["id"]))[0]["text"] == "以{{/terms/fees/total|money}}计。"


async def test_of_two_imports_at_once_one_has_the_number(bring):
    answers = await asyncio.gather(*(bring("第一条 服务\n接听。\n", number="ONE") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_another_tenant_sees_none_of_it(client, stranger, bring):
    made = (await ok(await bring("第一条 服务\n接听。\n"), 201))["contract"]
    for below in ("/document", "/imported-document"):
        assert (await stranger.get(path(made, below))).status_code == 404
    plain = await draft(client)
    assert (await client.get(path(plain, "/imported-document"))).status_code == 404


async def test_a_document_needs_both_scopes(client_with, client):
    contract = await draft(client)
    async with client_with("contracts:read") as reader:
        assert (await reader.get(path(contract, "/document"))).status_code == 403
    async with client_with("contracts:read", "attachments:read") as reader:
        assert (await reader.get(path(contract, "/document"))).status_code == 200
