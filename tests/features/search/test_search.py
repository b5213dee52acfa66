"""What was written is found a moment later, in Chinese and in English, with the place marked; and nobody else's is."""

import asyncio
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm import worker
from clm.features.contract_types.service import Clause
from clm.features.contracts import listing, own_text
from clm.features.search import indexing, service
from clm.features.search.passages import marks, passages
from clm.features.search.service import _whole
from clm.kit.folding import TERM_AT_MOST, folded, snippet, terms_of, wanted_of
from clm.kit.ids import uuid7
from tests.conftest import caller, new_tenancy
from tests.features.contracts.acts import draft, ok, path, problem
from tests.kit.extraction.test_text import portable_document, word_document
from tests.kit.inspection.hostile import DOCX


async def attach(client, made, content, name="a.txt", kind="evidence", media_type="text/plain"):
    answer = await client.post(
        path(made, "/attachments"),
        params={"kind": kind, "name": name},
        content=content,
        headers={"content-type": media_type},
    )
    return await ok(answer, 201)


async def test_a_contract_is_found_by_what_it_says_of_itself(client, index, search):
    made = await draft(client, title="外呼服务外包合同", number="OC-2026-001")
    await draft(client, title="采购合同")
    await index()
    for query in ("外呼", "服务外包", "oc-2026", "2026-001", "甲公司 外呼", '"外呼服务"', "ＯＣ－２０２６"):
        assert made["id"] in [hit["contract_id"] for hit in await search(query)], query
    [hit] = await search("外呼服务")
    assert (hit["kind"], hit["title"], hit["number"]) == ("contract", "外呼服务外包合同", "OC-2026-001")
    assert hit["snippet"]["highlights"][0] == [0, 4]
    assert hit["snippet"]["html"].startswith("<mark>外呼服务</mark>外包合同")
    assert await search("外呼 采购") == []


async def test_an_edit_is_found_and_what_it_replaced_is_not(client, index, search):
    made = await draft(client, title="旧的标题")
    await index()
    answer = await client.patch(path(made), json={"title": "新的标题"}, headers={"if-match": '"1"'})
    assert answer.status_code == 200, answer.text
    await index()
    assert await search("旧的标题") == []
    assert [hit["contract_id"] for hit in await search("新的标题")] == [made["id"]]


async def test_the_text_of_files_is_found(client, index, search):
    made = await draft(client)
    word = await attach(client, made, word_document(), "条款.docx", media_type=DOCX)
    pdf = await attach(client, made, portable_document(), "levels.pdf", media_type="application/pdf")
    old = await attach(client, made, "每月结算一次".encode("gb18030"), "旧.txt")
    picture = await attach(client, made, b"\x89PNG\r\n\x1a\n" + bytes(30), "a.png", media_type="image/png")
    where = f"/v1/attachments/{word['id']}/versions/1/text"
    assert (await ok(await client.get(where)))["status"] == "pending"
    assert not (await ok(await client.get("/v1/search", params={"q": "外呼"})))["complete"]
    await index()
    for query, attachment in (("接通率", word), ("service LEVEL", pdf), ("每月结算", old)):
        [hit] = await search(query, kind="attachment")
        assert (hit["attachment_id"], hit["version"], hit["file"]) == (attachment["id"], 1, attachment["name"])
    assert (await ok(await client.get(where)))["text"].startswith("第一条 定义\n甲方委托乙方外呼。")
    text = await ok(await client.get(f"/v1/attachments/{picture['id']}/versions/1/text"))
    assert (text["status"], text["text"]) == ("unsupported", None)
    assert (await ok(await client.get("/v1/search", params={"q": "外呼"})))["complete"]
    listed = await ok(await client.get("/v1/contracts", params={"q": "接通率"}))
    assert [one["id"] for one in listed["items"]] == [made["id"]]


async def test_personal_data_is_not_indexed_and_deleted_text_is_forgotten(client, index, search):
    made = await draft(client, type="outbound-call-outsourcing")
    sealed = await attach(client, made, "客户王某某".encode(), kind="calling_list")
    notes = await attach(client, made, "临时说明文字".encode())
    await index()
    assert await search("客户王某") == []
    assert (await ok(await client.get(f"/v1/attachments/{sealed['id']}/versions/1/text")))["status"] == "sealed"
    assert len(await search("临时说明")) == 1
    await ok(await client.post(f"/v1/attachments/{notes['id']}/versions/1/actions/delete", json={"reason": "x"}))
    await index()
    assert await search("临时说明") == []
    text = await ok(await client.get(f"/v1/attachments/{notes['id']}/versions/1/text"))
    assert (text["status"], text["text"]) == ("gone", None)


async def test_nobody_finds_what_is_anothers(client, stranger, index, search):
    made = await draft(client, title="独一无二的合同")
    await index()
    assert len(await search("独一无二")) == 1
    assert (await ok(await stranger.get("/v1/search", params={"q": "独一无二"})))["items"] == []
    assert (await ok(await stranger.get("/v1/contracts", params={"q": "独一无二"})))["items"] == []
    assert (await ok(await client.get("/v1/contracts", params={"q": "独一无二"})))["items"][0]["id"] == made["id"]


