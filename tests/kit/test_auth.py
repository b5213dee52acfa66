import pytest

from clm.kit import auth
from clm.kit.auth import Authenticator
from clm.kit.problems import Problem


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer wrong-key", "bearer\tx", "Bearer " + "x" * 5000, "Bearer ÿ"],
)
async def test_no_valid_key_no_answer(api, header):
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    for answer in (
        await api.get("/v1/parties", headers=headers),
        await api.post("/v1/parties", headers=headers, json={}),
        await api.get("/v1/nothing-here", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == 'Bearer realm="clm"'


async def test_the_scheme_is_read_without_regard_to_case(api, key):
    assert (await api.get("/v1/parties", headers={"authorization": f"bEARER {key}"})).status_code == 200


async def test_a_missing_scope_is_403_before_the_body_is_looked_at(client_with):
    async with client_with("contracts:write") as other:
        answer = await other.post("/v1/parties", content=b"not json")
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize("scope", ["parties:read", "parties:*", "*:read", "*"])
async def test_a_wider_scope_is_enough(client_with, scope):
    async with client_with(scope) as other:
        assert (await other.get("/v1/parties")).status_code == 200


async def test_an_actor_is_remembered_and_forgotten():
    calls = []

    async def lookup(digest):
        calls.append(digest)
        return auth.Actor(auth.UUID(int=1), auth.UUID(int=2), frozenset(), test_clock=False)

    authenticator = Authenticator(lookup)
    await authenticator.actor("Bearer a")
    await authenticator.actor("Bearer a")
    assert len(calls) == 1
    authenticator.forget(auth.UUID(int=2))
    await authenticator.actor("Bearer a")
    assert len(calls) == 2


async def test_what_is_remembered_runs_out_and_an_unknown_key_is_never_remembered(monkeypatch):
    known = {auth.hash_key("a"): auth.Actor(auth.UUID(int=1), auth.UUID(int=2), frozenset(), test_clock=False)}

    async def lookup(digest):
        return known.get(digest)

    authenticator = Authenticator(lookup)
    await authenticator.actor("Bearer a")
    known.clear()
    await authenticator.actor("Bearer a")
    now = auth.time.monotonic()
    monkeypatch.setattr(auth.time, "monotonic", lambda: now + auth.REMEMBER_SECONDS + 1)
    with pytest.raises(Problem) as caught:
        await authenticator.actor("Bearer a")
    assert caught.value.kind.status == 401


def test_keys_are_long_random_and_differ():
    made = {auth.new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(len(key) >= 43 and key.startswith("clm_") for key in made)
