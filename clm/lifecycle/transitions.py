"""What stands behind each transition of the chart: its number, its source, its guard, who brings it about."""

import msgspec


class Rule(msgspec.Struct, frozen=True):
    """What stands behind a transition.

    `id` is the transition's number in the specification (`T01`...; `W` marks house workflow), `event` its name in the
    chart, `source` the article, `when` the guard in words, `who` may supply the fact, `effect` what follows.
    """

    id: str
    event: str
    source: str
    when: str
    who: str
    effect: str


TRANSITIONS: dict[str, Rule] = {
    rule.event: rule
    for rule in (
        Rule("T01", "submit", "Civil Code 470", "the review finds no error", "drafter", "text and terms are fixed"),
        Rule("T02", "approve", "Civil Code 481, 482", "submitted", "approver", "the offer period runs, if one is set"),
        Rule("W01", "send_back", "house workflow", "not formed yet", "approver", "signatures given so far lapse"),
        Rule(
            "T03",
            "lapse",
            "Civil Code 478",
            "rejected, or the offer period is over",
            "other party, timer",
            "pre-contract confidentiality stays (501)",
        ),
        Rule("W02", "withdraw", "Civil Code 475, 476", "not formed yet", "drafter", "nothing binds"),
        Rule(
            "T04",
            "form",
            "Civil Code 483, 490",
            "every party has executed as agreed",
            "signatories",
            "the contract is formed",
        ),
        Rule(
            "T05",
            "form_by_performance",
            "Civil Code 490",
            "a main duty was performed and the other party accepted it",
            "parties",
            "the contract is formed though a signature is missing",
        ),
        Rule(
            "T06",
            "take_effect",
            "Civil Code 158, 160, 502",
            "all conditions met and the date reached",
            "timer",
            "terms version 1 in force; term and confidentiality run",
        ),
        Rule(
            "T07",
            "fail_condition",
            "General Part Interpretation 24",
            "a condition can no longer be met",
            "party, authority",
            "no effect; dispute clause survives (507)",
        ),
        Rule(
            "T08",
            "annul",
            "Civil Code 144, 146, 153-155, 506",
            "a court or tribunal holds the contract void",
            "court, tribunal",
            "void from the beginning; restitution (157), dispute clause survives (507)",
        ),
        Rule(
            "T08b",
            "revoke",
            "Civil Code 147-152, 155",
            "a court or tribunal revokes the contract",
            "court, tribunal",
            "without force from the beginning; restitution (157), dispute clause survives (507)",
        ),
        Rule("T10", "propose_amendment", "Civil Code 543", "none is open", "either party", "the old terms govern"),
        Rule(
            "T11",
            "agree_amendment",
            "Civil Code 543, 490",
            "every party has executed it",
            "signatories",
            "the next version waits for its date",
        ),
        Rule(
            "T12",
            "apply_amendment",
            "Civil Code 543, 160",
            "its date is reached",
            "timer",
            "the next terms version is in force; timers that hang on changed terms move",
        ),
        Rule(
            "T13",
            "drop_amendment",
            "Civil Code 543, 544",
            "rejected, withdrawn, lapsed or unclear",
            "either party, timer",
            "the version in force stays",
        ),
        Rule(
            "T20",
            "suspend",
            "Civil Code 525-527, 590",
            "a defence, force majeure or agreement",
            "entitled party",
            "performance is held back",
        ),
        Rule("T21", "resume", "Civil Code 527, 528", "the cause is over", "either party", "performance goes on"),
        Rule(
            "T22",
            "fail_security",
            "Civil Code 528",
            "suspended for fear of default, and no security in reasonable time",
            "timer",
            "the right to rescind may be exercised",
        ),
        Rule(
            "T30",
            "assert_ground",
            "Civil Code 562(2), 563",
            "an agreed or statutory ground",
            "holder of the right",
            "the year of 564 runs",
        ),
        Rule(
            "T31",
            "demand",
            "Civil Code 563(1)(3)",
            "a cure notice has arrived",
            "holder of the right",
            "the cure period runs",
        ),
        Rule(
            "T32", "cure", "Civil Code 563(1)(3)", "performed before the period is over", "debtor", "the demand is met"
        ),
        Rule(
            "T33",
            "rescind_automatically",
            "Civil Code 565(1)",
            "cure period over, notice said so, right exists",
            "timer",
            "rescinded at the end of the period",
        ),
        Rule(
            "T34",
            "fail_to_cure",
            "Civil Code 564, 565",
            "cure period over, no automatic rescission",
            "timer",
            "the right may be exercised",
        ),
        Rule(
            "T35",
            "rescind",
            "Civil Code 565(1)",
            "a rescission notice arrives while the right exists",
            "holder of the right",
            "rescinded on arrival",
        ),
        Rule(
            "T30b",
            "open_right",
            "Civil Code 562(2), 563",
            "the ground needs no demand",
            "holder of the right",
            "the right may be exercised at once",
        ),
        Rule(
            "T36",
            "lose_right",
            "Civil Code 564",
            "the year is over, the holder waives, or does not decide when asked to",
            "timer, holder",
            "the ground is spent",
        ),
        Rule(
            "T37",
            "agree_end",
            "Civil Code 562(1)",
            "a termination agreement and its date",
            "both parties, timer",
            "ended on the agreed day",
        ),
        Rule(
            "T37b",
            "agree_before_effect",
            "Civil Code 562(1)",
            "both give up a contract that is formed and not in force",
            "both parties",
            "it never takes effect",
        ),
        Rule(
            "T38",
            "end_by_force_majeure",
            "Civil Code 563(1)(1), 590",
            "a rescission notice arrives after force majeure beyond the agreed days",
            "party entitled by the clause",
            "ended without liability for it; what was done is settled",
        ),
        Rule(
            "T39",
            "expire",
            "Civil Code 160, 557",
            "the term is over and does not renew",
            "timer",
            "ended at 24:00 of the last day",
        ),
        Rule(
            "T40",
            "renew",
            "Civil Code 160, 562",
            "automatic renewal and no objection arrived in time",
            "timer",
            "a new term; anchors move",
        ),
        Rule(
            "T41",
            "end_by_notice",
            "Civil Code 562(2), 563(2)",
            "the notice period after a notice of termination is over",
            "timer",
            "ended at the end of the period",
        ),
        Rule(
            "T42",
            "end_at_will",
            "Civil Code 933",
            "a notice arrives under a contract of mandate",
            "either party",
            "ended on arrival; damages may be owed",
        ),
        Rule(
            "T43",
            "end_by_judgment",
            "Civil Code 565(2), 533, 580",
            "a court or tribunal upholds the claim",
            "court, tribunal",
            "ended on the day the claim was served, or as the judgment fixes",
        ),
        Rule(
            "T44",
            "meet_ending_condition",
            "Civil Code 158",
            "a condition subsequent is met",
            "either party",
            "ended when it is met",
        ),
        Rule(
            "W03",
            "fulfil",
            "Civil Code 557(1)(1)",
            "everything owed was performed",
            "both parties",
            "ended by performance",
        ),
        Rule(
            "T45",
            "restore",
            "Contract Interpretation 53",
            "a judgment: there was no right to end the contract",
            "court, tribunal",
            "in force for the whole interval; what followed from the end is undone",
        ),
        Rule(
            "T15",
            "amend_surviving",
            "Civil Code 543, 567",
            "both have executed a change of terms that survive the end",
            "both parties",
            "the surviving terms and their timers follow",
        ),
        Rule(
            "T46",
            "contest",
            "Civil Code 565(1)",
            "an objection arrives, or a party goes to court over it",
            "other party",
            "nothing stops; both outcomes are kept in view",
        ),
        Rule(
            "T50",
            "close",
            "Civil Code 558, 567",
            "the winding-down list is done",
            "both parties",
            "only survival timers run on",
        ),
    )
}
