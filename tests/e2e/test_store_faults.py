"""Faults between the service and its bucket: what is said, what is left, what a retry does.

Each cell of the matrix spoils one kind of request that one action makes. Whatever comes of it, every row points at the
bytes that were sent, the same action done again succeeds, and the sweep leaves nothing that no row points at.
"""

import asyncio
import hashlib
import itertools
import subprocess
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from clm.features.attachments import sweeping
from clm.features.attachments.reading import sql
from clm.features.attachments.storing import object_key
from clm.kit import embedded, migrations
from clm.kit.db import Database
from clm.kit.storage import StorageUnavailable, from_url
from clm.kit.storage.s3 import S3Store
from tests.conftest import Served, new_tenancy
from tests.faulty import Proxy
from tests.stores import BUCKET, free_port, rclone, url_of

# `ok`: it succeeds all the same, after another try or because nothing was lost. `503`: it is said, to be tried again.
# `cut`: the bytes break off before their announced end. `-`: there is no such fault of this request, or rclone itself
# is at a loss after it (it forgets an upload that was to be completed with a wrong tag). `.`: left to a row like it.
FAULTS = ["stalled", "cut_in", "cut_out", "lost", "wrong_tag", "wrong_bytes", "busy_once", "busy", "told_late"]
MATRIX = """
upload   put        503  503  503  503  503  503  ok   503  -
sealed   put        .    503  503  503  503  503  ok   503  -
long     begin      503  503  503  503  -    -    503  503  503
long     part       503  503  503  503  503  503  ok   503  -
long     complete   503  503  503  503  -    503  503  503  503
version  put        .    503  503  503  503  503  ok   503  -
announce begin      503  503  503  503  -    -    503  503  503
complete parts      503  503  503  503  -    -    ok   503  503
complete complete   503  503  503  503  -    503  503  503  503
complete get        503  503  503  503  -    -    ok   503  -
abort    abort      503  503  ok   503  -    -    ok   503  -
download get        503  503  cut  503  -    -    ok   503  -
unsealed get        .    503  cut  503  -    cut  ok   503  -
ranged   get        .    503  503  503  -    -    ok   503  -
"""
CELLS = [
    (action, step, fault, outcome)
    for action, step, *outcomes in map(str.split, MATRIX.strip().splitlines())
    for fault, outcome in zip(FAULTS, outcomes, strict=True)
    if outcome not in "-."
]
TIMEOUT = 0.6
AT_ONCE = 6
MIB = 1024 * 1024
LONG = 5 * MIB + 1000
EVERYTHING = timedelta(seconds=-5)
AT_MOST = 10


numbers = itertools.count()


def content(size=1000):
    """Bytes that nobody sent before."""
    return hashlib.shake_128(str(next(numbers)).encode()).digest(size)


class Behind:
    """`clm serve`, the proxy between it and its bucket, and what the tests look past both with."""

    def __init__(self, served, proxy, database, bucket):
        self.served, self.proxy, self.database, self.bucket = served, proxy, database, bucket

    @asynccontextmanager
    async def tenant(self):
        """A tenant with a contract to attach to."""
        tenancy = await new_tenancy(self.database)
        headers = {"authorization": f"Bearer {tenancy.key}"}
        async with httpx.AsyncClient(base_url=self.served.url, headers=headers, timeout=60) as client:
            draft = {"type": "outbound-call-outsourcing", "number": "OC-1", "title": "外呼服务外包合同"}
            contract = (await client.post("/v1/contracts", json=draft)).headers["location"]
            yield Service(self.database, self.bucket, tenancy.tenant, client, contract)


@dataclass
class Service:
    """The service as one tenant sees it."""

    database: Database
    bucket: S3Store
    id: UUID
    client: httpx.AsyncClient
    contract: str

    async def attach(self, body, *, kind="evidence", where=None):
        """The answer to a plain upload."""
        where, query = (where, {}) if where else (f"{self.contract}/attachments", {"kind": kind, "name": "附件.bin"})
        return await self.client.post(where, params=query, content=body)

    async def announce(self, size):
        """The answer to the announcement of an upload in parts."""
        new = {"kind": "evidence", "name": "录像.bin", "size": size}
        return await self.client.post(f"{self.contract}/attachments/uploads", json=new)

    async def keys(self):
        """The tenant's keys in the bucket."""
        return {each.key async for each in self.bucket.list(f"{self.id}/")}

    async def pointed_at(self):
        """The keys that a row points at, each of which leads to the bytes that it names."""
        rows = await self.database.reads(self.id).all(sql.files, UUID(int=0), 0, 1000)
        for row in rows:
            found = hashlib.sha256()
            async for chunk in self.bucket.open(row["key"]):
                found.update(chunk)
            assert found.hexdigest() == row["stored_sha256"]
        return {row["key"] for row in rows}


@pytest.fixture(scope="module")
async def behind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    (folder / "buckets" / BUCKET).mkdir(parents=True)
    port, through = free_port(), free_port()
    with embedded.temporary() as server, rclone(folder / "buckets", port), Proxy(through, port) as proxy:
        dsns = server.start()
        await migrations.migrate(dsns.owner)
        served = Served(
            folder / "data",
            CLM_DATABASE_URL=dsns.service,
            CLM_STORAGE_URL=url_of(through, timeout=TIMEOUT),
            CLM_MASTER_KEY="ab" * 32,
        )
        served.data_dir.mkdir()
        database, bucket = Database(dsns.service), from_url(url_of(port))
        await database.open()
        yield Behind(served.start(), proxy, database, bucket)
        doctor = [sys.executable, "-m", "clm.cli", "doctor", "--deep"]
        said = subprocess.run(doctor, env=served._environment, check=False, capture_output=True, text=True)
        assert said.returncode == 0, said.stdout + said.stderr
        await bucket.close()
        await database.close()
        served.stop()


