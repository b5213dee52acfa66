"""What the reference page says in words beside what it reads from the code; tests hold every name here to the code."""

import msgspec

from clm.lifecycle.grounds import DECIDE_WITHIN
from clm.lifecycle.timers import SECURITY


class TimerWords(msgspec.Struct, frozen=True):
    """A kind of timer: what arms it, when it is due, its rules, and what its firing does."""

    armed: str
    due: str
    rules: tuple[str, ...]
    does: str


class Invariant(msgspec.Struct, frozen=True):
    """A promise that holds for every contract, and what in the code holds it (names in back quotes)."""

    id: str
    promise: str
    held: str


STATES: dict[str, str] = {
    "draft.drafting": "The terms are being written and may be edited.",
    "draft.under_review": "The text is fixed and waits for approval.",
    "draft.out_for_signature": "The text is an offer that waits for the parties' signatures or seals.",
    "draft.formed_pending": "Every party has executed; conditions or the first day are still to come.",
    "performing": "The parties perform.",
    "suspended": "One side holds its performance back and may do so.",
    "amendment.none": "No amendment is open.",
    "amendment.proposed": "An amendment waits for its execution; the old terms govern.",
    "amendment.agreed_pending": "An amendment is executed and waits for its first day; the old terms govern.",
    "termination.none": "No ground for rescission is open.",
    "termination.ground_arisen": "A ground is asserted that needs a demand first.",
    "termination.demand_running": "A demand has arrived and its cure period runs.",
    "termination.right_exercisable": "The holder of the ground may rescind by notice.",
    "terminated.winding_down": "The contract has ended; settlement, return of data, handover and report are due.",
    "terminated.closed": "Winding down is complete; only what survives runs on.",
    "never_in_force.withdrawn": "It was given up: by one side before it was formed, or by both before it took effect.",
    "never_in_force.lapsed": "The offer was rejected, or its period ran out.",
    "never_in_force.ineffective": "A condition of effectiveness can no longer be met.",
    "never_in_force.void": "A court or tribunal holds the contract void; it never had force.",
    "never_in_force.revoked": "A court or tribunal has revoked the contract; it counts as never in force.",
}

