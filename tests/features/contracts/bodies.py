"""Random bodies for every fact, made from the types that the API is made from: a new action is tried as it comes.

`dice` is a `random.Random`, also hypothesis's own, which it knows to shrink.
"""

import datetime as dt
import types
import typing
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from clm.features.amendments.models import NewAmendment
from clm.features.confidentiality.models import NewItem, Release
from clm.features.notices.models import CorrectDelivery, DeliveryEvent, NoticeDraft, Send, Withdrawal
from clm.law.arrival import Channel, Event
from clm.law.notice_contents import NoticeType
from clm.law.periods import Period
from clm.lifecycle.actions import REGISTER
from clm.lifecycle.rulings import SAYS
from clm.lifecycle.state import Method

NOBODY = UUID(int=1)
GROUNDS = ("material_breach", "late_payment", "fundamental_breach", "force_majeure", "convenience", "no_such_ground")
CONDITIONS = ("licence", "approval", "client_lost", "no_such_condition")
YEAR, MONTH = {"length": 1, "unit": "year"}, {"length": 1, "unit": "month"}
CHANGES = (
    {"op": "replace", "path": "/title", "value": "新合同"},
    {"op": "replace", "path": "/title", "value": "合同"},
    {"op": "add", "path": "/terms/term", "value": {"end": "2024-09-30"}},
    {"op": "add", "path": "/terms/term", "value": {"end": "2026-03-31"}},
    {"op": "add", "path": "/terms/term", "value": {"indefinite": True}},
    {"op": "remove", "path": "/terms/term"},
    {"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"},
    {"op": "replace", "path": "/terms/termination/procedure/settlement", "value": {"length": 3, "unit": "month"}},
    {"op": "add", "path": "/terms/effectiveness/execution", "value": "signature_and_seal"},
    {"op": "add", "path": "/terms/disputes/law", "value": "CN"},
    {
        "op": "add",
        "path": "/terms/confidentiality",
        "value": {"rules": [{"class": "ordinary", "end": {"after": {"anchor": "disclosure", "period": YEAR}}}]},
    },
    {"op": "add", "path": "/terms/termination/grounds", "value": []},
    {"op": "add", "path": "/terms/termination/convenience", "value": {"holder": "A", "notice": MONTH}},
    {"op": "add", "path": "/terms/term/renewal", "value": {"automatic": True, "period": MONTH}},
    {"op": "add", "path": "/terms/term/renewal", "value": {"automatic": True, "period": YEAR, "max_renewals": 1}},
    {"op": "add", "path": "/terms/force_majeure", "value": {"rescind_after": {"length": 3, "unit": "day"}}},
    {"op": "add", "path": "/sections/5/text", "value": "期限另行约定。"},
    {"op": "remove", "path": "/terms/no_such_group"},
    {"op": "replace", "path": "/terms/term/end", "value": "yesterday"},
)
"""Changes that an amendment may propose; some fit no terms."""


@dataclass
class Known:
    """What a random body may speak of."""

    now: dt.datetime
    start: dt.datetime
    instants: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    amendments: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    roles: tuple[str, ...] = ("A", "B")


def instant(known, dice):
    """Mostly past: some instant since the start, that of something known, or just beside it; rarely one ahead."""
    kind = dice.choice(["between", "between", "known", "known", "beside", "ahead"])
    if kind == "between" or not known.instants:
        span = int((known.now - known.start).total_seconds())
        return (known.start + dt.timedelta(seconds=dice.randint(0, max(span, 0)))).isoformat()
    if kind == "ahead":
        return (known.now + dt.timedelta(seconds=dice.choice([1, 86400]))).isoformat()
    near = dt.datetime.fromisoformat(dice.choice(known.instants))
    step = dt.timedelta(microseconds=dice.choice([-1, 1])) if kind == "beside" else dt.timedelta()
    return (near + step).isoformat()


def day(known, dice):
    """A day around now."""
    return (known.now + dt.timedelta(days=dice.choice([-40, -1, 0, 0, 1, 15, 60, 400]))).date().isoformat()


def period(dice):
    """A period as terms and notices set it."""
    unit = dice.choice(["hour", "day", "day", "working_day", "week", "month", "year"])
    return {"length": dice.choice([1, 2, 15, 30, 900]), "unit": unit}


def _one_of(name):
    def make(known, dice):
        there = getattr(known, name)
        return dice.choice(there) if there and dice.random() < 0.95 else str(NOBODY)

    return make


def _role(known, dice):
    return dice.choice([*known.roles * 8, "Z"])


def _word(*words):
    return lambda _known, dice: dice.choice(words)


def _often(kind, *words):
    return lambda _known, dice: dice.choice(words if dice.random() < 0.7 else typing.get_args(kind))


def _fitting(body, known, dice):
    """A replacement mostly is of the kind that it replaces."""
    kind = next((kind for fact_id, kind in known.facts if fact_id == body["fact_id"]), "")
    what = REGISTER.get(kind)
    if what is None or kind == "correct" or dice.random() < 0.2:
        return body
    return body | {"replacement": fields(what.body, known, dice, without=("amendment_id",))}


def _fact_id(known, dice):
    return dice.choice(known.facts)[0] if known.facts and dice.random() < 0.95 else str(NOBODY)


def _replacement(known, dice):
    public = [name for name, what in REGISTER.items() if what.public and name != "correct"]
    return fields(REGISTER[dice.choice(public)].body, known, dice)


def _evidence(known, dice):
    return [dice.choice(known.attachments)] if known.attachments and dice.random() < 0.5 else []


def _changes(_known, dice):
    return [dice.choice(CHANGES) for _ in range(dice.choice([1, 1, 1, 2]))]


