"""500 mixed files go in and come out again with equal hashes, by streaming body and in parts, sealed kinds too."""

import asyncio
import hashlib

import pytest

from tests.files import mixed
from tests.stores import BUCKET, free_port, rclone, url_of

FILES = 500
AT_ONCE = 12
KINDS = ("calling_list", "evidence", "pi_processing_appendix", "settlement_statement", "other")


@pytest.fixture(params=["directory", "s3"])
def service(request, tmp_path, make_served):
    if request.param == "directory":
        yield make_served()
        return
    (tmp_path / "buckets" / BUCKET).mkdir(parents=True)
    port = free_port()
    with rclone(tmp_path / "buckets", port):
        yield make_served(CLM_STORAGE_URL=url_of(port))


async def test_files_come_back_as_they_were_sent(service):
    files = mixed(FILES)
    gate = asyncio.Semaphore(AT_ONCE)
    async with service.client() as client:
        draft = {"type": "outbound-call-outsourcing", "number": "OC-1", "title": "外呼服务外包合同"}
        made = await client.post("/v1/contracts", json=draft)
        assert made.status_code == 201, made.text
        where = f"{made.headers['location']}/attachments"

        async def there_and_back(number):
            name, media_type, content = files[number]
            query = {"kind": KINDS[number % len(KINDS)], "name": f"{number}-{name}"}
            async with gate:
                stored = await client.post(where, params=query, content=content, headers={"content-type": media_type})
                assert stored.status_code == 201, (name, stored.text)
                version = stored.json()["versions"][0]
                back = await client.get(f"{stored.headers['location']}/versions/1/content")
            sent = hashlib.sha256(content).hexdigest()
            return (version["sha256"], version["size"], hashlib.sha256(back.content).hexdigest()) == (
                sent,
                len(content),
                sent,
            )

        assert all(await asyncio.gather(*(there_and_back(number) for number in range(FILES))))
        counted, cursor = 0, None
        while counted == 0 or cursor:
            page = (await client.get(where, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))).json()
            counted, cursor = counted + len(page["items"]), page["next_cursor"]
        assert counted == FILES
