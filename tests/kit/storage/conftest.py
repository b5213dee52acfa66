"""Every store: a directory, a bucket that rclone serves on this machine, one that MinIO does."""

import pytest

from clm.kit.storage import from_url
from tests import stores
from tests.stores import BUCKET, LOCKED, NO_MINIO, free_port


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    (folder / BUCKET).mkdir()
    port = free_port()
    with stores.rclone(folder, port):
        yield port


@pytest.fixture(scope="session")
def s3_url(s3_port):
    return stores.url_of(s3_port)


@pytest.fixture(scope="session")
def minio_port(tmp_path_factory):
    if stores.minio_program() is None:
        pytest.skip(NO_MINIO)
    port = free_port()
    with stores.minio(tmp_path_factory.mktemp("minio"), port):
        yield port


@pytest.fixture(scope="session")
def minio_url(minio_port):
    return stores.url_of(minio_port)


@pytest.fixture(scope="session")
def locked_url(minio_port):
    """A bucket that locks objects."""
    return stores.url_of(minio_port, LOCKED)


@pytest.fixture(params=["directory", "s3", "minio"])
async def store(request, tmp_path):
    """The store under test; every test takes keys of its own."""
    url = (
        f"file://{tmp_path}/objects"
        if request.param == "directory"
        else request.getfixturevalue(f"{request.param}_url")
    )
    made = from_url(url)
    yield made
    await made.close()