@pytest.mark.parametrize(
    "query", ["", " ", "a", "合", '""', "一 二三", "x" * 101, " ".join(f"t{n}" for n in range(11))]
)
async def test_queries_that_cannot_be_searched_for(client, query):
    for where in ("/v1/search", "/v1/contracts"):
        found = await problem(await client.get(where, params={"q": query}), 422, "invalid")
        assert found["errors"][0]["pointer"] == "/q"


@pytest.mark.parametrize("term", ["100%", "a_b", "it's", '<b>"x"</b>', "\\d+", "&amp;", "（1）", "3.14", "𠮷野家"])
async def test_signs_are_searched_as_they_are_and_marked_safely(client, index, search, term):
    made = await draft(client)
    await attach(client, made, f"前文 {term} 后文".encode())
    await attach(client, made, "前文 10 b 后文".encode(), "b.txt")
    await index()
    query = term if '"' not in term else "<b>"
    [hit] = await search(query, kind="attachment")
    assert "<mark>" in hit["snippet"]["html"]
    assert "<b>" not in hit["snippet"]["html"]


async def test_pages_go_on_where_the_last_ended(client, index, monkeypatch):
    monkeypatch.setattr(service, "LOOKED_AT", 3)
    for number in range(7):
        await draft(client, title=f"共同的词 {number}")
    await index()
    seen, cursor = [], None
    while True:
        query = {"q": "共同的词", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await ok(await client.get("/v1/search", params=query))
        seen += [hit["contract_id"] for hit in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_the_words_of_an_imported_document_are_found(client, database, tenant, index, search):
    made = await draft(client)
    sections = [
        Clause(number="8", label="第八条", heading="保密", text=None),
        Clause(number="8.1", label="8.1", heading="保密期限", text="保密期限为终止后三年。", parent="8"),
    ]
    document = own_text.Document(
        sha256="0" * 64,
        media_type="text/plain",
        language="zh",
        sections=sections,
        preamble="鉴于双方友好协商",
        closing="（以下无正文）",
        report={},
    )
    async with database.work(tenant) as unit:
        await own_text.keep(unit, UUID(made["id"]), document)
    await index()
    assert [hit["section"] for hit in await search("终止后三年")] == ["8.1"]
    assert {hit["section"] for hit in await search("保密", kind="section")} == {"8", "8.1"}
    assert [hit["kind"] for hit in await search('"第八条 保密"')] == ["section"]
    assert [hit["kind"] for hit in await search("友好协商 以下无正文")] == ["contract"]


async def test_contracts_are_listed_by_what_they_say_and_what_they_are(client, index, monkeypatch):
    monkeypatch.setattr(listing, "LOOKED_AT", 3)
    made = [await draft(client, title=f"列表共同词 {number}", number=f"L-{number}") for number in range(7)]
    await draft(client, title="别的合同")
    await ok(await client.post(path(made[3], "/actions/withdraw"), json={}))
    await index()
    seen, cursor = [], None
    while True:
        query = {"q": "列表共同", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await ok(await client.get("/v1/contracts", params=query))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [one["id"] for one in made]
    for more, expected in (
        ({"number": "L-5"}, [5]),
        ({"status": "terminated"}, [3]),
        ({"status": "draft", "limit": 200}, [0, 1, 2, 4, 5, 6]),
        ({"party_id": made[0]["id"]}, []),
    ):
        found = await ok(await client.get("/v1/contracts", params={"q": "列表共同"} | more))
        assert [one["id"] for one in found["items"]] == [made[number]["id"] for number in expected]


@pytest.mark.parametrize("looked_at", [1, 2_000])
async def test_confidential_files_are_found_by_those_cleared_for_them(
    client, database, tenant, index, withheld, monkeypatch, looked_at
):
    monkeypatch.setattr(service, "LOOKED_AT", looked_at)
    monkeypatch.setattr(listing, "LOOKED_AT", looked_at)
    open_one = await draft(client, title="机密信息之外")
    secret = await draft(client)
    await attach(client, secret, "机密信息在此".encode())
    await index()

    async def found(*, cleared):
        reads, about = database.reads(tenant), {"cleared": cleared, "limit": 9, "cursor": None}
        hits = await service.search(reads, "机密信息", kind=None, contract_id=None, **about)
        query = {"status": None, "number": None, "party_id": None, "query": "机密信息"}
        listed = await listing.page(reads, **query, **about)
        return {hit.title for hit in hits.items}, {str(one.id) for one in listed.items}

    async with withheld():
        assert await found(cleared=False) == ({open_one["title"]}, {open_one["id"]})
        hits, listed = await found(cleared=True)
        assert (len(hits), listed) == (2, {open_one["id"], secret["id"]})


async def test_two_workers_at_once_index_everything_once(client, database, vault, tenant, index, search):
    made = [await draft(client, title=f"并行索引 {number}") for number in range(6)]
    await attach(client, made[0], "并行文件内容".encode())
    await asyncio.gather(*(indexing.follow(database, tenant) for _ in range(4)))
    await asyncio.gather(*(indexing.read_one(database, vault, tenant) for _ in range(4)))
    await index()
    assert len(await search("并行索引")) == 6
    assert len(await search("并行文件")) == 1


async def test_a_reader_killed_midway_is_followed_by_another(client, database, vault, tenant, search, monkeypatch):
    made = await draft(client)
    await attach(client, made, "被打断的文件".encode())
    await indexing.follow(database, tenant)

    async def killed(*_args, **_more):
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(indexing, "text_of", killed)
        with pytest.raises(asyncio.CancelledError):
            await indexing.read_one(database, vault, tenant)
    assert await indexing.read_one(database, vault, tenant) is False, "it is claimed for five minutes"
    async with database.work(tenant) as unit:
        await unit.run("update attachment_text set claimed_until = clock_timestamp()")
    assert await indexing.read_one(database, vault, tenant) is True
    assert len(await search("被打断的")) == 1


async def test_a_tenant_that_cannot_be_indexed_stands_in_no_others_way(
    app, client, database, vault, tenant, search, monkeypatch, capsys
):
    sick = await new_tenancy(database)
    async with caller(app, sick.key) as other:
        await draft(other, title="病租户的合同")
    await draft(client, title="健康租户的合同")
    follow = indexing.follow

    async def failing(database, tenant):
        if tenant == sick.tenant:
            raise RuntimeError("a defect")
        return await follow(database, tenant)

    monkeypatch.setattr(indexing, "follow", failing)
    for _ in range(100):
        await worker.index(database, vault, asyncio.Event())
        if await search("健康租户"):
            break
        await asyncio.sleep(0.05)
    assert len(await search("健康租户")) == 1
    assert "texts are not indexed" in "".join(capsys.readouterr())


@given(st.text(alphabet="合同ab １\u0301ﷺ\n　", max_size=3000), st.integers(0, 300))
def test_cut_texts_come_together_again(text, spaces):
    text = text.replace("b", " " * spaces, 1)
    rows = passages(uuid7(), uuid7(), "attachment", "x", text)
    assert len({row["part"] for row in rows}) == len(rows)
    assert _whole(rows) == (text if text.strip() else "")


@given(st.text(alphabet="合同ab １A％_ \n", min_size=1, max_size=2500), st.integers(0, 300), st.data())
def test_every_term_of_a_text_is_found_in_one_of_its_passages(text, spaces, data):
    text = text.replace("b", " " * spaces, 1)
    whole = folded(text).text
    if len(whole) < 2:
        return
    start = data.draw(st.integers(0, len(whole) - 2))
    length = data.draw(st.integers(2, TERM_AT_MOST))
    term = whole[start : start + length].strip()
    if len(term) < 2:
        return
    tenant, contract = uuid7(), uuid7()
    wanted = set(wanted_of(marks(tenant, contract, "attachment"), [term]))
    rows = passages(tenant, contract, "attachment", "x", text)
    held = [row for row in rows if wanted <= set(row["grams"]) and term in row["folded"]]
    assert held


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("客户名\n单由甲方提供", "名单"),
        ("合　同　编　号", "合同编号"),
        ("双方签字，\n盖章后生效", "签字，盖章"),
        ("cafe\u0301 noir", "CAFÉ"),
        ("ﾊﾞｯﾁ", "バッチ"),
        ("Ｓｅｒｖｉｃｅ　Ｌｅｖｅｌ", '"service level"'),
        ("service\n   level", '"Service Level"'),
        ("第 1 条", '"第 1"'),
        ("STRASSE", "straße"),
    ],
)
def test_what_looks_the_same_is_the_same(text, query):
    whole, [term] = folded(text), terms_of(query)
    assert term in whole.text
    shown = snippet(text, [term])
    [(start, stop)] = shown.highlights
    assert folded(shown.text[start:stop]).text == term


def test_words_stay_apart():
    assert "a b" in folded("a \n b").text
    assert "甲 a" in folded("甲\na").text


def test_terms_and_phrases():
    assert terms_of('外呼  "Service  Level" 外呼') == ["外呼", "service level"]


@pytest.mark.parametrize("ways", [("nestloop", "mergejoin"), ("hashjoin", "mergejoin"), ("nestloop", "hashjoin")])
async def test_hits_of_every_kind_are_told_however_the_database_joins(client, database, tenant, index, ways):
    """A contract's passage refers to no attachment, and is never read as if it did."""
    made = await draft(client, title="外呼服务外包合同")
    await attach(client, made, "外呼脚本".encode())
    await index()
    async with database.work(tenant) as unit:
        for way in ways:
            await unit.run(f"set local enable_{way} = off")
        ids = [row["id"] for row in await unit.all("select id from passage")]
        rows = await unit.all(service.sql.told, ids)
    assert {(row["kind"], row["file"]) for row in rows} >= {("contract", None), ("attachment", "a.txt")}
