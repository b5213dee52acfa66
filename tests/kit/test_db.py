"""Tenants are kept apart by the database itself."""

import asyncio
from importlib import resources
from uuid import UUID

import asyncpg
import pytest

from clm.kit import db
from clm.kit.ids import uuid7
from clm.kit.sql import Statements

CATALOG = Statements("catalog.sql", (resources.files("tests.kit") / "catalog.sql").read_text(encoding="utf-8"))
WITHOUT_TENANT = {
    "schema_migration",  # which migrations are applied
    "legal_edition",  # public law is the same for every tenant: how often any was loaded,
    "holiday",  # the State Council's notices,
    "lending_rate",  # and the published rates
}
LOOKING_ACROSS = [
    "clm_carrier_tenant",
    "clm_contracts_with",
    "clm_first_contracts_with",
    "clm_key_by_hash",
    "clm_object_references",
    "clm_passages",
    "clm_recent_passages",
    "clm_tenants_behind",
    "clm_tenants_to_index",
    "clm_tenants_with_due_work",
    "clm_tenants_with_files",
    "clm_tenants_with_late_uploads",
    "clm_tenants_with_matches",
    "clm_tenants_with_outgoing",
]
LOADING = ["clm_load_holidays", "clm_load_rates"]
PARTY = {"legal_name": "x", "kind": "legal_person"}


async def test_every_table_of_a_tenant_is_secured_against_everybody(database, tenant):
    tables = await database.reads(tenant).all(CATALOG.tenant_tables)
    assert len(tables) >= 15
    for table in tables:
        if table["name"] in WITHOUT_TENANT:
            continue
        assert table["tenanted"], table["name"]
        assert table["secured"], table["name"]
        assert table["forced"], table["name"]
        assert "tenant:true:true" in table["policies"], table["name"]
        others = [policy for policy in table["policies"] if not policy.startswith(("tenant:", "lookup:"))]
        assert others == [], table["name"]


async def test_the_tenant_comes_first_in_every_unique_key(database, tenant):
    assert await database.reads(tenant).all(CATALOG.keys_without_tenant_first) == []


async def test_only_these_functions_look_across_tenants_and_not_for_everybody(database, tenant):
    found = await database.reads(tenant).all(CATALOG.definers)
    assert [row["name"] for row in found if row["owner"] == "clm_lookup"] == LOOKING_ACROSS
    assert [row["name"] for row in found if row["owner"] != "clm_lookup"] == LOADING
    assert {row["owner"] for row in found if row["name"] in LOADING} == {"clm_owner"}
    for row in found:
        assert (row["pinned"], row["open_to_all"]) == (True, False)
    privileges = await database.reads(tenant).all(CATALOG.lookup_privileges)
    assert {row["privilege_type"] for row in privileges} <= {"SELECT"}


@pytest.mark.parametrize("statement", [CATALOG.drop_holidays, CATALOG.forge_rate, CATALOG.move_edition])
async def test_the_service_role_only_reads_what_is_no_tenants(database, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.untenanted(statement)


async def test_the_service_role_can_neither_bypass_nor_own(database, tenant):
    role = await database.reads(tenant).one(db.sql.role)
    assert role["name"] == "clm_service"
    assert not role["bypasses"]
    assert not role["owns_tables"]


@pytest.mark.parametrize("statement", [CATALOG.disable_security, CATALOG.become_owner])
async def test_the_service_role_cannot_lift_the_security(database, tenant, statement):
    async with database.work(tenant) as unit:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await unit.run(statement)


async def test_rows_of_another_tenant_are_neither_seen_nor_written(client, stranger, database, tenant):
    await stranger.post("/v1/parties", json=PARTY)
    await client.post("/v1/parties", json=PARTY)
    rows = await database.reads(tenant).all(CATALOG.all_parties)
    assert [row["tenant_id"] for row in rows] == [tenant]
    async with database.work(tenant) as unit:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await unit.run(CATALOG.foreign_insert, uuid7(), uuid7())


async def test_a_connection_without_a_tenant_sees_an_error_not_an_empty_table(dsns):
    connection = await asyncpg.connect(dsns.service)
    try:
        with pytest.raises(asyncpg.PostgresError):
            await connection.fetch(CATALOG.all_parties)
    finally:
        await connection.close()


async def test_a_snapshot_sees_one_moment(client, database, tenant):
    async with database.reads(tenant).snapshot() as held:
        before = await held.value(CATALOG.count_parties)
        await client.post("/v1/parties", json=PARTY)
        assert await held.value(CATALOG.count_parties) == before == 0
    assert await database.reads(tenant).value(CATALOG.count_parties) == 1


async def test_a_snapshot_is_for_reading(database, tenant):
    async with database.reads(tenant).snapshot() as held:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await held.one(CATALOG.foreign_insert, tenant, uuid7())


async def test_a_unit_commits_at_the_end_or_not_at_all(database, tenant):
    async with database.work(tenant) as unit:
        await unit.run(CATALOG.foreign_insert, tenant, uuid7())
    assert await database.reads(tenant).value(CATALOG.count_parties) == 1
    with pytest.raises(RuntimeError):
        await _fail_after_insert(database, tenant)
    assert await database.reads(tenant).value(CATALOG.count_parties) == 1


async def _fail_after_insert(database, tenant):
    async with database.work(tenant) as unit:
        await unit.run(CATALOG.foreign_insert, tenant, uuid7())
        raise RuntimeError


async def test_a_unit_begins_with_its_first_statement(database, tenant):
    unit = database.unit(tenant)
    assert not unit.begun
    await unit.value(db.sql.ping)
    assert unit.begun
    await unit.rollback()
    assert not unit.begun
    await unit.rollback()


async def test_the_tenant_is_set_only_when_it_changes(database, tenant, monkeypatch):
    set_to = []
    original = db.TenantConnection.fetchval

    async def fetchval(self, statement, *args, **more):
        if statement == db.sql.set_tenant:
            set_to.append(UUID(args[0]))
        return await original(self, statement, *args, **more)

    monkeypatch.setattr(db.TenantConnection, "fetchval", fetchval)
    other = uuid7()
    async with database.connection(tenant) as connection:
        set_to.clear()
        for one in (tenant, tenant, other, other, tenant):
            await connection.use(one)
    assert set_to == [other, tenant]


async def test_a_setting_cut_off_midway_is_made_anew(database, tenant):
    async with database.connection(tenant) as connection:
        task = asyncio.create_task(connection.use(uuid7()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.use(tenant)
        assert await connection.fetchval(CATALOG.whose) == str(tenant)
