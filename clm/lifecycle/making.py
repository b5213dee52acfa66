"""Coming into force (14.4): review, signature, formation (T01-T05, T08)."""

import datetime as dt

from clm.lifecycle import facts, reviewing
from clm.lifecycle.actions import action
from clm.lifecycle.clauses import APPROVAL, open_conditions
from clm.lifecycle.state import Execution
from clm.lifecycle.world import Reason, Refused, Turn, World

RULES = {
    "signature_or_seal": "each party signs or seals",
    "signature_and_seal": "each party signs and seals",
    "legal_representative_and_seal": "each party's legal representative signs and the party seals",
    "reliable_e_signature": "each party signs with a reliable electronic signature",
}
FORMATION = "formation"
"""The cause that a judgment on a void contract takes away."""
WORDINGS = {"L13": "EXECUTION_WORDING"}
"""Findings that a contract keeps as a flag: its words leave open whether signature, seal or both are asked for."""
_SIGNED = ("signature", "fingerprint", "e_signature", "reliable_e_signature")


def execution_rule(world: World) -> str:
    """The agreed way to execute; a signature or a seal suffices where nothing stricter is agreed (490)."""
    return str(world.terms.get("effectiveness", {}).get("execution", "signature_or_seal"))


def executed_at(rule: str, party: str, executions: list[Execution]) -> dt.datetime | None:
    """When a party had executed as `rule` asks; None while something is missing."""
    own = [e for e in executions if e.party == party]
    signed = [e.at for e in own if e.method in _SIGNED]
    sealed = [e.at for e in own if e.method == "seal"]
    if rule == "signature_or_seal":
        return min(signed + sealed, default=None)
    if rule == "reliable_e_signature":
        return min((e.at for e in own if e.method == "reliable_e_signature"), default=None)
    if rule == "legal_representative_and_seal":
        signed = [e.at for e in own if e.method in _SIGNED and e.capacity == "legal_representative"]
    return max(min(signed), min(sealed)) if signed and sealed else None


def missing_executions(rule: str, roles: list[str], executions: list[Execution]) -> list[str]:
    """The roles that have not executed as agreed."""
    return [role for role in roles if executed_at(rule, role, executions) is None]


def add_execution(world: World, executions: list[Execution], body: facts.Execute, at: dt.datetime) -> None:
    """Add one execution; refuses a party that is none and a second one of the same kind."""
    if body.party not in world.state.roles:
        raise Refused(Reason("T04", f"There is no party {body.party}; the parties are {', '.join(world.state.roles)}."))
    for earlier in executions:
        if (earlier.party, earlier.method, earlier.capacity) == (body.party, body.method, body.capacity):
            raise Refused(
                Reason("T04", f"Party {body.party} has executed by {body.method} at {earlier.at.isoformat()}.")
            )
    proven = body.capacity == "legal_representative" or bool(world.evidence)
    executions.append(
        Execution(
            party=body.party,
            method=body.method,
            at=at,
            signatory=body.signatory,
            capacity=body.capacity,
            proven=proven,
        )
    )


def authority(body: facts.Execute, executions: list[Execution]) -> str:
    """On what the signatory's authority rests (61, 171, 504): the office, evidence, or nothing on record."""
    if body.capacity == "legal_representative":
        return "legal_representative"
    return "evidence" if executions[-1].proven else "not_on_record"


def _unfit(world: World) -> list[Reason]:
    missing = [
        Reason("T01", f"No party has role {role}.", missing=f"a party with role {role}", who="drafter")
        for role in world.state.roles_missing
    ]
    return missing + reviewing.errors_left(world)


@action("submit", facts.Submit, "submit", who="drafter", blockers=_unfit)
def submit(world: World, body: facts.Submit, at: dt.datetime) -> None:
    """T01: the statutory review finds no error, or each is waived, with a reason, by a key with `review:write`."""
    found = reviewing.findings(world)
    world.state.waivers = reviewing.waivers(body, found, at)
    world.state.flags = [WORDINGS[one.rule] for one in found if one.rule in WORDINGS]
    told = [{"rule": one.rule, "severity": one.severity, "pointer": one.pointer} for one in found]
    waived = [{"rule": one.rule, "pointer": one.pointer, "reason": one.reason} for one in body.waive]
    text = "The draft goes to review." + (f" Waived: {', '.join(one.rule for one in body.waive)}." if waived else "")
    world.move("submit", at, "contract.submitted", text, findings=told, waived=waived)


@action("approve", facts.Approve, "approve", who="approver")
def approve(world: World, _body: facts.Approve, at: dt.datetime) -> None:
    """T02: from here on facts are ordered by when they happened."""
    world.state.approved_at = at
    world.state.last_at = None
    rule = RULES[execution_rule(world)]
    world.move("approve", at, "contract.approved", f"The text is out for signature: {rule}.")