NAMED = {
    "party": _role,
    "holder": _role,
    "proposed_by": _role,
    "published_by": _role,
    "from": _role,
    "to": _role,
    "owner": _role,
    "recipients": lambda known, dice: [_role(known, dice)],
    "ground": _word(*GROUNDS),
    "condition": _word(*CONDITIONS),
    "key": _word(*CONDITIONS),
    "suit": _word("s1", "s2", "s3"),
    "evidence": _evidence,
    "attachments": _evidence,
    "changes": _changes,
    "replacement": _replacement,
    "fact_id": _fact_id,
    "amendment_id": _one_of("amendments"),
    "consents_to": _one_of("notices"),
    "notice_id": _one_of("notices"),
    "item_id": _one_of("items"),
    "no": lambda _known, dice: dice.choice([1, 1, 2, 3]),
    "waive": lambda _known, _dice: [],
    "details": lambda _known, _dice: {},
    "clause": _word("14.1"),
    "waybill_no": _word("SF1234567890", "EMS-0001"),
    "by": _word("hand"),
    "carrier_id": lambda _known, _dice: str(NOBODY),
    "method": _often(Method, "seal", "signature"),
    "channel": _often(Channel, "courier", "email"),
    "event": _often(Event, "posted", "signed", "entered"),
    "type": _often(NoticeType, "cure_notice", "rescission", "objection", "renewal_objection", "force_majeure", "offer"),
}
"""Makers by the name of a field, where its type does not say enough."""
WORDS = (
    "note",
    "reason",
    "rationale",
    "authority",
    "case_no",
    "forum",
    "signatory",
    "subject",
    "body",
    "name",
    "carrier",
    "description",
)
"""Fields of free words."""
SELDOM, OFTEN = 0.25, 0.75
"""How often a field that may be left out is given."""
ALWAYS = frozenset({"subject", "body"})
"""What may be left out only where something else says it."""
TELLING = frozenset(
    {"ground", "condition", "duty", "effective", "effective_at", "served_at", "amendment_id", "evidence"}
)
"""What mostly makes the difference."""


class NoMaker(Exception):
    """A field that nobody has taught these bodies."""


def fields(struct, known, dice, *, without=()):
    """A body: what is required, and some of what is not; `at` is for the caller."""
    made = {}
    for one in msgspec.structs.fields(struct):
        name = one.encode_name
        wanted = one.required or name in ALWAYS or dice.random() < (OFTEN if name in TELLING else SELDOM)
        if wanted and name not in ("at", *without):
            made[name] = value(name, one.type, known, dice)
    if dice.random() < 0.95:
        _to_each_other(made, known)
        _what_it_speaks_of(made)
    return made


def _what_it_speaks_of(made):
    """A ruling says only what such a ruling speaks of."""
    for member, spoken_of in SAYS.items():
        if "ruling" in made and made["ruling"] not in spoken_of:
            made.pop(member, None)


def _to_each_other(made, known):
    """One party's words go to the other."""
    for one, other in (("from", "to"), ("owner", "recipients")):
        if made.get(one) in known.roles:
            [to] = [role for role in known.roles if role != made[one]]
            made[other] = [to] if other == "recipients" else to


def value(name, kind, known, dice):
    """A value for a field, by its name or else by its type."""
    bare = _bare(kind)
    structured = isinstance(bare, type) and issubclass(bare, msgspec.Struct)
    if name in NAMED and not structured:
        return NAMED[name](known, dice)
    if typing.get_origin(bare) is typing.Literal:
        return dice.choice(typing.get_args(bare))
    if name in WORDS:
        return dice.choice(["因故", "x" * 40, "（见附件）"])
    return _of_type(name, bare, known, dice)


def _bare(kind):
    """A type without its annotations and without None."""
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        some = [one for one in typing.get_args(kind) if one not in (type(None), msgspec.UnsetType)]
        return _bare(some[0])
    return kind


def _of_type(name, kind, known, dice):
    if kind is bool:
        return dice.random() < 0.5
    if kind is dt.datetime:
        return instant(known, dice)
    if kind is dt.date:
        return day(known, dice)
    if kind is Period:
        return period(dice)
    if typing.get_origin(kind) is list:
        return [value(name, typing.get_args(kind)[0], known, dice) for _ in range(dice.choice([0, 1]))]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return fields(kind, known, dice)
    raise NoMaker(f"{name}: {kind}")


OTHER = {
    "amendment.propose": NewAmendment,
    "notice": NoticeDraft,
    "delivery": DeliveryEvent,
    "send": Send,
    "notice.withdraw": Withdrawal,
    "notice.correct": CorrectDelivery,
    "item": NewItem,
    "release": Release,
}
"""The bodies of what is posted elsewhere than on the contract itself."""
AMENDMENT_ACTIONS = tuple(name for name in REGISTER if name.startswith("amendment.") and name != "amendment.propose")
"""Facts about an amendment on its way, each an action of its own on it."""
ACTIONS = tuple(name for name, what in REGISTER.items() if what.public)
"""Every action on a contract."""


def body_of(name, known, dice):
    """A random body for an action, or for what is posted elsewhere."""
    if name in OTHER:
        return fields(OTHER[name], known, dice)
    made = fields(REGISTER[name].body, known, dice, without=("amendment_id",) if name in AMENDMENT_ACTIONS else ())
    return _fitting(made, known, dice) if "replacement" in made else made


def later(name):
    """What an address adds to a body."""
    return {"amendment_id": str(NOBODY)} if name in AMENDMENT_ACTIONS else {}


def every_field(struct):
    """The names and types of all fields of a body."""
    return [(one.encode_name, one.type) for one in msgspec.structs.fields(struct) if one.encode_name != "at"]