@pytest.fixture
async def service(behind):
    async with behind.tenant() as service:
        yield service


async def upload(service, *, size=1000, kind="evidence"):
    body = content(size)
    return lambda: service.attach(body, kind=kind)


async def sealed(service):
    return await upload(service, kind="calling_list")


async def long(service):
    return await upload(service, size=LONG)


async def version(service):
    made = await service.attach(content())
    body = content()
    return lambda: service.attach(body, where=f"{made.headers['location']}/versions")


async def announce(service):
    return lambda: service.announce(LONG)


async def begun(service):
    """An upload whose parts have arrived."""
    body = content(LONG)
    made = (await service.announce(LONG)).json()
    at = 0
    async with httpx.AsyncClient() as browser:
        for part in made["parts"]:
            sent = await browser.put(part["url"], content=body[at : at + part["size"]])
            assert sent.status_code == 200, sent.text
            at += part["size"]
    return f"/v1/uploads/{made['id']}/actions"


async def complete(service):
    where = await begun(service)
    return lambda: service.client.post(f"{where}/complete")


async def abort(service):
    where = await begun(service)
    return lambda: service.client.post(f"{where}/abort")


async def download(service, *, kind="evidence", span=slice(None), **headers):
    body = content(4 * MIB)
    made = await service.attach(body, kind=kind)

    async def read():
        answer = await service.client.get(f"{made.headers['location']}/versions/1/content", headers=headers)
        assert answer.status_code == 503 or answer.content == body[span]
        return answer

    return read


async def unsealed(service):
    return await download(service, kind="calling_list")


async def ranged(service):
    return await download(service, span=slice(1000, 2001), range="bytes=1000-2000")


ACTIONS = {
    made.__name__: made
    for made in (upload, sealed, long, version, announce, complete, abort, download, unsealed, ranged)
}


async def outcome(act):
    """How an action ended, as the matrix calls it."""
    try:
        answer = await act()
    except (httpx.RemoteProtocolError, httpx.ReadError):
        return "cut"
    if answer.status_code != 503:
        return "ok" if answer.is_success else f"{answer.status_code} {answer.text}"
    assert (answer.json()["code"], "retry-after" in answer.headers) == ("unavailable", True)
    return "503"


async def heals(service, act, after):
    """Whatever a fault has left, nothing points at it; another try succeeds, and the sweep removes what is left."""
    await service.pointed_at()
    assert (after, await outcome(act)) == (after, "ok")
    await sweeping.sweep(service.database, service.bucket, service.id, EVERYTHING)
    assert await service.keys() == await service.pointed_at()


async def spoiled(behind, action, step, fault):
    """How one cell of the matrix comes out."""
    async with behind.tenant() as service:
        act = await ACTIONS[action](service)
        with behind.proxy.spoils(str(service.id), step, fault) as spoiling:
            began = time.monotonic()
            found = await outcome(act)
            seconds = time.monotonic() - began
        assert spoiling.met, f"{action} does not ask for {step}: {spoiling.seen}"
        assert seconds < AT_MOST
        await heals(service, act, (action, step, fault, found))
        return found


async def differing(behind, cells):
    """The cells that come out otherwise, and how; a few at once, for the bucket shall be slow only on purpose."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(action, step, fault, wanted):
        async with gate:
            found = await spoiled(behind, action, step, fault)
        return {} if found == wanted else {(action, step, fault): found}

    return [each for each in await asyncio.gather(*(one(*cell) for cell in cells)) if each]


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_spoiled_request(behind, action):
    assert await differing(behind, [cell for cell in CELLS if cell[0] == action and cell[2] != "stalled"]) == []


async def test_a_bucket_that_takes_a_request_and_never_answers(behind):
    assert await differing(behind, [cell for cell in CELLS if cell[2] == "stalled"]) == []


async def test_a_bucket_that_refuses_every_connection(behind):
    async with AsyncExitStack() as stack:
        services = [await stack.enter_async_context(behind.tenant()) for _ in ACTIONS]
        acts = [await make(service) for make, service in zip(ACTIONS.values(), services, strict=True)]
        with behind.proxy.refuses():
            assert await asyncio.gather(*map(outcome, acts)) == ["503"] * len(acts)
        for service, act in zip(services, acts, strict=True):
            await heals(service, act, "refused")


@pytest.mark.parametrize(("step", "fault"), [("list", "stalled"), ("list", "cut_out"), ("delete", "lost")])
async def test_a_sweep_that_is_cut_off_is_carried_on_by_the_next(behind, service, step, fault):
    await service.attach(content())
    for _ in range(3):
        body = content()
        await service.bucket.put(object_key(service.id, hashlib.sha256(body).hexdigest()), pieces(body))
    through = from_url(url_of(behind.proxy.port, timeout=TIMEOUT))
    with behind.proxy.spoils(str(service.id), step, fault), pytest.raises(StorageUnavailable):
        await sweeping.sweep(service.database, through, service.id, EVERYTHING)
    await service.pointed_at()
    await sweeping.sweep(service.database, through, service.id, EVERYTHING)
    await through.close()
    assert await service.keys() == await service.pointed_at()


async def pieces(*chunks):
    for chunk in chunks:
        yield chunk
