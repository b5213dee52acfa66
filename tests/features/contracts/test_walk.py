"""The walk of the design's example, on the served paths and names."""

from tests.features.contracts.acts import DESIGN_TERMS, act, advance, get, number, ok, path


async def drafted(client):
    a = await ok(
        await client.post(
            "/v1/parties",
            json={"legal_name": "甲公司", "kind": "legal_person", "uscc": "91310112087994932F", "size_class": "small"},
        ),
        201,
    )
    b = await ok(await client.post("/v1/parties", json={"legal_name": "乙公司", "kind": "legal_person"}), 201)
    fresh = {
        "type": "outbound-call-outsourcing",
        "number": number(),
        "title": "外呼服务外包合同",
        "external_refs": [{"system": "sap", "id": "4600001234"}],
        "parties": [{"role": "A", "party_id": a["id"]}, {"role": "B", "party_id": b["id"]}],
        "terms": DESIGN_TERMS,
    }
    answer = await client.post("/v1/contracts", json=fresh)
    contract = await ok(answer, 201)
    assert answer.headers["location"] == path(contract)
    assert answer.headers["etag"] == f'"{contract["version"]}"'
    return contract


async def test_from_draft_to_the_end_of_winding_down(clocked):
    contract = await drafted(clocked)
    assert (contract["status"], contract["configuration"], contract["terms_version"]) == (
        "draft",
        ["draft.drafting"],
        1,
    )
    await advance(clocked, "2026-01-20T10:00:00+08:00")
    assert (await act(clocked, contract, "submit"))["configuration"] == ["draft.under_review"]
    assert (await act(clocked, contract, "approve"))["configuration"] == ["draft.out_for_signature"]
    first = await act(
        clocked, contract, "execute", party="A", method="seal", at="2026-01-05T10:00:00+08:00", signatory="张三"
    )
    assert [one["type"] for one in first["decision"]["events"]] == ["contract.executed"]
    await act(clocked, contract, "execute", party="B", method="signature", at="2026-01-08T09:30:00+08:00")
    formed = await act(clocked, contract, "satisfy-condition", condition="licence", at="2026-01-20T09:00:00+08:00")
    assert formed["configuration"] == ["draft.formed_pending"]
    assert formed["formed_at"] == "2026-01-08T09:30:00+08:00"
    (effect,) = formed["decision"]["armed"]
    assert (effect["kind"], effect["due_at"]) == ("effect", "2026-03-01T00:00:00+08:00")
    moved = await advance(clocked, "2026-03-01T00:00:01+08:00")
    assert moved["now"] == "2026-03-01T00:00:01+08:00"
    assert [(one["kind"], one["due_at"]) for one in moved["fired"]] == [("effect", "2026-03-01T00:00:00+08:00")]
    in_force = await get(clocked, contract)
    assert (in_force["status"], in_force["effective_at"]) == ("effective", "2026-03-01T00:00:00+08:00")
    assert in_force["configuration"] == ["in_force", "performing", "amendment.none", "termination.none"]
    await amended(clocked, contract)
    await ended(clocked, contract)


async def amended(client, contract):
    proposal = {
        "changes": [{"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"}],
        "rationale": "违约金下调",
        "effective": {"on": "2026-05-01"},
    }
    await advance(client, "2026-04-10T10:00:00+08:00")
    answer = await client.post(path(contract, "/amendments"), json=proposal)
    amendment = await ok(answer, 201)
    assert answer.headers["location"] == f"/v1/amendments/{amendment['id']}"
    assert (await get(client, contract))["status"] == "amendment"
    for role in "AB":
        executed = await client.post(
            f"/v1/amendments/{amendment['id']}/actions/execute", json={"party": role, "method": "seal"}
        )
    assert (await ok(executed))["applies_at"] == "2026-05-01T00:00:00+08:00"
    await advance(client, "2026-05-02T00:00:00+08:00")
    rates = {}
    for day in ("2026-04-30", "2026-05-01"):
        standing = await get(client, contract, as_of=day)
        rates[day] = (standing["terms_version"], standing["terms"]["payment"]["late"]["rate_per_day"])
    assert rates == {"2026-04-30": (1, "0.0005"), "2026-05-01": (2, "0.0003")}


async def ended(client, contract):
    await act(client, contract, "terminate-by-agreement", effective={"on": "2026-05-31"})
    fired = (await advance(client, "2026-06-01T00:00:01+08:00"))["fired"]
    assert [one["kind"] for one in fired] == ["agreed_end"]
    over = await get(client, contract)
    assert (over["status"], over["outcome"], over["ended_at"]) == ("terminated", "mutual", "2026-06-01T00:00:00+08:00")
    armed = (await get(client, contract, "/timers", status="armed"))["items"]
    assert [one["kind"] for one in armed] == ["data_return", "settlement"]
    for duty in ("settlement", "data_return", "handover", "report"):
        await act(client, contract, "record-performance", duty=duty)
    certificate = await client.post(
        path(contract, "/attachments?kind=destruction_certificate&name=c.txt"), content=b"x"
    )
    await act(client, contract, "record-performance", duty="data_return", evidence=[(await ok(certificate, 201))["id"]])
    closed = await act(client, contract, "close")
    assert closed["configuration"] == ["terminated.closed"]
    assert (await get(client, contract, "/timers", status="armed"))["items"] == []
    timeline = (await get(client, contract, "/timeline"))["past"]
    moves = [one["transition"] for one in timeline if one["transition"]]
    assert moves[moves.index("T06") :] == ["T06", "T10", "T11", "T12", "T37", "T50"]
    assert sorted(moves) == sorted(["T01", "T02", "T04", "T06", "T10", "T11", "T12", "T37", "T50"])
    assert all(one["rule"] and one["explanation"] for one in timeline)
