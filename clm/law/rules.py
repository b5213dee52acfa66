"""The registry of the rules that this package computes: what each says, where it comes from, how firm it is.

`status` is `law` (a text says so), `policy` (nobody decided, so the service did; results that rest on it are
`assumed`), or `ambiguous` (lawyers argue; the service says which reading it takes). docs/reference/law.md is made from
this list and from the tests that hold each rule.
"""

from typing import Literal

import msgspec

Status = Literal["law", "policy", "ambiguous"]


class Rule(msgspec.Struct, frozen=True):
    """One rule: its id as it stands in every basis, what it says in a sentence, its source and its status."""

    id: str
    says: str
    source: str
    status: Status = "law"


_TIME = (
    Rule("R-T1", "A legal date is read off the local clock of the jurisdiction, never off UTC.", "Civil Code 204"),
    Rule("R-T3", "A period runs from the day after its event; months and years end on the corresponding day, or on the "
         "month's last day where there is none; hours run exactly.", "Civil Code 201, 202"),
    Rule("R-T4", "Where the start day is agreed to count, the period ends a day sooner.", "Civil Code 204"),
    Rule("R-T5", "A last day that is a day of rest moves to the next working day; a worked weekend day is no day of "
         "rest, and holidays in the middle extend nothing.", "Civil Code 203(1)"),
    Rule("R-T6", "The last day lasts until 24:00, or until the agreed close of business; an act before the instant "
         "after it is in time.", "Civil Code 203(2)"),
    Rule("R-T7", "A latest day counted backward does not roll.", "Civil Code 201, 204, applied backward", "policy"),
    Rule("R-T8", "Where no roll was agreed, a period to act in (payment, cure, objection, exercise of a right, notice, "
         "limitation) rolls forward, and what ends or happens by itself does not.", "Civil Code 203(1), 204",
         "ambiguous"),
    Rule("R-T9", "Of the words of a limit, 以上, 以下, 以内 and 届满 include it, 超过, 不满 and 以外 do not; 前 and "
         "左右 do not say and are refused.", "Civil Code 1259"),
    Rule("R-T10", "A day that a holiday notice not yet loaded may change gives a provisional result.",
         "Civil Code 203; the State Council publishes each year's notice"),
    Rule("R-T12", "What ends at 24:00 of a day anchors on that day.", "Civil Code 203(2)"),
)  # fmt: skip

_NOTICES = (
    Rule("R-N1", "A notice takes effect when it arrives: the earliest of the ways that clause and law leave open.",
         "Civil Code 137(2)"),
    Rule("R-N2", "An agreed rule replaces the law for its trigger on its channel; a deemed day does not roll and is "
         "over at 24:00.", "Civil Code 137(2), 204"),
    Rule("R-N3", "Arrival moves to the next opening hour only where that is agreed.", "Civil Code 137(2)"),
    Rule("R-N4", "Without a clause, what is refused at the agreed address arrives when it is refused.",
         "Civil Code 137(2) with 7 and 509", "policy"),
    Rule("R-N5", "A notice is judged by the address that operated at its dispatch; an announced address operates "
         "from 00:00 of the day that lies the lead days after the announcement's arrival.",
         "the notice clause; Civil Code 137(2), 509, 529"),
    Rule("R-N6", "What bounced or came back has not arrived, unless the clause covers it.", "Civil Code 137(2)"),
    Rule("R-N7", "A withdrawal is in time when it arrives before the notice, or with it.", "Civil Code 141"),
    Rule("R-N8", "Where an acknowledgement is agreed, a message arrives when it is acknowledged.",
         "Electronic Signature Law 10"),
    Rule("R-N9", "Each channel leaves evidence of its own; a notice that has all of it is proven best.",
         "Supreme People's Court on evidence in civil cases 93-94; Electronic Signature Law 5-8", "policy"),
    Rule("R-N10", "Every type of notice has contents of its own; what a notice does not state as data is named.",
         "Civil Code 472-590; Personal Information Protection Law 57", "policy"),
    Rule("R-N11", "A notice that exercises a right names its ground; without it, it may arrive and has no effect.",
         "Civil Code 562-565", "policy"),
)  # fmt: skip

