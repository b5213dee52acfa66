"""What the database itself holds, whatever a defect of ours might try under the service's role."""

import datetime as dt
from importlib import resources
from uuid import UUID

import asyncpg
import pytest

from clm.kit.sql import Statements
from tests.conftest import START, caller, new_tenancy
from tests.features.contracts.acts import act, formed, get, ok, path

ROWS = Statements("rows.sql", (resources.files("tests.features.contracts") / "rows.sql").read_text(encoding="utf-8"))
TERM = {"term": {"end": "2026-12-31"}}


@pytest.fixture
async def signed(app, clocked_tenancy):
    """The id of a contract in force since the first of January 2026, and its tenant."""
    async with caller(app, clocked_tenancy.key) as client:
        made = await formed(client, terms=TERM)
    return UUID(made["id"]), clocked_tenancy.tenant


async def tried(database, signed, statement, *more):
    contract_id, tenant = signed
    async with database.work(tenant) as unit:
        await unit.run(statement, contract_id, *more)


@pytest.mark.parametrize(
    "statement", ["change_fact", "backdate_fact", "change_event", "change_timer", "change_version"]
)
async def test_what_is_recorded_is_not_changed(database, signed, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tried(database, signed, getattr(ROWS, statement))


@pytest.mark.parametrize(
    "statement", ["delete_facts", "delete_events", "delete_contract", "delete_timers", "delete_versions"]
)
async def test_what_is_recorded_is_not_deleted(database, signed, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tried(database, signed, getattr(ROWS, statement))
    contract_id, tenant = signed
    assert await database.reads(tenant).value(ROWS.count_facts, contract_id) == 5


@pytest.mark.parametrize(
    ("begins", "ends"), [(START, None), (START - dt.timedelta(days=9), START + dt.timedelta(microseconds=1))]
)
async def test_two_versions_are_never_in_force_at_once(database, signed, begins, ends):
    with pytest.raises(asyncpg.ExclusionViolationError) as error:
        await tried(database, signed, ROWS.open_version, begins, ends, 2)
    assert error.value.constraint_name == "one_version_in_force"


async def test_versions_that_follow_on_each_other_are_fine(database, signed):
    await tried(database, signed, ROWS.open_version, START - dt.timedelta(days=9), START, 2)


async def test_one_number_is_one_current_version(database, signed):
    with pytest.raises(asyncpg.UniqueViolationError):
        await tried(database, signed, ROWS.open_version, START - dt.timedelta(days=9), START, 1)


async def test_one_timer_of_a_key_is_armed(database, signed):
    with pytest.raises(asyncpg.UniqueViolationError):
        await tried(database, signed, ROWS.second_armed_timer)


async def test_one_amendment_is_open(database, signed, app, clocked_tenancy):
    async with caller(app, clocked_tenancy.key) as client:
        proposal = {"changes": [{"op": "replace", "path": "/title", "value": "x"}]}
        await ok(await client.post(f"/v1/contracts/{signed[0]}/amendments", json=proposal), 201)
    with pytest.raises(asyncpg.UniqueViolationError) as error:
        await tried(database, signed, ROWS.second_open_amendment)
    assert error.value.constraint_name == "one_open_amendment"


@pytest.mark.parametrize("statement", ["effective_without_start", "terminated_without_outcome"])
async def test_a_status_that_contradicts_the_dates_is_refused(database, signed, statement):
    with pytest.raises(asyncpg.CheckViolationError):
        await tried(database, signed, getattr(ROWS, statement))


async def test_nothing_is_written_for_another_tenant(database, signed):
    other = await new_tenancy(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tried(database, signed, ROWS.foreign_event, other.tenant)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await tried(database, (signed[0], other.tenant), ROWS.foreign_event, other.tenant)


async def test_each_fact_is_one_row_with_its_event(app, clocked_tenancy, signed):
    async with caller(app, clocked_tenancy.key) as client:
        past = (await get(client, {"id": str(signed[0])}, "/timeline"))["past"]
        assert (await client.get(path({"id": str(signed[0])}))).status_code == 200
    assert [one["type"] for one in past] == [
        "contract.created",
        "contract.submitted",
        "contract.approved",
        "contract.executed",
        "contract.executed",
        "contract.formed",
        "contract.effective",
    ]
    assert len({one["fact_id"] for one in past if one["fact_id"]}) == 5


async def test_a_fact_that_concerns_no_timer_leaves_the_timers_as_they_are(clocked):
    waits = {
        "conditions": [{"key": "licence", "description": "许可证"}],
        "approval": {"authority": "通信管理局"},
        "not_before": "2026-03-01",
    }
    made = await formed(clocked, terms={"effectiveness": waits})
    await act(clocked, made, "satisfy-condition", condition="approval")
    await act(clocked, made, "satisfy-condition", condition="licence")
    item = {"name": "名单", "class": "ordinary", "owner": "A", "recipients": ["B"]}
    told = await ok(await clocked.post(path(made, "/confidential-items"), json=item), 201)
    assert (told["decision"]["cancelled"], told["decision"]["armed"]) == ([], [])
