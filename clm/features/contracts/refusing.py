"""What a decision refuses, as a problem."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

import msgspec

from clm.kit.problems import Problem, invalid
from clm.law.basis import LawError
from clm.lifecycle import actions, engine
from clm.lifecycle.simulating import FIRED_AT_MOST, TooLong
from clm.lifecycle.state import State
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Env, Reason, World

TOO_FAR = "A date lies too far off to be computed with."


def not_allowed(
    kind: str, at: dt.datetime, reasons: Sequence[Reason], state: State, env: Env, now: dt.datetime
) -> Problem:
    """The 409 for a fact that is not allowed: why, and what is allowed as the contract stands now."""
    world = World(engine.advance(state, env, now).state, env)
    when = f" at {at.isoformat()}, as the contract then stood," if at < now else ""
    return Problem(
        "not-allowed-now",
        f"{kind}{when} is not allowed: {' '.join(reason.message for reason in reasons)}",
        allowed_actions=actions.allowed(world),
        reasons=[msgspec.structs.asdict(reason) for reason in reasons],
    )


@contextlib.contextmanager
def broken_rules(root: str = "") -> Iterator[None]:
    """Turn what a fact says wrongly into Problem 422; `root` points at the fact in the body."""
    try:
        yield
    except BadChange as error:
        raise invalid(root + error.pointer, error.message) from None
    except LawError as error:
        raise invalid(f"{root}/{error.field.lstrip('/')}", error.message) from None
    except OverflowError:
        raise invalid(root, TOO_FAR) from None
    except TooLong:
        text = f"More than {FIRED_AT_MOST} timers would fire until then; try fewer facts, or an earlier end."
        raise invalid(root, text) from None
