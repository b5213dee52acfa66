"""A file as the sections of a contract: kept from harm, read, told what it is."""

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator

import msgspec

from clm.features.contract_types.service import Clause, ContractType
from clm.features.documents import lines, tree
from clm.features.documents.labels import is_title
from clm.features.documents.models import Binding, Contents, ImportReport
from clm.kit.extraction import Extracted, ExtractionLimits, text_of
from clm.kit.extraction.formats import DOCX, OUTLINE
from clm.kit.extraction.outline import Paragraph
from clm.kit.inspection import ScannerUnavailable, Watcher, inspect
from clm.kit.problems import FieldError, Problem
from clm.kit.vault import Vault

DOCUMENT_BYTES = 8 * 1024**2
TEXTS = ("text/plain", "text/markdown")
SECTIONS_AT_MOST = 2000
LINES_AT_MOST = 50_000
LINE_AT_MOST = 20_000
_LIMITS = ExtractionLimits(input_bytes=DOCUMENT_BYTES, output_bytes=2 * 1024**2)
_PARAGRAPHS = msgspec.json.Decoder(Paragraph)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a document says: its own sections, bound to the type where they are the type's, and what stands around."""

    sha256: str
    media_type: str
    title: str | None
    sections: list[Clause]
    preamble: str
    closing: str
    report: ImportReport


async def read(vault: Vault, content: bytes, media_type: str, contract_type: ContractType) -> Read:
    """Read a document; raises Problem 415 for other types, 422 for what is unsafe, unreadable or has no headings."""
    bare = media_type.partition(";")[0].strip().lower()
    if bare != DOCX and bare not in TEXTS:
        text = f"Send the document as {DOCX}, text/plain or text/markdown."
        raise Problem("unsupported-media-type", text)
    await _check(vault, content, bare)
    paragraphs = await _paragraphs(content, bare)
    taken, grown = await asyncio.to_thread(_grown, paragraphs)
    if not grown.nodes:
        raise _refused("No numbered heading was found, such as 第一条, 1., 1.1 or 一、.")
    if len(grown.nodes) > SECTIONS_AT_MOST:
        raise _refused(f"A contract may have {SECTIONS_AT_MOST} sections at most.")
    sections, binding = bound(grown.clauses(), contract_type)
    unmatched = [tree.place_of(line) for line in (*grown.preamble, *taken.closing)]
    only_there = [line.text for line in taken.only_there]
    report = ImportReport(
        headings=grown.headings(),
        unmatched=unmatched,
        duplicates=grown.duplicates,
        skipped=grown.skipped,
        contents=Contents(lines=len(taken.contents), only_there=only_there) if taken.contents else None,
        bound=binding,
    )
    return Read(
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=bare,
        title=_title(grown.preamble),
        sections=sections,
        preamble="\n".join(line.text for line in grown.preamble),
        closing="\n".join(line.text for line in taken.closing),
        report=report,
    )


def _grown(paragraphs: list[Paragraph]) -> tuple[lines.Taken, tree.Tree]:
    taken = lines.taken(lines.lines_of(paragraphs))
    return taken, tree.grown(taken.body)


def bound(sections: list[Clause], contract_type: ContractType) -> tuple[list[Clause], Binding]:
    """Sections with the terms of those of the type that have the same number and heading, as far as words go."""
    theirs = {section.number: section for section in contract_type.sections}
    found = []
    for one in sections:
        its = theirs.get(one.number)
        if its is not None and _bare(its.heading) == _bare(one.heading):
            one.terms = list(its.terms)
            found.append(one.number)
    return sections, Binding(sections=found, missing=[number for number in theirs if number not in found])


async def _check(vault: Vault, content: bytes, media_type: str) -> None:
    if not content:
        raise _refused("The body is empty. Send the document as the body.")
    watcher = Watcher()
    watcher.feed(content)
    try:
        verdict = await inspect(
            watcher, lambda start, end: _once(content[start:end]), declared=media_type, scanner=vault.scanner,
            limits=vault.limits,
        )  # fmt: skip
    except ScannerUnavailable as error:
        text = f"Nothing is imported unseen, and {error}. Send it again later."
        raise Problem("unavailable", text, headers={"retry-after": "30"}) from None
    if verdict.findings:
        mismatch = [one.code for one in verdict.findings] == ["type_mismatch"]
        raise Problem(
            "unsupported-media-type" if mismatch else "unsafe-content",
            f"The document is not imported: {' '.join(one.message for one in verdict.findings)}",
            errors=[FieldError("", one.message) for one in verdict.findings],
            reasons=[{"rule": one.code, "message": one.message} for one in verdict.findings],
        )


async def _paragraphs(content: bytes, media_type: str) -> list[Paragraph]:
    text = _text(await text_of(_once(content), OUTLINE if media_type == DOCX else media_type, limits=_LIMITS))
    if text.count("\n") > LINES_AT_MOST:
        raise _refused(f"A document may have {LINES_AT_MOST} lines at most.")
    if media_type == DOCX:
        found = [_PARAGRAPHS.decode(line) for line in text.split("\n") if line]
    else:
        found = lines.of_text(text, markdown=media_type == "text/markdown")
    if any(len(one.text) > LINE_AT_MOST for one in found):
        raise _refused(f"A paragraph may have {LINE_AT_MOST} characters at most.")
    return found


def _text(found: Extracted) -> str:
    if found.text is None:
        raise _refused(f"The document cannot be read: {found.problem}.")
    if found.truncated:
        raise _refused("The document holds more text than a contract may have.")
    return found.text


def _title(preamble: list[lines.Line]) -> str | None:
    first = preamble[0].text if preamble else ""
    return first if is_title(first) and not _PARTY.match(first) else None


_PARTY = re.compile(r"(甲|乙|丙)\s*方|合同编号|编\s*号")


def _bare(heading: str) -> str:
    """Words alone: what differs in spaces, punctuation or width is the same heading."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LN")


def _refused(message: str) -> Problem:
    return Problem("invalid", message, errors=[FieldError("", message)])


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
