"""Hostile files over HTTP: refused with the reasons, and nothing of them is left."""

import pytest

from clm.app import create_app
from clm.kit.inspection import Scanner
from clm.kit.inspection.fakes import fake_clamd
from clm.kit.vault import Vault
from tests.conftest import MASTER_KEY, caller, free_port
from tests.kit.inspection.hostile import HOSTILE


@pytest.mark.parametrize("kind", ["price_list", "calling_list"])
@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "too many entries"])
async def test_it_is_refused_and_nothing_is_left(client, bare_contract, attach, keys, name, kind):
    declared, content, code = HOSTILE[name]
    answer = await attach(content, kind=kind, headers={"content-type": declared})
    problem = answer.json()
    if code == "type_mismatch":
        assert (answer.status_code, problem["code"]) == (415, "unsupported-media-type")
    else:
        assert (answer.status_code, problem["code"]) == (422, "unsafe-content")
    assert code in [one["rule"] for one in problem["reasons"]]
    assert await keys() == []
    assert (await client.get(f"/v1/contracts/{bare_contract}/attachments")).json()["items"] == []


async def test_a_refused_version_leaves_the_attachment_as_it_was(client, attach):
    made = (await attach(b"a,b\n", kind="price_list")).json()
    _, content, _ = HOSTILE["elf"]
    answer = await client.post(f"/v1/attachments/{made['id']}/versions", content=content)
    assert answer.status_code == 422
    assert (await client.get(f"/v1/attachments/{made['id']}")).json() == made


@pytest.mark.parametrize(
    "name", ["../a.csv", "a/b.csv", "a\\b.csv", "a\nb.csv", "a\u202egpj.exe", "..", " ", "x" * 256]
)
async def test_names_that_mislead_are_refused(attach, name):
    answer = await attach(b"a,b\n", kind="price_list", name=name)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")


async def test_a_page_is_kept_and_never_shown(client, attach):
    page = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    made = (await attach(page, kind="price_list", name="a.html", headers={"content-type": "text/html"})).json()
    answer = await client.get(f"/v1/attachments/{made['id']}/versions/1/content")
    assert answer.content == page
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_what_only_the_scanner_knows_is_refused(database, store, key, bare_contract, keys):
    async with fake_clamd(b"stream: Doc.Dropper-1 FOUND\0") as url:
        app = create_app(database, Vault(store, MASTER_KEY, Scanner(url)))
        async with caller(app, key) as client:
            query = {"kind": "calling_list", "name": "a.txt"}
            answer = await client.post(f"/v1/contracts/{bare_contract}/attachments", params=query, content=b"text")
    assert (answer.status_code, answer.json()["code"]) == (422, "unsafe-content")
    assert "Doc.Dropper-1" in answer.json()["detail"]
    assert await keys() == []


async def test_a_scanner_that_is_configured_and_down_lets_nothing_pass(database, store, key, bare_contract, keys):
    scanner = Scanner(f"tcp://127.0.0.1:{free_port()}")
    async with caller(create_app(database, Vault(store, MASTER_KEY, scanner)), key) as client:
        query = {"kind": "price_list", "name": "a.txt"}
        answer = await client.post(f"/v1/contracts/{bare_contract}/attachments", params=query, content=b"text")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "30"
    assert await keys() == []
