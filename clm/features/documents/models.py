"""Documents on the wire."""

from uuid import UUID

import msgspec

from clm.features.contracts.service import Contract


class Place(msgspec.Struct, frozen=True):
    """A line of a document: `position` counts its lines that are not empty, from 1; `text` is how it begins."""

    position: int
    text: str


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """A heading that was recognised: the `number` of its section, and the `label` that stood before it."""

    number: str
    label: str
    heading: str
    position: int


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """A number that stood there before; its section got `number` instead."""

    label: str
    number: str
    position: int


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A jump in the numbers: `expected` would have followed where `label` stands."""

    expected: str
    label: str
    position: int


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """A table of contents: how many lines it has, and the headings that stand nowhere else.

    These became sections without a text.
    """

    lines: int
    only_there: list[str]


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """Which sections are those of the contract type, by number and heading, and which of its sections are missing."""

    sections: list[str]
    missing: list[str]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a document was read: every heading, and every line that is in no section."""

    headings: list[Heading]
    unmatched: list[Place]
    duplicates: list[Duplicate]
    skipped: list[Skipped]
    contents: Contents | None
    bound: Binding


class Imported(msgspec.Struct, kw_only=True):
    """A draft that came as a document, and how the document was read."""

    contract: Contract
    report: ImportReport


class Origin(msgspec.Struct, kw_only=True):
    """The document that a contract came as: hash and type of the file, what stood outside its sections, the report."""

    contract_id: UUID
    sha256: str
    media_type: str
    language: str
    preamble: str
    closing: str
    report: ImportReport
