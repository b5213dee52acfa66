import stat

import pytest

from clm.app import litestar
from clm.features.accounts import service
from clm.features.contracts.checks import CORRECT, REVIEW
from clm.kit.auth import Authenticator, hash_key
from clm.settings import Settings
from tests.conftest import caller

NEW = {"name": "ERP", "scopes": ["parties:read"]}


async def test_a_key_is_shown_once_and_stored_as_its_hash(client, database, tenant):
    made = (await client.post("/v1/api-keys", json=NEW)).json()
    assert made["key"].startswith("clm_")
    assert len(made["key"]) >= 43
    listed = (await client.get("/v1/api-keys")).json()["items"]
    assert [item["name"] for item in listed] == ["test", "ERP"]
    assert all("key" not in item for item in listed)
    rows = await database.reads(tenant).all("select key_hash from api_key order by id")
    assert rows[1]["key_hash"] == hash_key(made["key"])


async def test_a_made_key_works_within_its_scopes_until_it_is_revoked(client, api):
    made = (await client.post("/v1/api-keys", json=NEW)).json()
    headers = {"authorization": f"Bearer {made['key']}"}
    assert (await api.get("/v1/parties", headers=headers)).status_code == 200
    assert (await api.get("/v1/api-keys", headers=headers)).status_code == 403
    revoked = await client.post(f"/v1/api-keys/{made['id']}/actions/revoke")
    assert revoked.status_code == 200
    assert revoked.json()["revoked_at"] is not None
    refused = await api.get("/v1/parties", headers=headers)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_revoking_again_keeps_the_first_instant(client):
    made = (await client.post("/v1/api-keys", json=NEW)).json()
    first = await client.post(f"/v1/api-keys/{made['id']}/actions/revoke")
    again = await client.post(f"/v1/api-keys/{made['id']}/actions/revoke")
    assert again.json() == first.json()


async def test_a_key_may_not_grant_what_it_lacks(client_with):
    async with client_with("keys:write", "parties:read") as limited:
        refused = await limited.post("/v1/api-keys", json={"name": "x", "scopes": ["parties:read", "parties:write"]})
        allowed = await limited.post("/v1/api-keys", json=NEW)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["pointer"] == "/scopes/1"
    assert allowed.status_code == 201


