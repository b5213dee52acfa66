"""A carrier that reports whatever it is told to, signed as real ones do: for tests, guides and trials."""

import time

import msgspec

from clm.features.carriers.signing import sign
from clm.kit.ids import uuid7


class FakeCarrier:
    """Makes the messages of a carrier; whoever has one posts its body with its headers to the carrier's path."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def report(
        self, waybill_no: str, event: str, at: str, *, message_id: str | None = None, **more: object
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body of one report; the same `message_id` makes it a repetition."""
        body = msgspec.json.encode({"waybill_no": waybill_no, "event": event, "at": at, **more})
        name, now = message_id or f"msg_{uuid7().hex}", int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(self._secret, name, now, body),
        }
        return headers, body