_CONFIDENTIALITY = (
    Rule("R-C1", "The duty begins with the disclosure, also before or without a contract.", "Civil Code 501"),
    Rule("R-C2", "A period after an anchor waits for it, and moves or is undone with it.", "Civil Code 160, 558"),
    Rule("R-C3", "The agreed term ends at 24:00 of its last day, which does not roll unless agreed.",
         "the clause; Civil Code 203, 204", "policy"),
    Rule("R-C4", "Only an agreed tolling clause adds days: those of the breaches or disputes that it names, each day "
         "once.", "the clause; no statute tolls the term"),
    Rule("R-C5", "An extension agreed after the agreed duty was over is a new duty, with a gap before it.",
         "Civil Code 543"),
    Rule("R-C6", "When the agreed duty ends, return or destruction is to be confirmed; what the law protects without a "
         "term stays protected.", "Civil Code 558; SPC Trade Secret Provisions 17, 18"),
    Rule("R-C7", "The duty for personal information is that of the statute, whatever the term.",
         "Personal Information Protection Law 21, 47"),
    Rule("R-C8", "What an obligor made public in breach of its duty is not released by that; what releases is to be "
         "provable, and looked at by a second person.", "SPC Trade Secret Provisions 3, 4; Civil Code 509", "policy"),
    Rule("R-C9", "The owner is told before a disclosure that the law compels, unless the law forbids it.",
         "the clause; Civil Code 509(2)", "policy"),
    Rule("R-C10", "A silent or contradictory clause leaves the duty open until the information is public or no longer "
         "secret.", "Civil Code 501, 509, 558", "policy"),
    Rule("R-C-DEFAULT", "Without a clause the service's default term for the class applies.",
         "default of the service; Civil Code 501, 509, 558", "policy"),
)  # fmt: skip

_LIMITATION = (
    Rule("R-L1", "A claim is barred three years after its due date, or after its holder knew of the injury and the "
         "debtor; the last day rolls.", "Civil Code 188(1), 188(2), 201-203"),
    Rule("R-L2", "A demand, an acknowledgement, a part payment, a suit, an arbitration or the like starts the period "
         "anew while it runs; after proceedings it runs from their end.",
         "Civil Code 195; interpretation on the General Part 38"),
    Rule("R-L3", "An obstacle in the last six months puts the end off to six months after it; an earlier one does not.",
         "Civil Code 194"),
    Rule("R-L4", "Twenty years from the injury end the period, whatever interrupted or suspended it.",
         "Civil Code 188(2)"),
    Rule("R-L5", "An agreement on the length of the period is void.", "Civil Code 197"),
    Rule("R-L6", "Limitation is a defence that nobody applies but the debtor, who loses it by agreeing to pay after "
         "the end; what was paid then stays paid.", "Civil Code 192, 193; provisions on limitation 19"),
    Rule("R-L7", "One debt in instalments runs from its last due date; periodic debts run one by one.",
         "Civil Code 188, 189", "ambiguous"),
)  # fmt: skip

_SERVICE_LEVELS = (
    Rule("R-S1", "A share is an exact fraction and reaches its threshold at that value or above; nothing is rounded.",
         "the service level clause; Civil Code 1259"),
    Rule("R-S2", "A cycle without a sample is neither met nor missed.",
         "the service level clause: there is no share of nothing"),
    Rule("R-S3", "A cycle runs from 00:00 of its first local day to 24:00 of its last.", "Civil Code 201, 203(2)"),
    Rule("R-S4", "The agreed number of misses in a row, or one cycle below the floor, gives a right to rescind when "
         "the report on the last of them is published; it is lost a year later.", "Civil Code 562(2), 564(2)"),
    Rule("R-S5", "A cycle without a sample or a result breaks a run of misses, unless it was agreed to be passed over.",
         "the service level clause", "policy"),
    Rule("R-S6", "A miss is credited by the tier with the lowest bound it is under, rounded half up to the cent once.",
         "the service level clause"),
)  # fmt: skip

_MONEY = (
    Rule("R-M1", "Interest runs from the day after the due date up to and including the day of payment, simple, exact, "
         "rounded half up once at the end.", "Civil Code 201(1), 579, 585(1)"),
    Rule("R-M-BASIS", "A rate a year is divided over 365 days unless 360 are agreed; a month is a twelfth of a year.",
         "the clause; banks count 360", "policy"),
    Rule("R-M2", "The agreed rate applies; without one 0.05 % a day where a public body or a large enterprise owes "
         "an SME (the plain LPR where its clause made payment wait for a third party's), otherwise the LPR with a "
         "surcharge.", "Regulation on Payments to SMEs 17; Fa Shi (2024) No. 11, 2; Sales interpretation 18(4) through "
         "Civil Code 646"),
    Rule("R-M-LPR", "Where nobody said otherwise, the surcharge is half the LPR, and the LPR that of the first overdue "
         "day.", "Sales interpretation 18(4): 30 to 50 %, at the time of the breach", "ambiguous"),
    Rule("R-M-FLOOR", "A rate agreed with an SME below the LPR at conclusion is replaced by that LPR.",
         "Regulation on Payments to SMEs 17; another reading takes 0.05 % a day", "ambiguous"),
    Rule("R-M3", "Of a published rate the last one on or before the day holds; from the 20th of the month after it a "
         "rate is provisional until the next one that is loaded.", "Announcement of the People's Bank (2019) No. 15"),
    Rule("R-M4", "A payment pays costs, then interest, then principal; of several debts those named, then those due, "
         "the least secured, the heaviest, the earliest due, then by amount.", "Civil Code 560, 561"),
    Rule("R-M5", "Interest and penalty stop at an agreed cap; a penalty above 130 % of the loss is presumed excessive "
         "unless the breach was malicious, and only a tribunal or an agreement adjusts it.",
         "Civil Code 585(2); contract interpretation 64, 65"),
    Rule("R-M6", "A deposit has effect up to 20 % of the price; after a breach either it or the penalty is claimed.",
         "Civil Code 586, 587, 588"),
    Rule("R-M7", "A public body pays an SME within 30 days, 60 if agreed; a large enterprise within 60 unless a "
         "reasonable term is agreed; a clause that waits for a third party's payment is void.",
         "Regulation on Payments to SMEs 9, 10"),
    Rule("R-M8", "Claims are set off when a notice of it arrives, which carries no condition, and once the claim is "
         "due.", "Civil Code 568; contract interpretation 55"),
    Rule("R-M9", "The doubled part of the interest on a judgment debt is 0.0175 % a day.",
         "Civil Procedure Law 264; Fa Shi (2014) No. 8, 1"),
)  # fmt: skip

