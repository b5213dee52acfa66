"""The words of a notice from its type's template: what contract and draft say is filled in, what they lack is named."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from clm.features.contracts.service import Locked
from clm.features.notices.models import NoticeDraft
from clm.features.notices.reading import sql
from clm.kit.db import Unit
from clm.kit.problems import FieldError, Problem, invalid
from clm.law.notice_contents import Language, NoticeType, notice_kinds
from clm.lifecycle.clauses import agreed_ground
from clm.lifecycle.deadlines import term_end
from clm.lifecycle.facts import Cure
from clm.lifecycle.grounds import cure_terms
from clm.lifecycle.state import State
from clm.lifecycle.world import Env, World

GIVEN = frozenset(("number", "contract_title", "sender", "addressee", "date", "consequence"))
"""What every template may ask for beside the contents of its type."""
SUBJECT_AT_MOST, BODY_AT_MOST = 300, 50_000
_DEPTH_AT_MOST = 10
_CHANNELS: dict[str, dict[Language, str]] = {
    "courier": {"zh": "快递", "en": "courier"},
    "registered_mail": {"zh": "挂号信", "en": "registered mail"},
    "email": {"zh": "电子邮件", "en": "e-mail"},
    "sms": {"zh": "短信", "en": "text message"},
    "im": {"zh": "即时通讯", "en": "messenger"},
    "fax": {"zh": "传真", "en": "fax"},
    "platform": {"zh": "约定平台", "en": "the agreed platform"},
    "personal": {"zh": "当面递交", "en": "hand"},
}
_UNITS = {"hour": "小时", "day": "日", "working_day": "个工作日", "week": "周", "month": "个月", "year": "年"}
_THEN = {
    "zh": ("逾期未补正的，我方有权解除合同。", "逾期未补正的，合同于期限届满时自动解除。"),
    "en": (
        "If it is not put right by then, we may rescind the contract.",
        "If it is not put right by then, the contract is rescinded automatically when the period ends.",
    ),
}
_BY_CONTRACT = {"zh": "合同约定", "en": "as agreed in the contract"}
_AND = {"zh": "、", "en": ", "}


class Template(msgspec.Struct, frozen=True):
    """The words of a type in one language; braces name what is filled in."""

    subject: str
    text: str

    @property
    def asks_for(self) -> list[str]:
        """The names that it fills in, in their order."""
        return list(dict.fromkeys(name for text in (self.subject, self.text) for name in _names(text)))


class Letterhead(NamedTuple):
    """The contract and its parties, by name."""

    number: str
    contract_title: str
    sender: str
    addressee: str


@cache
def template(notice_type: NoticeType, language: Language) -> Template:
    """The template of a type of notice."""
    return msgspec.convert(_book(language)[notice_type], Template)


async def complete(
    unit: Unit, locked: Locked, state: State, env: Env, new: NoticeDraft, clause: str | None
) -> NoticeDraft:
    """The draft with subject and body: its own, or the template's where it names one and lacks them.

    A cure notice from a template states its period and what follows from it, so that both are the notice's own. Raises
    Problem 422 with a pointer to everything that is still to be said.
    """
    if new.template is None:
        lacking = [name for name in ("subject", "body") if getattr(new, name) is None]
        if lacking:
            text = "Say it, or name a template (zh or en) that does."
            raise Problem("invalid", text, errors=[FieldError(f"/{name}", text) for name in lacking])
        return new
    row = await unit.one(sql.letterhead, locked.id, new.sender, new.to)
    head = Letterhead(*(row or ()))
    new = _with_cure(new, World(state, env))
    today = locked.now.astimezone(World(state, env).zone).date()
    return _filled(new, new.template or "zh", _values(new, World(state, env), head, clause, today))


def _filled(new: NoticeDraft, language: Language, values: Mapping[str, str]) -> NoticeDraft:
    words = template(new.type, language)
    pointers = {one.key: one.pointer for one in notice_kinds()[new.type].contents}
    lacking = [name for name in words.asks_for if not values.get(name)]
    if lacking:
        text = f"The template of the type {new.type} needs {', '.join(lacking)}."
        errors = [FieldError(pointers.get(name, f"/{name}"), f"The template says {name}.") for name in lacking]
        raise Problem("invalid", text, errors=errors)
    body = _book(language)["frame"]["body"].strip().format_map({**values, "text": words.text.format_map(values)})
    filled = replace(new, subject=new.subject or words.subject.format_map(values), body=new.body or body)
    long = [n for n, most in (("subject", SUBJECT_AT_MOST), ("body", BODY_AT_MOST)) if len(getattr(filled, n)) > most]
    if long:
        raise Problem("invalid", "What is filled in is too long.", errors=[FieldError(f"/{long[0]}", "Too long.")])
    return filled


def _values(new: NoticeDraft, world: World, head: Letterhead, clause: str | None, today: dt.date) -> dict[str, str]:
    language: Language = new.template or "zh"
    values = {name: _words(value, language) for name, value in new.details.items()}
    values |= head._asdict() | {"date": today.isoformat()}
    if new.details.get("channel") in _CHANNELS:
        values["channel"] = _CHANNELS[new.details["channel"]][language]
    if new.type == "renewal_objection" and not values.get("term_ends"):
        ends = term_end(world)
        values["term_ends"] = ends.last_day.isoformat() if ends is not None and ends.last_day else ""
    if new.ground is not None:
        agreed = agreed_ground(world, new.ground) or {}
        values["ground"] = str(agreed.get("description") or new.ground)
        values["clause"] = new.clause or clause or _BY_CONTRACT[language]
    if new.cure is not None and new.cure.period is not None:
        values["cure"] = _words(msgspec.to_builtins(new.cure.period), language)
        values["consequence"] = _THEN[language][bool(new.cure.automatic)]
    return values


def _with_cure(new: NoticeDraft, world: World) -> NoticeDraft:
    if new.type != "cure_notice" or new.ground is None:
        return new
    period, automatic, _, _ = cure_terms(world, new.ground, new.cure or Cure())
    return replace(new, cure=Cure(period, automatic))


def _words(value: Any, language: Language, depth: int = 0) -> str:
    if depth > _DEPTH_AT_MOST:
        raise invalid("/details", f"What a letter says has {_DEPTH_AT_MOST} levels at most.")
    match value:
        case None:
            return ""
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case {"length": int(length), "unit": str(unit)} if unit in _UNITS:
            return (
                f"{length}{_UNITS[unit]}"
                if language == "zh"
                else f"{length} {unit.replace('_', ' ')}{'s' * (length != 1)}"
            )
        case {**members}:
            return _AND[language].join(f"{name}: {_words(one, language, depth + 1)}" for name, one in members.items())
        case [*items]:
            return _AND[language].join(_words(one, language, depth + 1) for one in items)
        case _:
            return str(value)


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name]


@cache
def _book(language: Language) -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("templates", f"{language}.toml").read_text(encoding="utf-8"))
