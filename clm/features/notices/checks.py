"""What a notice must keep to before it is stored."""

import msgspec

from clm.features.notices.models import NewAddress, NoticeDraft
from clm.features.parties import service as parties
from clm.kit.problems import invalid
from clm.law.basis import LawError
from clm.law.calendars import FIRST_DAY
from clm.law.periods import deadline
from clm.lifecycle.clauses import ever_known_grounds
from clm.lifecycle.state import State
from clm.lifecycle.world import Env

_GROUNDED = ("cure_notice", "demand", "rescission")


def check(state: State, env: Env, new: NoticeDraft) -> None:
    """Raise Problem 422 for a role, ground, cure or details that do not hold."""
    for pointer, role in (("/from", new.sender), ("/to", new.to)):
        if role not in state.roles:
            raise invalid(pointer, f"There is no party {role}; the parties are {', '.join(state.roles)}.")
    if new.sender == new.to:
        raise invalid("/to", "A notice goes from one party to another.")
    sets_cure = new.type == "cure_notice" or (new.type == "demand" and new.ground is not None)
    if new.cure is not None and not sets_cure:
        raise invalid("/cure", "Only a cure notice, or a demand that names its ground, sets a cure.")
    if new.cure is not None and new.cure.period is not None:
        try:
            deadline(FIRST_DAY, new.cure.period, calendar=env.calendar, roll="none")
        except LawError as error:
            raise invalid("/cure/period", error.message) from None
    known = ever_known_grounds(state, env)
    if new.type in _GROUNDED and new.ground is not None and new.ground not in known:
        raise invalid("/ground", f"{new.ground} is neither agreed nor statutory; known: {', '.join(known)}.")
    if new.type == "address_change":
        try:
            announced = msgspec.convert(new.details, NewAddress)
        except msgspec.ValidationError as error:
            raise invalid("/details", f"An address change announces channel, address and recipient: {error}.") from None
        parties.check_address(announced.channel, announced.address, "/details/address")