def _binding_offer(world: World) -> list[Reason]:
    """476(1): an offer that names a period for its acceptance cannot be revoked; a signature makes it one."""
    period = world.terms.get("effectiveness", {}).get("acceptance_period")
    if world.state.phase != "draft.out_for_signature" or not period or not world.state.executions:
        return []
    message = "The offer names a period for its acceptance and cannot be revoked (476(1))."
    return [Reason("T03", message, missing="reject, or the end of the period", who="other party, timer")]


@action("return", facts.Return, "send_back", who="approver", blockers=_binding_offer)
def send_back(world: World, body: facts.Return, at: dt.datetime) -> None:
    """W01: what is signed again must be the text as it then stands."""
    lost = [e.party for e in world.state.executions]
    world.state.executions = []
    world.state.waivers = []
    world.state.offer_arrived_on = None
    world.state.approved_at = None
    world.state.last_at = None
    text = "Back to drafting" + (f": {body.reason}." if body.reason else ".")
    world.move("send_back", at, "contract.returned", text, executions_lapsed=lost)


@action("execute", facts.Execute, "form", who="signatory")
def execute(world: World, body: facts.Execute, at: dt.datetime) -> None:
    """T04: formed (成立) once the last required execution is there."""
    state, rule = world.state, execution_rule(world)
    add_execution(world, state.executions, body, at)
    missing = missing_executions(rule, state.roles, state.executions)
    waits = f"; still to execute: {', '.join(missing)}" if missing else ""
    text = f"Party {body.party} has executed by {body.method}{waits}."
    world.tell(
        "contract.executed",
        at,
        text,
        rule="Civil Code 490(1)",
        party=body.party,
        method=body.method,
        missing=missing,
        authority=authority(body, state.executions),
    )
    if missing:
        return
    formed = [executed_at(rule, role, state.executions) for role in state.roles]
    formed_at = max(instant for instant in formed if instant is not None)
    form(world, "form", formed_at, f"Every party has executed ({RULES[rule]}); the contract is formed.")


def form(world: World, event: str, at: dt.datetime, text: str) -> None:
    """The contract is formed; some of it binds at once, and a court may have said that it never did."""
    world.state.formed_at = at
    conditions = open_conditions(world)
    waits = f" It takes effect when met: {', '.join(conditions)}." if conditions else ""
    data = {
        "assumed": world.assumed("/terms/effectiveness/execution"),
        "conditions": conditions,
        "flags": world.state.flags,
        "binding": binding_before_effect(world),
    }
    world.move(event, at, "contract.formed", text + waits, **data)
    turn = world.undone_by(FORMATION, at)
    if turn is not None:
        _undo(world, turn, at)


def binding_before_effect(world: World) -> list[str]:
    """What binds a contract that is formed and not in force: its dispute clause (507), secrecy (501), the application
    for an approval (502(2)).
    """
    bound = ["/terms/disputes", "/terms/confidentiality"]
    return [*bound, "/terms/effectiveness/approval"] if APPROVAL in open_conditions(world) else bound


def _undo(world: World, turn: Turn, at: dt.datetime) -> None:
    """T08: what a court holds void or revokes never had force; from the day that this was known, things go back."""
    ruling = turn.data["ruling"]
    world.state.outcome = ruling
    world.state.undone_at = dt.datetime.fromisoformat(turn.data["known_at"])
    event = "annul" if ruling == "void" else "revoke"
    how = "void" if ruling == "void" else "revoked"
    text = f"Judged {how}: without legal force from the beginning (155). What was given is returned (157)."
    with world.because_of(turn):
        world.move(event, at, f"contract.{ruling}", text, known_at=turn.data["known_at"])


@action("reject", facts.Reject, "lapse", who="other party")
def reject(world: World, body: facts.Reject, at: dt.datetime) -> None:
    """T03: an offer ends when it is declined (478); who has executed it does not decline it any more."""
    if body.party is not None and body.party not in world.state.roles:
        raise Refused(Reason("T03", f"There is no party {body.party}.", missing="party", who="other party"))
    if any(one.party == body.party for one in world.state.executions):
        raise Refused(Reason("T03", f"Party {body.party} has executed the text.", who="other party"))
    world.state.give_up("lapsed", at)
    world.move("lapse", at, "contract.lapsed", _because("The offer was rejected", body.reason), party=body.party)


@action("withdraw", facts.Withdraw, "withdraw", who="drafter", blockers=_binding_offer)
def withdraw(world: World, body: facts.Withdraw, at: dt.datetime) -> None:
    """W02: a formed contract binds (136), so only an unformed one can be given up alone."""
    world.state.give_up("withdrawn", at)
    world.move("withdraw", at, "contract.withdrawn", _because("The draft was withdrawn", body.reason))


def _because(text: str, reason: str | None) -> str:
    return f"{text}: {reason}." if reason else f"{text}."
