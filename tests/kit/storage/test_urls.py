"""Addresses of stores."""

from datetime import timedelta

import pytest

from clm.kit.storage import from_url
from clm.kit.storage.directory import DirectoryStore


@pytest.mark.parametrize(
    "url",
    [
        "",
        "objects",
        "/var/objects",
        "file://objects",
        "file:objects",
        "http://key:hunter2@host/bucket",
        "s3://host/bucket",
        "s3://key@host/bucket",
        "s3://key:hunter2@host",
        "s3://key:hunter2@host/bucket/folder",
        "s3://key:hunter2@host/bucket?secure=no",
        "s3://key:hunter2@host/bucket?security=false",
        "s3://key:hunter2@host/bucket?public=https://files.example.com",
        "s3://key:hunter2@host/bucket?region=x&public=files.example.com",
        "s3://key:hunter2@host/bucket?region=x&public=https://files.example.com/path",
    ],
)
def test_other_addresses_are_refused_without_repeating_the_secret(url):
    with pytest.raises(ValueError, match="storage address") as refused:
        from_url(url)
    assert "hunter2" not in str(refused.value)


async def test_a_folder_with_a_blank_in_its_name(tmp_path):
    made = from_url(f"file://{tmp_path}/with%20blank")
    assert isinstance(made, DirectoryStore)
    assert (tmp_path / "with blank").is_dir()
    await made.close()


async def test_an_address_says_whether_the_line_is_secure():
    secure = from_url("s3://key:secret@host:9000/bucket?region=eu-west-1")
    assert secure._client._base_url.is_https
    assert secure._client._base_url.region == "eu-west-1"
    plain = from_url("s3://key:secret@host:9000/bucket?secure=false")
    assert not plain._client._base_url.is_https
    await secure.close()
    await plain.close()


async def test_others_may_reach_the_server_elsewhere():
    made = from_url("s3://key:secret@minio:9000/bucket?secure=false&region=x&public=https://files.example.com")
    url = await made.download_url(
        "a",
        disposition="attachment",
        media_type="text/csv",
        sha256="ab" * 32,
        lifetime=timedelta(minutes=1),
        public_base="",
    )
    assert url.startswith("https://files.example.com/bucket/a?")
    assert "X-Amz-Expires=60" in url
    await made.close()
