"""What the service says of itself."""

import msgspec


class Health(msgspec.Struct):
    """The process answers."""

    status: str


class Readiness(msgspec.Struct):
    """Each thing that the service needs, by name, and `ready` for it."""

    status: str
    checks: dict[str, str]
