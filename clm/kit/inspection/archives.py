"""Archives and the documents that are archives (OOXML, OpenDocument): what they hold, within limits.

Only the standard library's reader is used, and nothing it says of a size is believed before it was seen.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from clm.kit.inspection import types
from clm.kit.inspection.findings import Finding, Limits
from clm.kit.inspection.watching import Watcher
from clm.kit.inspection.words import found_words

CONTENT_TYPES = "[Content_Types].xml"
_DOCUMENTS = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_XML_ENDS = (".xml", ".rels", ".vml", ".svg", ".rdf")
_MACRO_PARTS = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml|macrosheets/.*|Basic/.*\.xml|Scripts/.*)$", re.IGNORECASE
)
_MACRO_TYPES = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject", re.IGNORECASE)
_DTD = re.compile(r"<!(DOCTYPE|ENTITY)")
_REMOTE = re.compile(
    rb"<Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)(?=[^>]*Type\s*=\s*[\"'][^\"']*"
    rb"(?:attachedTemplate|oleObject|frame|subDocument))[^>]*>",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"^[A-Za-z]:")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError)
MEBIBYTE = 1024 * 1024
_STEP = 256 * 1024


class _Budget:
    """How much may still be unpacked to be looked at."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.read_bytes


def examine(file: BinaryIO, size: int, limits: Limits) -> tuple[str, list[Finding]]:
    """The media type of an archive and all that speaks against it. Blocks; reads `file` where the archive says."""
    return _examine(file, size, _Budget(limits), depth=1)


def _examine(file: BinaryIO, size: int, budget: _Budget, depth: int) -> tuple[str, list[Finding]]:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            refused = _of_entries(entries, size, budget.limits) + _of_frame(archive)
            media_type = _media_type(archive, entries)
            if not refused:
                refused = list(_of_contents(archive, entries, budget, depth, media_type))
            return media_type, _each_once(refused)
    except _BROKEN:
        return types.ZIP, [Finding("archive_broken", "The archive cannot be read. Pack it again.")]


def _of_entries(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> list[Finding]:
    found = [_bomb(f"it has {len(entries)} entries")] if len(entries) > limits.entries else []
    unpacked = sum(one.file_size for one in entries)
    if unpacked > limits.unpacked_bytes or unpacked > max(MEBIBYTE, limits.ratio * size):
        found.append(_bomb(f"it unpacks to {unpacked} bytes"))
    if _overlap(entries):
        found.append(_bomb("its entries share bytes"))
    found += [_unsafe(one.filename) for one in entries if _is_unsafe(one)][:1]
    if any(one.flag_bits & 1 for one in entries):
        text = "It is locked with a password, so nobody can see what is stored. Send it without."
        found.append(Finding("encrypted", text))
    return found


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    ends = 0
    for one in sorted(entries, key=lambda each: each.header_offset):
        if one.header_offset < ends:
            return True
        ends = one.header_offset + one.compress_size
    return False


def _is_unsafe(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename.replace("\\", "/")
    outside = name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/") or "\0" in name
    return bool(outside) or stat.S_ISLNK(entry.external_attr >> 16)


def _of_frame(archive: zipfile.ZipFile) -> list[Finding]:
    """Bytes before the first entry are another file's."""
    first = min((one.header_offset for one in archive.infolist()), default=archive.start_dir)
    if first == 0:
        return []
    return [Finding("polyglot", f"{first} bytes of something else stand before the archive. Send the archive alone.")]


def _media_type(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    names = [one.filename for one in entries]
    if CONTENT_TYPES in names:
        found = [media_type for folder, media_type in _DOCUMENTS.items() if any(n.startswith(folder) for n in names)]
        return found[0] if len(found) == 1 else types.ZIP
    if names[:1] == ["mimetype"] and entries[0].file_size <= 100:
        return types.essence(archive.read("mimetype").decode("ascii", "replace"))
    return types.ZIP


def _of_contents(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], budget: _Budget, depth: int, media_type: str
) -> Iterator[Finding]:
    is_document = media_type != types.ZIP
    for entry in entries:
        if entry.is_dir():
            continue
        if is_document and _MACRO_PARTS.search(entry.filename):
            yield Finding("macros", "The document carries macros. Save it without them.")
        yield from _of_member(archive, entry, budget, depth, is_document=is_document)


def _of_member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget, depth: int, *, is_document: bool
) -> Iterator[Finding]:
    """One member: unpacked to its end, so that a size that lies is seen, unless the budget is used up."""
    watcher, kept = Watcher(), bytearray()
    part_bytes = budget.limits.part_bytes
    is_part = is_document and entry.filename.endswith(_XML_ENDS)
    with archive.open(entry) as member:
        while budget.left > 0 and (chunk := member.read(min(_STEP, budget.left))):
            budget.left -= len(chunk)
            watcher.feed(chunk)
            if (is_part or types.is_archive(watcher.head)) and len(kept) <= part_bytes:
                kept += chunk
    yield from found_words(watcher)
    if types.is_executable(watcher.head):
        yield Finding("executable", f"{entry.filename} in the archive is a program. Send the archive without it.")
    if len(kept) > part_bytes:
        yield _bomb(f"{entry.filename} is larger than {part_bytes} bytes")
    elif is_part:
        yield from _of_part(entry.filename, bytes(kept))
    elif types.is_archive(watcher.head) and watcher.size == entry.file_size:
        yield from _of_nested(bytes(kept), budget, depth)


def _of_nested(content: bytes, budget: _Budget, depth: int) -> Iterator[Finding]:
    if depth >= budget.limits.depth:
        yield _bomb(f"archives lie more than {budget.limits.depth} deep in each other")
        return
    yield from _examine(io.BytesIO(content), len(content), budget, depth + 1)[1]


def _of_part(name: str, part: bytes) -> Iterator[Finding]:
    if has_dtd(part):
        yield Finding(
            "dtd", "A part of the document defines entities of its own. Save it again with an office program."
        )
    if name == CONTENT_TYPES and _MACRO_TYPES.search(part):
        yield Finding("macros", "The document is of a kind that runs macros. Save it without them.")
    if name.endswith(".rels") and _REMOTE.search(part):
        text = "The document loads a template or an object from elsewhere when it is opened. Save it with its own."
        yield Finding("remote_template", text)


def has_dtd(part: bytes) -> bool:
    """Whether XML in any of its usual encodings defines a document type or entities."""
    encoding = "utf-16" if part[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    if part[:4] in {b"<\0!\0", b"<\0?\0"}:
        encoding = "utf-16-le"
    elif part[:4] in {b"\0<\0!", b"\0<\0?"}:
        encoding = "utf-16-be"
    return _DTD.search(part.decode(encoding, "replace")) is not None


def _each_once(findings: list[Finding]) -> list[Finding]:
    seen: dict[str, Finding] = {}
    for one in findings:
        seen.setdefault(one.code, one)
    return list(seen.values())


def _bomb(why: str) -> Finding:
    return Finding("archive_bomb", f"The archive is built to swell: {why}. Send what it holds as files of their own.")


def _unsafe(name: str) -> Finding:
    return Finding("unsafe_path", f"The archive holds {name!r}, which would be unpacked outside its folder.")