TIMERS: dict[str, TimerWords] = {
    "acceptance": TimerWords(
        "the text is out for signature and `/terms/effectiveness/acceptance_period` is agreed",
        "the end of that period, counted from the arrival of the offer, or from approval where no arrival is on record",
        ("T03",),
        "the offer lapses",
    ),
    "effect": TimerWords(
        "the contract is formed and no condition is open",
        "the latest of formation, the last condition and the first day agreed on",
        ("T06",),
        "the contract takes effect and version 1 of its terms governs",
    ),
    "term": TimerWords(
        "an end of the term is known and no automatic renewal lies before it",
        "24:00 of the last day",
        ("T39",),
        "the contract expires; a contract not in force records that its term has passed",
    ),
    "renewal": TimerWords(
        "the term renews by itself, renewals are left, and no objection has arrived",
        "24:00 of the last day on which an objection may arrive, counted back from the end of the term",
        ("T40",),
        "the term is renewed for another period",
    ),
    "amendment": TimerWords(
        "every party has executed an amendment and none of its conditions is open",
        "the latest of its last execution, its first day and its conditions",
        ("T12", "T15"),
        "the next version of the terms governs; after the end of the contract, of the terms that survive",
    ),
    "amendment_answer": TimerWords(
        "an amendment is proposed, with a period to answer of its own or by `/terms/amendments/answer_within`",
        "the end of that period, counted from the arrival of the proposal",
        ("T13",),
        "the proposal lapses",
    ),
    "cure": TimerWords(
        "a demand to cure has arrived",
        "the end of the cure period, counted from arrival",
        ("T33", "T34"),
        "the contract is rescinded where the notice said so (T33), else the right to rescind opens (T34)",
    ),
    "right_lapse": TimerWords(
        "a ground for rescission is open",
        "the end of the agreed period, or one year, from the day its holder knew",
        ("T36",),
        "the ground is spent",
    ),
    "decide": TimerWords(
        "the other side's demand to use a right to rescind, or leave it, has arrived",
        f"the end of the period that it sets, or {DECIDE_WITHIN} (house policy), counted from arrival",
        ("T36",),
        "the ground is spent",
    ),
    "notice_period": TimerWords(
        "a notice to end the contract has arrived that works only after a period",
        "the end of that period, counted from arrival",
        ("T41",),
        "the contract ends",
    ),
    "security": TimerWords(
        "performance is suspended for fear of default",
        f"the end of {SECURITY} (house policy), counted from the arrival of notice of it, or from the suspension",
        ("T22",),
        "the right to rescind opens",
    ),
    "fm_notify": TimerWords(
        "force majeure is on record, `/terms/force_majeure/notify` is agreed, and no notice of it has arrived",
        "the end of that period, counted from the event",
        ("TM-FM-NOTIFY",),
        "the notice is recorded as late",
    ),
    "fm_proof": TimerWords(
        "force majeure is on record, `/terms/force_majeure/proof` is agreed, and no proof of it has arrived",
        "the end of that period, counted from the event or, where the terms say so, from the notice of it",
        ("TM-FM-PROOF",),
        "the proof is recorded as late",
    ),
    "fm_passed": TimerWords(
        "force majeure lasts and `/terms/force_majeure/rescind_after` is agreed",
        "the end of that period, counted from the event",
        ("TM-FM-RESCIND",),
        "the right to rescind opens (T30b); the contract ends only with a notice (T38)",
    ),
    "agreed_end": TimerWords(
        "the parties have agreed to end the contract",
        "24:00 of the agreed last day, or the agreement itself where no day is named",
        ("T37",),
        "the contract ends by agreement",
    ),
    "arrival": TimerWords(
        "a notice will be deemed to have arrived at a later moment",
        "that moment",
        ("TM-ARRIVAL",),
        "the notice arrives, with all that its arrival causes: the sender's act, not silence",
    ),
    "settlement": TimerWords(
        "winding down, with `/terms/termination/procedure/settlement` agreed and settlement not on record",
        "the end of that period, counted from the end of the contract",
        ("T50",),
        "settlement is recorded as overdue",
    ),
    "data_return": TimerWords(
        "the contract has ended or, formed, has no effect; `/terms/termination/procedure/data_return` is agreed, and "
        "return and certificate are not both on record",
        "the end of that period, counted from the end of the contract, or from when it was known to have no effect",
        ("TM-DATA-RETURN",),
        "the return of data is recorded as overdue",
    ),
    "handover": TimerWords(
        "winding down, with `/terms/termination/procedure/handover` agreed and hand-over not on record",
        "the end of that period, counted from the end of the contract",
        ("T50",),
        "hand-over is recorded as overdue",
    ),
    "restitution": TimerWords(
        "a contract that was formed has no effect, `/terms/termination/procedure/settlement` is agreed, and "
        "restitution is not on record",
        "the end of that period, counted from when that was known",
        ("T50",),
        "restitution is recorded as overdue",
    ),
    "confidentiality": TimerWords(
        "a confidential item was disclosed and its duty has an end that can be computed",
        "24:00 of the duty's last day",
        ("TM-CONF",),
        "the agreed duty ends, the statutory one that may remain is named, return or destruction is asked for",
    ),
    "confidential_return": TimerWords(
        "the agreed duty for a confidential item has ended, or the contract where the item is personal information, "
        "and a recipient has not confirmed its return or destruction",
        "the end of `/terms/termination/procedure/data_return`, counted from the day that asked for it",
        ("R-C6", "R-C7"),
        "the confirmation is recorded as overdue",
    ),
}

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "I1",
        "Exactly one version of the terms is in force at any instant of `effective` and `amendment`.",
        "Exclusion constraint `one_version_in_force`, checked at commit; `contract_in_force_has_a_start`; "
        "`changing.apply` ends one version at the instant the next begins.",
    ),
    Invariant(
        "I2",
        "Nothing changes by silence except where a rule names it.",
        "Time acts only through the kinds of timers in `firing.HANDLERS`; each timer and each event carries its rule "
        "(`not null`).",
    ),
    Invariant(
        "I3",
        "A timer ends a contract only by T03, T33, T37 (on the day both parties agreed on), T39 or T41 (the notice's "
        "period is over), never by T35.",
        "`grounds.rescind` is called from one place, the arrival of a rescission notice (`arriving.arrive`).",
    ),
    Invariant(
        "I4",
        "Every transition stores its rule, its evidence and the instants that were computed.",
        "`world.World.move` cannot be called without an event of the chart; an event row names rule, transition, fact "
        "(which holds the evidence) or timer (which holds its basis).",
    ),
    Invariant(
        "I5",
        "A notice that failed to arrive triggers nothing.",
        "`arriving.judged` takes it off the list before anything follows, its timer with it.",
    ),
    Invariant(
        "I6",
        "The end of a contract deletes nothing.",
        "`clm_guard` lets the service read and insert; deleting is granted only on roles of parties, external "
        "references and idempotency keys.",
    ),
    Invariant(
        "I7",
        "After a correction, the history can be told as it was known before and as it is known since.",
        "Facts are never changed; a late one makes `engine.decide_anew` run, which marks what no longer follows with "
        "`superseded_at`; `terms_version` keeps when a version governed and when that was known.",
    ),
)
