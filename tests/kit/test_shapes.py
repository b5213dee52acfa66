"""A body that does not fit is told where, and what would fit."""

import msgspec
import pytest

from clm.app import litestar
from clm.kit import shapes
from clm.kit.auth import Authenticator

PARTY = {"legal_name": "x", "kind": "legal_person"}
CONTACTS = PARTY | {"contacts": [{"name": "李雷", "email": "lilei"}]}


async def wrong(client, body, path="/v1/parties"):
    answer = await client.post(path, json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "malformed"
    (error,) = answer.json()["errors"]
    assert error["message"] in answer.json()["detail"]
    return error["pointer"], error["message"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (PARTY | {"nickname": "y"}, "/nickname"),
        (PARTY | {"a/b~c": "y"}, "/a~1b~0c"),
        ({"legal_name": "x"}, "/kind"),
        (PARTY | {"contacts": [{"name": "x"}, {"name": "x", "nickname": "y"}]}, "/contacts/1/nickname"),
        (PARTY | {"contacts": [{}]}, "/contacts/0/name"),
    ],
)
async def test_a_field_unknown_or_missing_is_pointed_at(client, body, pointer):
    assert (await wrong(client, body))[0] == pointer


@pytest.mark.parametrize(
    ("body", "pointer", "allowed"),
    [
        (PARTY | {"kind": "person"}, "/kind", "legal_person, unincorporated, natural_person, public_body"),
        (PARTY | {"size_class": "huge"}, "/size_class", "micro, small, medium, large, public_body"),
        (PARTY | {"addresses": [{"channel": "pigeon", "address": "x"}]}, "/addresses/0/channel", "personal, courier"),
    ],
)
async def test_a_choice_lists_what_is_allowed(client, body, pointer, allowed):
    at, message = await wrong(client, body)
    assert at == pointer
    assert all(choice in message.partition("allowed: ")[2].split(", ") for choice in allowed.split(", "))


async def test_a_pattern_is_told_in_words(client):
    assert await wrong(client, CONTACTS) == (
        "/contacts/0/email",
        "Not of the form that is expected: An e-mail address",
    )
    pointer, message = await wrong(client, {"name": "x", "scopes": ["parties"]}, "/v1/api-keys")
    assert pointer == "/scopes/0"
    assert "`resource:read`" in message


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"legal_name": "a\xff", "kind": "legal_person"}', b'{"\xff": 1}'])
async def test_a_body_in_another_encoding_is_told_so(client, body):
    answer = await client.post("/v1/parties", content=body)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The body is not valid UTF-8."


def test_every_body_has_a_schema_to_explain_it_by_and_no_pattern_without_words(database, vault):
    app = litestar(database, vault, Authenticator(lambda _: None), metrics=False)
    bodies = [
        handler.parsed_fn_signature.parameters["data"].annotation
        for route in app.routes
        for handler in route.route_handlers
        if "data" in handler.parsed_fn_signature.parameters
    ]
    _, components = msgspec.json.schema_components(bodies)
    assert len(bodies) > 30

    def patterns(node):
        if isinstance(node, dict):
            if "pattern" in node:
                yield node
            for value in node.values():
                yield from patterns(value)
        elif isinstance(node, list):
            for value in node:
                yield from patterns(value)

    found = list(patterns(components))
    assert len(found) > 3
    assert [node for node in found if "description" not in node] == []


def test_what_a_map_or_a_pair_holds_is_explained_too():
    wanted = dict[str, tuple[int, list[shapes.FieldError | None]]]
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(b'{"k": [1, [null, {"pointer": "/x"}]]}', type=wanted)
    problem = shapes.misfit(str(raised.value), wanted)
    assert problem.errors[0].pointer == "/.../1/1/message"
