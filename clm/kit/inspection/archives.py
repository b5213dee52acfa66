"""Archives and the documents that are archives (OOXML, OpenDocument): what they hold, within limits.

Only the standard library's reader is used, and nothing an archive says of its sizes is believed before it was seen.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from clm.kit.inspection import parts, types
from clm.kit.inspection.findings import Finding, Limits
from clm.kit.inspection.watching import Watcher
from clm.kit.inspection.words import found_words

_DOCUMENTS = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_PACKAGE = re.compile(r"application/(vnd\.oasis\.opendocument\.[a-z-]{1,40}|epub\+zip)")
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
_DRIVE = re.compile(r"^[A-Za-z]:")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError)
_TEXT_AT_MOST = 80
MEBIBYTE = 1024 * 1024
_STEP = 256 * 1024


class _Swollen(Exception):
    """The archive asks for more at a time than is read of any."""


class _Sips:
    """A file that is read in sips: the library reads the list of entries at once, however long it is said to be."""

    def __init__(self, file: BinaryIO, at_most: int) -> None:
        self._file, self._at_most = file, at_most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, length: int = -1) -> bytes:
        if length > self._at_most:
            raise _Swollen
        return self._file.read(length if length >= 0 else self._at_most)


class _Budget:
    """How much may still be unpacked to be looked at."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.read_bytes


def examine(file: BinaryIO, size: int, limits: Limits) -> tuple[str, list[Finding]]:
    """The media type of an archive and all that speaks against it. Blocks; reads `file` where the archive says."""
    return _examine(file, size, _Budget(limits), depth=1)


def _examine(file: BinaryIO, size: int, budget: _Budget, depth: int) -> tuple[str, list[Finding]]:
    sips = _Sips(file, budget.limits.directory_bytes)
    try:
        with zipfile.ZipFile(sips) as archive:
            entries = archive.infolist()
            refused = _of_entries(entries, size, budget.limits) + _of_frame(archive)
            media_type = types.ZIP if refused else _media_type(archive, entries)
            if not refused:
                refused = list(_of_contents(archive, entries, budget, depth, is_document=media_type != types.ZIP))
            return media_type, _each_once(refused)
    except _Swollen:
        return types.ZIP, [_bomb("its list of entries is longer than any list needs to be")]
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
    if any(one.compress_type not in _METHODS for one in entries):  # the library unpacks others without a bound
        text = "The archive is packed by a method that few programs read. Pack it again, by the usual one (Deflate)."
        found.append(Finding("archive_broken", text))
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
    names = [one.filename.lower() for one in entries]
    if parts.CONTENT_TYPES in names:
        found = [media_type for folder, media_type in _DOCUMENTS.items() if any(n.startswith(folder) for n in names)]
        return found[0] if len(found) == 1 else types.ZIP
    if names[:1] == ["mimetype"]:
        with archive.open(entries[0]) as member:
            said = member.read(_TEXT_AT_MOST).decode("ascii", "replace").strip()
        return said if _PACKAGE.fullmatch(said) else types.ZIP
    return types.ZIP


def _of_contents(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], budget: _Budget, depth: int, *, is_document: bool
) -> Iterator[Finding]:
    """Those members first that say what the others are: the budget may not reach to the last."""
    is_document = is_document or any(one.filename.lower() == parts.CONTENT_TYPES for one in entries)
    for entry in sorted(entries, key=lambda one: not parts.is_telling(one.filename)):
        if is_document:
            yield from parts.of_name(entry.filename)
        if not entry.is_dir():
            yield from _of_member(archive, entry, budget, depth, is_document=is_document)


def _of_member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget, depth: int, *, is_document: bool
) -> Iterator[Finding]:
    """One member: unpacked to its end, so that a size that lies is seen, unless the budget is used up."""
    watcher, kept = Watcher(), bytearray()
    is_telling = is_document and parts.is_telling(entry.filename)
    at_most = budget.limits.directory_bytes if is_telling else budget.limits.part_bytes
    with archive.open(entry) as member:
        while budget.left > 0 and (chunk := member.read(min(_STEP, budget.left))):
            budget.left -= len(chunk)
            watcher.feed(chunk)
            if (is_telling or types.is_archive(watcher.head)) and len(kept) <= at_most:
                kept += chunk
    yield from (Finding(one.code, f"In {_shown(entry.filename)}: {one.message}") for one in found_words(watcher))
    if is_document:
        yield from parts.of_part(entry.filename, watcher)
    if len(kept) > at_most:
        yield _bomb(f"{_shown(entry.filename)} is larger than {at_most} bytes")
    elif is_telling:
        yield from parts.of_telling(entry.filename, bytes(kept))
    elif types.is_archive(watcher.head) and watcher.size == entry.file_size:
        yield from _of_nested(bytes(kept), budget, depth)


def _of_nested(content: bytes, budget: _Budget, depth: int) -> Iterator[Finding]:
    if depth >= budget.limits.depth:
        yield _bomb(f"archives lie more than {budget.limits.depth} deep in each other")
        return
    yield from _examine(io.BytesIO(content), len(content), budget, depth + 1)[1]


def _each_once(findings: list[Finding]) -> list[Finding]:
    seen: dict[str, Finding] = {}
    for one in findings:
        seen.setdefault(one.code, one)
    return list(seen.values())


def _bomb(why: str) -> Finding:
    return Finding("archive_bomb", f"The archive is built to swell: {why}. Send what it holds as files of their own.")


def _unsafe(name: str) -> Finding:
    text = f"The archive holds {_shown(name)}, which would be unpacked outside its folder."
    return Finding("unsafe_path", text)


def _shown(name: str) -> str:
    return repr(name[:_TEXT_AT_MOST])
