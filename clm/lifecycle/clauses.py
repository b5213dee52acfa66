"""What the terms say, as decisions ask for it: conditions, grounds, rights to end the contract."""

from typing import Any

from msgspec.structs import replace

from clm.lifecycle.state import State
from clm.lifecycle.world import Env, World

APPROVAL, DEPOSIT = "approval", "deposit"
"""The names under which an approval (批准) and a deposit (定金) are conditions of effectiveness."""
_BY_NAME = {APPROVAL: "approval", DEPOSIT: "deposit_first"}
FORCE_MAJEURE, FRUSTRATED = "force_majeure", "purpose_frustrated"
"""Grounds by force majeure: that it lasts for longer than agreed, and that it defeats the purpose (563(1)(1))."""
STATUTORY = {
    FORCE_MAJEURE: "Civil Code 563(1)(1)",
    FRUSTRATED: "Civil Code 563(1)(1)",
    "anticipatory_breach": "Civil Code 563(1)(2)",
    "delay_of_main_obligation": "Civil Code 563(1)(3)",
    "fundamental_breach": "Civil Code 563(1)(4)",
}
ENDING_NOTICES = ("rescission", "cure_notice")
"""Notices by which a party ends the contract, or says that it will; the other may object to them."""
CONVENIENCE, INDEFINITE, AT_WILL = "convenience", "indefinite_term", "at_will"
RIGHTS = {
    CONVENIENCE: "Civil Code 562(2)",
    INDEFINITE: "Civil Code 563(2)",
    AT_WILL: "Civil Code 933",
}
"""Rights to end the contract for which nobody need be at fault, by the name that a notice gives as its ground."""


def conditions_of(world: World) -> list[str]:
    """The keys of what effectiveness waits for (158, 502(2), 586): agreed conditions, approval, deposit."""
    agreed = world.terms.get("effectiveness", {})
    keys = [condition["key"] for condition in agreed.get("conditions", [])]
    return keys + [name for name, member in _BY_NAME.items() if agreed.get(member)]


def open_conditions(world: World) -> list[str]:
    """The keys of conditions of effectiveness that are not met yet."""
    return [key for key in conditions_of(world) if key not in world.state.satisfied]


def ending_conditions(world: World) -> list[str]:
    """The keys of conditions that end the contract (解除条件, 158) and can still be met."""
    agreed = world.terms.get("effectiveness", {}).get("ending_conditions", [])
    return [one["key"] for one in agreed if one["key"] not in world.state.failed_conditions]


def grounds_of(world: World) -> list[dict[str, Any]]:
    """The agreed grounds for rescission."""
    return list(world.terms.get("termination", {}).get("grounds", []))


def agreed_ground(world: World, key: str) -> dict[str, Any] | None:
    """What was agreed on a ground."""
    return next((ground for ground in grounds_of(world) if ground["key"] == key), None)


def rights_of(world: World) -> list[str]:
    """The rights to end the contract without a breach that exist under these terms."""
    found = []
    if world.terms.get("termination", {}).get("convenience"):
        found.append(CONVENIENCE)
    if is_indefinite(world):
        found.append(INDEFINITE)
    if nature_of(world) == "entrustment":
        found.append(AT_WILL)
    return found


def known_grounds(world: World) -> list[str]:
    """What a notice of rescission may name: agreed, statutory and open grounds, and rights that need none."""
    agreed = [ground["key"] for ground in grounds_of(world)]
    arisen = [ground.key for ground in world.state.grounds if ground.ended is None]
    return list(dict.fromkeys([*agreed, *STATUTORY, *rights_of(world), *arisen]))


def ever_known_grounds(state: State, env: Env) -> list[str]:
    """What a notice may name that arrived under any version of the terms."""
    versions = [replace(state, versions=state.versions[: number + 1]) for number in range(len(state.versions))]
    return list(dict.fromkeys(key for one in reversed(versions) for key in known_grounds(World(one, env))))


def clause_of(state: State, env: Env, ground: str) -> str | None:
    """Where a ground stands or last stood: the clause that the terms name, or the article."""
    for number in range(len(state.versions), 0, -1):
        agreed = agreed_ground(World(replace(state, versions=state.versions[:number]), env), ground)
        if agreed is not None and "clause" in agreed:
            return str(agreed["clause"])
    return STATUTORY.get(ground) or RIGHTS.get(ground)


def lasts_too_short(world: World) -> bool:
    """Whether the terms ask for days of force majeure that have not passed (T38)."""
    asked = world.terms.get("force_majeure", {}).get("rescind_after")
    event = world.state.force_majeure
    return bool(asked) and (event is None or not event.passed)


def is_indefinite(world: World) -> bool:
    """Whether the contract runs for no fixed term (不定期, 563(2))."""
    term = world.terms.get("term", {})
    return bool(term.get("indefinite")) or not (term.get("end") or term.get("period") or term.get("until"))


def nature_of(world: World) -> str:
    """What kind of contract it is: a mandate (委托) may be ended at any time (933)."""
    return str(world.terms.get("nature", world.env.nature))
