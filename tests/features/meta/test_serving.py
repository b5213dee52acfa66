"""`clm serve` as a process, from the first start on."""

PARTY = {"legal_name": "x", "kind": "legal_person"}


async def test_what_was_answered_survives_a_kill(make_served):
    served = make_served()
    async with served.client() as client:
        made = await client.post("/v1/parties", json=PARTY, headers={"idempotency-key": "k"})
        assert made.status_code == 201
        served.kill()
        served.start()
        again = await client.post("/v1/parties", json=PARTY, headers={"idempotency-key": "k"})
        assert again.json() == made.json()
        assert len((await client.get("/v1/parties")).json()["items"]) == 1


async def test_the_first_tenants_clock_starts_where_it_is_told_to(served):
    async with served.client() as client:
        answer = await client.post("/v1/parties", json=PARTY | {"addresses": [{"channel": "email", "address": "a@b"}]})
        page = await client.get("/docs")
    assert answer.json()["created_at"].startswith("2026-01-01T00:00:00")
    assert answer.json()["addresses"][0]["operates_from"] == "2026-01-01"
    assert page.status_code == 200
