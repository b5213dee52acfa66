"""The calculators' examples in the API's document are requests that work, with the very answers that they get."""

import pytest


@pytest.fixture
async def examples(client):
    """Path, request and response of every documented calculation."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    return [
        (path, _example(methods["post"]["requestBody"]), _example(methods["post"]["responses"]["200"]))
        for path, methods in paths.items()
        if path.startswith("/v1/calculations/")
    ]


def _example(described):
    (media_type,) = described["content"].values()
    given = media_type.get("example")
    return given if given is not None else next(iter(media_type["examples"].values()))["value"]


async def test_every_example_is_answered_as_shown(client, examples):
    assert len(examples) >= 14
    wrong = {}
    for path, request, response in examples:
        answer = await client.post(path, json=request)
        if (answer.status_code, answer.json()) != (200, response):
            wrong[path] = answer.json()
    assert wrong == {}