_REVIEW = (
    Rule("L01", "Arbitration and a court cannot both be chosen.", "Arbitration Law interpretation 7"),
    Rule("L02", "An arbitration agreement names one institution.", "Arbitration Law 16, 18; interpretation 3 to 6"),
    Rule("L03", "A court is chosen by a place that is connected with the dispute.", "Civil Procedure Law 35"),
    Rule("L04", "Limitation is not for agreement.", "Civil Code 197"),
    Rule("L05", "A deposit above 20 % of the price has no effect as one.", "Civil Code 586"),
    Rule("L06", "Toward an SME that a large enterprise or a public body pays: no rate below the LPR, no pay-when-paid, "
         "and no public body paying later than 60 days; of a large enterprise that is only pointed out.",
         "Regulation on Payments to SMEs 9, 17; Fa Shi (2024) No. 11"),
    Rule("L07", "Liability for personal injury, and for loss caused on purpose or by gross negligence, stays.",
         "Civil Code 506"),
    Rule("L08", "Neither adjustment of a penalty nor change of circumstances can be excluded.",
         "Civil Code 533, 585(2); contract interpretation 32(4), 64(3)"),
    Rule("L09", "Who processes personal information agrees on what the law lists and assesses the impact first.",
         "Personal Information Protection Law 21, 55, 56"),
    Rule("L10", "Silence is no consent to an amendment.", "Civil Code 140, 543, 544"),
    Rule("L11", "Automatic renewal needs a window in which to object.", "Civil Code 140, 160", "policy"),
    Rule("L12", "A duty of confidence says from when it runs and when it ends.", "Civil Code 501, 509, 558", "policy"),
    Rule("L13", "签字盖章 leaves open whether one of the two suffices; it does meanwhile.",
         "Civil Code 490(1); Supreme People's Court (2013) Min Shen Zi No. 72", "ambiguous"),
    Rule("L14", "前, 之前 and 左右 leave a date open.", "Civil Code 1259", "policy"),
    Rule("L15", "Dates and duration of the term agree.", "Civil Code 142, 201 to 204"),
    Rule("L16", "A penalty more than 30 % above the loss foreseen is generally excessive; while no loss is stated, so "
         "is one of more than 30 % of the price, or of 1 % a day that no such cap holds.",
         "Civil Code 585(2); contract interpretation 65(2)", "policy"),
    Rule("L17", "Without agreed grounds or a period to cure, the statute applies.", "Civil Code 562 to 564"),
    Rule("L18", "Without a rule on delivery, arrival must be proved.", "Civil Code 137"),
)  # fmt: skip

_RETENTION = (
    Rule("R-A1", "A recording of a call is kept for 30 days at least, longer where that is agreed.",
         "MIIT notice on call centres (2020)"),
    Rule("R-A2", "A log of messages sent is kept for six months at least, longer where that is agreed.",
         "Provisions on Short Message Services, in force 2026-05-01"),
    Rule("R-A3", "A record of how personal information was handled is kept for three years at least.",
         "Personal Information Protection Law 56; Network Data Security Regulation 12"),
    Rule("R-A4", "A document of a contract is kept until limitation has run from the contract's end, and three years "
         "more; while the contract lasts its end is open.", "Civil Code 188", "policy"),
    Rule("R-A5", "Personal information itself has no floor: it goes when its purpose is over.",
         "Personal Information Protection Law 19, 47"),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    *_TIME,
    *_NOTICES,
    *_CONFIDENTIALITY,
    *_LIMITATION,
    *_SERVICE_LEVELS,
    *_MONEY,
    *_REVIEW,
    *_RETENTION,
)
