"""A small HTTP client: JSON or bytes in, an answer out, and an error for whatever the story does not expect."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3

SECONDS = 60.0


class DemoError(Exception):
    """The demonstration cannot go on; the message says at which request and why."""


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body decoded."""
        return msgspec.json.decode(self.content)


class Api:
    """One service and one key."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._headers = {"authorization": f"Bearer {key}"}
        self._pool = urllib3.PoolManager(timeout=SECONDS, retries=False)

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Read; raises DemoError for anything but a 2xx."""
        return self._send("GET", path + (f"?{urlencode(query)}" if query else ""), None, headers or {}, expect=2)

    def post(self, path: str, body: object, *, expect: int = 2) -> Answer:
        """Post JSON; `expect` is a class of answers, 2 or 4, and DemoError is raised for any other."""
        content = msgspec.json.encode(body)
        return self._send("POST", path, content, {"content-type": "application/json"}, expect=expect)

    def upload(self, path: str, content: bytes, media_type: str, **query: str) -> Answer:
        """Post bytes with their digest (RFC 9530)."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"content-type": media_type, "content-digest": f"sha-256=:{digest}:"}
        return self._send("POST", path + (f"?{urlencode(query)}" if query else ""), content, headers, expect=2)

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], *, expect: int) -> Answer:
        try:
            reply = self._pool.request(method, self._url + path, body=body, headers={**self._headers, **headers})
        except urllib3.exceptions.HTTPError as error:
            raise DemoError(f"{method} {path} has no answer: {error}") from None
        answer = Answer(reply.status, reply.headers, reply.data)
        if reply.status // 100 != expect:
            said = reply.data.decode(errors="replace")[:1000]
            raise DemoError(f"{method} {path} answers {reply.status} where {expect}xx was expected: {said}")
        return answer
