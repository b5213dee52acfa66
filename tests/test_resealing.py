"""The master key is changed by wrapping the tenants' keys anew; what is sealed stays as it is."""

import base64
import os

import pytest

from clm import doctor, keys
from clm.app import create_app
from clm.features.attachments import keys as sealed
from clm.kit.vault import Vault, own_key
from clm.settings import Settings, SettingsError
from tests.conftest import MASTER_KEY, caller, new_tenancy

NEW = bytes(32)


def shown(key):
    return base64.b64encode(key).decode()


@pytest.fixture
async def listed(database, store, app, client):
    """A sealed file of a tenant of this test's own: other tests' tenants are sealed under the usual key."""
    draft = {"type": "outbound-call-outsourcing", "number": "OC-1", "title": "x"}
    contract = (await client.post("/v1/contracts", json=draft)).json()
    query = {"kind": "calling_list", "name": "a.csv"}
    made = await client.post(f"/v1/contracts/{contract['id']}/attachments", params=query, content=b"secret")
    assert made.status_code == 201, made.text
    return made.json()


class OneTenant:
    """A database whose only tenant with files is this one."""

    def __init__(self, database, tenant):
        self.reads, self.work = database.reads, database.work
        self._tenant = tenant

    async def untenanted(self, statement):
        return [{"tenant_id": self._tenant}]


async def content(database, store, key, master, listed):
    async with caller(create_app(database, Vault(store, master)), key) as client:
        answer = await client.get(f"/v1/attachments/{listed['id']}/versions/1/content")
        return answer.status_code, answer.content


async def test_the_new_key_opens_what_was_sealed_under_the_old(database, store, tenant, key, listed, capsys):
    alone = OneTenant(database, tenant)
    settings = Settings(master_key=shown(NEW), old_master_key=shown(MASTER_KEY))
    assert await keys.reseal(alone, settings) == 0
    assert "1 tenants" in capsys.readouterr().err
    assert await content(database, store, key, NEW, listed) == (200, b"secret")
    assert (await content(database, store, key, MASTER_KEY, listed))[0] == 503
    assert await keys.reseal(alone, settings) == 0
    assert "0 tenants" in capsys.readouterr().err
    assert await sealed.locked_out(alone, NEW) == []
    assert await sealed.locked_out(alone, MASTER_KEY) == [tenant]


async def test_the_key_file_of_an_embedded_service_is_the_old_one(database, store, tenant, key, listed, tmp_path):
    alone = OneTenant(database, tenant)
    own = own_key(tmp_path)
    await sealed.rewrap(alone, MASTER_KEY, own)
    assert await keys.reseal(alone, Settings(master_key=shown(NEW), data_dir=tmp_path)) == 0
    assert await content(database, store, key, NEW, listed) == (200, b"secret")


async def test_a_key_that_is_not_the_old_one_changes_nothing(database, store, tenant, key, listed, capsys):
    wrong = Settings(master_key=shown(NEW), old_master_key=shown(os.urandom(32)))
    assert await keys.reseal(OneTenant(database, tenant), wrong) == 1
    assert str(tenant) in capsys.readouterr().err
    assert await content(database, store, key, MASTER_KEY, listed) == (200, b"secret")


@pytest.mark.parametrize(
    ("fields", "said"), [({}, "CLM_MASTER_KEY"), ({"master_key": shown(NEW)}, "CLM_OLD_MASTER_KEY")]
)
async def test_what_it_needs_is_said(database, tmp_path, capsys, fields, said):
    assert await keys.reseal(database, Settings(data_dir=tmp_path, **fields)) == 1
    assert said in capsys.readouterr().err


async def test_doctor_names_tenants_whose_key_does_not_open(database, store, tenant, listed):
    settings = Settings(master_key=shown(NEW), database_url="postgresql://x")
    findings = {f.check: f async for f in doctor.examine(database, store, settings, {})}
    assert "clm reseal" in findings["keys"].remedy


@pytest.mark.parametrize("value", ["clm.example.com", "ftp://x", "https://", "https://x?y=1"])
def test_a_public_address_that_is_none(value):
    with pytest.raises(SettingsError, match="CLM_PUBLIC_URL"):
        Settings.from_environment({"CLM_PUBLIC_URL": value})


async def test_others_keep_their_key(database, store, tenant, listed):
    other = await new_tenancy(database)
    assert await sealed.rewrap(OneTenant(database, other.tenant), MASTER_KEY, NEW) == (0, [])