@pytest.mark.parametrize("scope", ["", "parties", "parties:delete", "*:*", "Parties:read", "parties:read\n", "a:b:c"])
async def test_scopes_of_no_known_form_are_refused(client, scope):
    answer = await client.post("/v1/api-keys", json={"name": "x", "scopes": [scope]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/scopes/0"


async def test_a_scope_of_no_known_resource_is_refused_with_those_that_are(client, client_with):
    wanted = {"name": "x", "scopes": ["parties:read", "nonsense:read", "*:read", "tenants:*"]}
    async with client_with("keys:write") as limited:
        answers = [await limited.post("/v1/api-keys", json=wanted), await client.post("/v1/api-keys", json=wanted)]
    for answer in answers:
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/scopes/1", "/scopes/3"]
        assert "contract-types, contracts, corrections, events" in answer.json()["errors"][0]["message"]
    assert len((await client.get("/v1/api-keys")).json()["items"]) == 2


def test_the_known_resources_are_those_of_the_guards(database, vault):
    app = litestar(database, vault, Authenticator(lambda _: None), metrics=True)
    handlers = [handler for route in app.routes for handler in route.route_handlers]
    guarded = {guard.scope.partition(":")[0] for handler in handlers for guard in handler.guards or ()}
    asked_within = {
        scope.partition(":")[0] for scope in (REVIEW, CORRECT)
    }  # by what a body holds, not by the address alone
    assert guarded | asked_within == {*service.RESOURCES, "installation"}
    assert list(service.RESOURCES) == sorted(service.RESOURCES)


@pytest.mark.parametrize(
    ("held", "wanted", "enough"),
    [
        ({"*"}, "*", True),
        ({"*"}, "parties:*", True),
        ({"*:read", "*:write"}, "*", False),
        ({"*:read"}, "parties:read", True),
        ({"*:read"}, "parties:write", False),
        ({"parties:*"}, "parties:write", True),
        ({"parties:read", "parties:write"}, "parties:*", True),
        ({"parties:read"}, "parties:*", False),
        ({"parties:*"}, "*:read", False),
        ({"*:read"}, "*:read", True),
    ],
)
def test_which_scopes_cover_which(held, wanted, enough):
    assert service.covers(held, wanted) is enough


async def test_another_tenants_keys_are_not_there(client, stranger):
    made = (await client.post("/v1/api-keys", json=NEW)).json()
    assert (await stranger.post(f"/v1/api-keys/{made['id']}/actions/revoke")).status_code == 404
    assert len((await stranger.get("/v1/api-keys")).json()["items"]) == 1


async def test_keys_are_paged(client):
    for number in range(4):
        await client.post("/v1/api-keys", json=NEW | {"name": f"k{number}"})
    first = (await client.get("/v1/api-keys", params={"limit": 3})).json()
    second = (await client.get("/v1/api-keys", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    names = [item["name"] for item in first["items"] + second["items"]]
    assert names == ["test", "k0", "k1", "k2", "k3"]
    assert second["next_cursor"] is None


async def test_bootstrap_with_a_given_key_is_safe_to_repeat(database, tmp_path):
    settings = Settings(data_dir=tmp_path, bootstrap_api_key="given-" + tmp_path.name.ljust(40, "x"))
    assert await service.bootstrap(database, settings) is None
    first = await service.find_actor(database, hash_key(settings.bootstrap_api_key))
    assert await service.bootstrap(database, settings) is None
    assert await service.find_actor(database, hash_key(settings.bootstrap_api_key)) == first
    assert first.scopes == {"*", "installation:write"}
    assert not first.test_clock


async def test_a_revoked_first_key_stays_revoked(database, tmp_path):
    settings = Settings(data_dir=tmp_path, bootstrap_api_key="revoked-" + tmp_path.name.ljust(40, "x"))
    await service.bootstrap(database, settings)
    actor = await service.find_actor(database, hash_key(settings.bootstrap_api_key))
    async with database.work(actor.tenant) as unit:
        await unit.run(service.sql.revoke_key, actor.key)
    await service.bootstrap(database, settings)
    assert await service.find_actor(database, hash_key(settings.bootstrap_api_key)) is None


async def test_a_generated_first_key_is_told_once_and_kept_for_its_owner_alone(database, tmp_path):
    settings = Settings(data_dir=tmp_path / "new", bootstrap_test_clock=service.dt.datetime.now(service.dt.UTC))
    told = await service.bootstrap(database, settings)
    file = tmp_path / "new" / "first-key"
    assert file.read_text().strip() == told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["first-key"]
    assert await service.bootstrap(database, settings) is None
    assert (await service.find_actor(database, hash_key(told))).test_clock


async def test_what_concerns_the_installation_no_wildcard_covers(client, client_with):
    notice = {"source": "https://example.org/notice", "days": [{"date": "2090-01-01", "kind": "rest", "name": "元旦"}]}
    for scopes in (["*"], ["*:write", "calculations:*"]):
        async with client_with(*scopes) as wide:
            answer = await wide.put("/v1/calendars/CN/2090", json=notice)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert "installation:write" in answer.json()["detail"]
    wanted = {"name": "operator", "scopes": ["*", "installation:write"]}
    refused = await client.post("/v1/api-keys", json=wanted)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/scopes/1")
    async with client_with("*", "installation:write") as operator:
        passed_on = await operator.post("/v1/api-keys", json=wanted)
    assert (passed_on.status_code, passed_on.json()["scopes"]) == (201, wanted["scopes"])


@pytest.mark.parametrize("scope", ["installation:read", "installation:*"])
async def test_the_installation_knows_one_scope_only(client, scope):
    answer = await client.post("/v1/api-keys", json={"name": "x", "scopes": [scope]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/scopes/0")


@pytest.mark.parametrize(
    ("wanted", "given"), [(None, "confidential"), ("confidential", "confidential"), ("none", "none")]
)
async def test_a_key_has_clearance_unless_it_is_made_without(client, wanted, given):
    made = await client.post("/v1/api-keys", json=NEW | ({"clearance": wanted} if wanted else {}))
    assert (made.status_code, made.json()["clearance"]) == (201, given)
    listed = (await client.get("/v1/api-keys")).json()["items"]
    assert [item["clearance"] for item in listed] == ["confidential", given]


async def test_a_key_without_clearance_grants_none(client, app):
    made = (await client.post("/v1/api-keys", json={"name": "x", "scopes": ["*"], "clearance": "none"})).json()
    async with caller(app, made["key"]) as limited:
        refused = await limited.post("/v1/api-keys", json=NEW | {"clearance": "confidential"})
        inherited = await limited.post("/v1/api-keys", json=NEW)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/clearance")
    assert inherited.json()["clearance"] == "none"


async def test_a_clearance_of_no_known_kind_is_refused(client):
    answer = await client.post("/v1/api-keys", json=NEW | {"clearance": "secret"})
    assert answer.status_code == 400
