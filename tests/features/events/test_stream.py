"""The feed as server-sent events, on a real port: what a browser or a script would read."""

import asyncio
import json

import httpx
import pytest

from clm.features.events import service


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(service, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(service, "HEARTBEAT_SECONDS", 0.2)


class Reader:
    """One open stream, read message by message."""

    def __init__(self, response):
        self.response = response
        self._lines = response.aiter_lines()

    async def message(self):
        """The next message as a dictionary of its fields; a comment has the field ''."""
        fields = {}
        async for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        return None

    async def event(self):
        """The next message that is an event."""
        async with asyncio.timeout(10):
            while (message := await self.message()) is not None:
                if "data" in message:
                    return message
        return None


@pytest.fixture
async def follow(port, key):
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {key}"}, timeout=10
    ) as client:

        def open_stream(headers=None, **params):
            return client.stream("GET", "/v1/events/stream", headers=headers, params=params)

        yield open_stream


async def test_it_shows_what_was_and_then_what_comes(follow, happen):
    first = await happen()
    async with follow() as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        reader = Reader(response)
        assert await reader.message() == {"retry": "2000"}
        message = await reader.event()
        assert message["event"] == "clm.contract.effective"
        assert json.loads(message["data"])["id"] == first
        second = await happen()
        assert json.loads((await reader.event())["data"])["id"] == second


async def test_it_goes_on_after_the_last_event_id(client, follow, happen, read):
    first, second = await happen(), await happen()
    await read(at_least=2)
    async with follow() as response:
        reader = Reader(response)
        seen = await reader.event()
        assert json.loads(seen["data"])["id"] == first
    async with follow({"last-event-id": seen["id"]}) as response:
        assert json.loads((await Reader(response).event())["data"])["id"] == second
    page = (await client.get("/v1/events", params={"cursor": seen["id"]})).json()
    assert [item["id"] for item in page["items"]] == [second]


async def test_it_takes_the_filters_and_the_cursor_of_the_feed(follow, happen, make_contract, read):
    await happen()
    _, cursor = await read(at_least=1)
    other = await make_contract()
    await happen()
    wanted = await happen(other)
    async with follow(cursor=cursor, contract_id=str(other)) as response:
        assert json.loads((await Reader(response).event())["data"])["id"] == wanted


async def test_silence_is_broken_by_a_comment(follow):
    async with follow() as response, asyncio.timeout(10):
        reader = Reader(response)
        await reader.message()
        assert await reader.message() == {"": "still here"}


async def test_more_than_a_batch_comes_whole(follow, happen, monkeypatch):
    monkeypatch.setattr(service, "STREAM_BATCH", 3)
    stored = [await happen() for _ in range(8)]
    async with follow() as response:
        reader = Reader(response)
        assert [json.loads((await reader.event())["data"])["id"] for _ in stored] == stored


async def test_a_bad_cursor_is_a_problem_before_the_stream(follow):
    async with follow(cursor="nonsense") as response:
        assert response.status_code == 422


async def test_a_revoked_key_ends_it(follow, client):
    async with follow() as response:
        reader = Reader(response)
        assert await reader.message() == {"retry": "2000"}
        [key] = (await client.get("/v1/api-keys")).json()["items"]
        assert (await client.post(f"/v1/api-keys/{key['id']}/actions/revoke")).status_code == 200
        assert await reader.event() is None


async def test_open_streams_hold_no_connection(follow, database, happen):
    """More readers than the pool has connections, and a write goes through at once."""
    readers = [follow() for _ in range(24)]
    responses = [await reader.__aenter__() for reader in readers]
    try:
        assert {response.status_code for response in responses} == {200}
        async with asyncio.timeout(5):
            event_id = await happen()
            messages = await asyncio.gather(*[Reader(response).event() for response in responses])
        assert {json.loads(message["data"])["id"] for message in messages} == {event_id}
    finally:
        for reader in readers:
            await reader.__aexit__(None, None, None)


async def test_a_reader_that_leaves_ends_the_work_for_it(follow, bare_contract, monkeypatch):
    """Only this test's stream asks for this contract; a server that was just stopped may leave one of its own."""
    polls = 0
    after = service.after

    async def counted(reads, place, wanted, limit):
        nonlocal polls
        polls += wanted.contract_id == bare_contract
        return await after(reads, place, wanted, limit)

    async def grows():
        before = polls
        await asyncio.sleep(0.3)
        return polls > before

    monkeypatch.setattr(service, "after", counted)
    async with follow(contract_id=str(bare_contract)) as response:
        reader = Reader(response)
        assert await reader.message() == {"retry": "2000"}
        await asyncio.sleep(0.3)
    assert polls > 1
    async with asyncio.timeout(30):
        while await grows():
            pass
