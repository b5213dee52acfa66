"""Contract types on the wire and in the package's data."""

from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta

from clm.law.jurisdictions import Key
from clm.law.retention import RetentionClass

Text = Annotated[str, Meta(min_length=1, max_length=4000)]
TypeKey = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}$(?!\n)", description="Lower-case letters, digits and hyphens")
]
Pointer = Annotated[
    str, Meta(pattern=r"^/terms(/[^/]+)+$(?!\n)", max_length=500, description="A JSON pointer into the terms")
]
RoleKey = Annotated[str, Meta(pattern=r"^[A-Z]$(?!\n)", description="A capital letter")]
SectionNumber = Annotated[
    str,
    Meta(pattern=r"^[1-9][0-9]?(\.[1-9][0-9]?)?$(?!\n)", description="A number from 1 to 99, or two with a dot: 8.3"),
]


class Role(msgspec.Struct, forbid_unknown_fields=True):
    """Who takes part."""

    role: RoleKey
    name: Text
    description: Text | None = None


class DefinedTerm(msgspec.Struct, forbid_unknown_fields=True):
    """A word with its meaning, and the place in the text that defines it."""

    term: Text
    definition: Text
    section: Text


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of work, or one step of it."""

    key: Text
    title: Text


MediaRange = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9.+-]{1,60}/([a-z0-9.+-]{1,120}|\*)$(?!\n)",
        description="A media type in lower case, as text/csv, or all of a kind, as image/*",
    ),
]


class AttachmentKind(msgspec.Struct, forbid_unknown_fields=True):
    """A kind of attachment: by whose word a new version of one binds, and how its bytes are kept.

    `personal_data`: it holds personal information, so its bytes are sealed under a key of their own. `retention` is
    the class of record that it is (rules R-A1 to R-A5), `max_bytes` the largest version that is taken, `media_types`
    what it may be (`audio/*` for any audio); anything where there are none.
    """

    key: Text
    title: Text
    update_rule: Literal["bilateral", "A_unilateral", "B_unilateral", "B_unilateral_with_A_approval"] = "bilateral"
    personal_data: bool = False
    retention: RetentionClass = "contract_record"
    max_bytes: Annotated[int, Meta(ge=1)] | None = None
    media_types: Annotated[list[MediaRange], Meta(max_length=50)] = []


class Section(msgspec.Struct, forbid_unknown_fields=True):
    """A numbered section; `text` may hold placeholders, `terms` points at the terms behind it."""

    number: SectionNumber
    heading: Text
    text: Annotated[str, Meta(max_length=20_000)] | None = None
    parent: str | None = None
    terms: list[Pointer] = []


def _two_roles() -> list[Role]:
    return [Role("A", "甲方"), Role("B", "乙方")]


class NewContractType(msgspec.Struct, forbid_unknown_fields=True):
    """A type of the tenant's own. The same key again makes the next version; contracts keep the one they began with."""

    key: TypeKey
    title: Text
    sections: Annotated[list[Section], Meta(min_length=1, max_length=500)]
    terms_schema: dict[str, Any]
    defaults: dict[str, Any] = {}
    title_en: Text | None = None
    language: Annotated[str, Meta(max_length=35)] = "zh-CN"
    jurisdiction: Annotated[Key, Meta(description="Whose days of rest its periods count")] = "CN"
    nature: Literal["unnamed_service", "unnamed", "entrustment"] = "unnamed"
    four_eyes: Annotated[bool, Meta(description="Whether the key that submitted a draft may not approve it")] = False
    roles: Annotated[list[Role], Meta(min_length=2, max_length=26)] = msgspec.field(default_factory=_two_roles)
    defined_terms: list[DefinedTerm] = []
    scope: list[Item] = []
    process: list[Item] = []
    attachment_kinds: list[AttachmentKind] = []
    assumed_reason: dict[str, str] = {}
    alternatives: list[list[Pointer]] = []
    labels: dict[str, str] = {}
    item_texts: dict[str, str] = {}


class ContractType(NewContractType, kw_only=True):
    """A type at one version; versions never change."""

    version: int
    built_in: bool = True

    def section(self, number: str) -> Section | None:
        """The section of that number."""
        return next((section for section in self.sections if section.number == number), None)


class Clause(Section, kw_only=True):
    """A section of one contract's own document: `label` is its number as written there (第八条, 8.3, （一）).

    `number` tells it from the others: the numbers from the outermost section down to it, with dots. `text` is what it
    says, word for word.
    """

    number: str
    heading: str
    text: str | None = None
    label: str


class OwnText(ContractType, kw_only=True):
    """A type as one contract has it that brought its own words: they stand in the place of the type's sections."""

    of: ContractType

    @classmethod
    def over(cls, contract_type: ContractType, sections: list[Clause]) -> Self:
        """The type with these sections."""
        return cls(**{**msgspec.structs.asdict(contract_type), "sections": sections}, of=contract_type)

    @property
    def texts(self) -> dict[str, str]:
        """What each section says, by number; all of them may be amended, also those that say nothing yet."""
        return {section.number: section.text or "" for section in self.sections}


class TypeSummary(msgspec.Struct):
    """A type in a list."""

    key: str
    version: int
    title: str
    title_en: str | None
    language: str
    jurisdiction: str
    built_in: bool
    sections: int
