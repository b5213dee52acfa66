"""One file, looked at as a whole: what it is, and every reason not to keep it."""

import asyncio
import io
import re
from collections.abc import Iterator

from clm.kit.inspection import archives, types
from clm.kit.inspection.findings import Finding, Limits, Verdict
from clm.kit.inspection.reading import BLOCK, Open, RangeFile, Unfetched
from clm.kit.inspection.scanner import Scanner
from clm.kit.inspection.watching import DOCTYPE, ENTITY, TAIL, Watcher
from clm.kit.inspection.words import found_words

_IMAGE_HEADS = 1024
_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_PDF_HEAD = re.compile(rb"%PDF-\d\.\d")
_LIMITS = Limits()


async def inspect(
    watcher: Watcher, open_range: Open, *, declared: str, scanner: Scanner | None = None, limits: Limits = _LIMITS
) -> Verdict:
    """Judge a file that has gone by `watcher`; `open_range` reads it again where an archive or the scanner asks.

    Raises ScannerUnavailable where a scanner is given and does not answer, and what `open_range` raises.
    """
    if watcher.size == 0:
        return Verdict(declared, [])
    found = types.detect(watcher.head)
    findings = [*found_words(watcher), *_of_bytes(watcher, found)]
    if found == types.ZIP:
        found, more = await _of_archive(watcher, open_range, limits)
        findings += more
    if watcher.found & {DOCTYPE, ENTITY} and types.is_xml(types.essence(declared), found):
        findings.append(Finding("dtd", "The file defines a document type of its own. Send it without <!DOCTYPE>."))
    if not findings and not types.agrees(types.essence(declared), found):
        text = f"The content is {found}, not {types.essence(declared)}. Send it with the type that it has."
        findings.append(Finding("type_mismatch", text))
    if scanner is not None and not findings:
        virus = await scanner.scan(open_range(0, watcher.size))
        findings += [Finding("malware", f"The scanner found {virus}.")] if virus else []
    return Verdict(types.named(declared, found), findings)


def _of_bytes(watcher: Watcher, found: str) -> Iterator[Finding]:
    if found != types.ZIP and _ends_as_archive(watcher.tail):
        yield Finding("polyglot", "An archive hangs at the end of the file. Send each as a file of its own.")
    if found == types.ZIP and _END_RECORD in watcher.tail and not _ends_as_archive(watcher.tail):
        yield Finding("polyglot", "Something hangs at the end of the archive. Send the archive alone.")
    if found.startswith("image/") and found != types.SVG and _image_runs(watcher):
        yield Finding("polyglot", "The picture holds a script. Save it again with an image program.")
    if found not in {types.PDF, types.ZIP} and _PDF_HEAD.search(watcher.head[:1024]):
        yield Finding("polyglot", "Something stands before the PDF in the same file. Send the PDF alone.")


def _image_runs(watcher: Watcher) -> bool:
    """A comment where a GIF has its size makes it a script as well; markup serves a browser that guesses."""
    head = watcher.head
    as_script = head.startswith(b"GIF8") and head[6:8] in {b"/*", b"=1"}
    return as_script or types.holds_script(head[:_IMAGE_HEADS]) or types.holds_script(watcher.tail[-_IMAGE_HEADS:])


def _ends_as_archive(tail: bytes) -> bool:
    """Whether an end record of an archive stands where programs look for it, with a comment that fits exactly."""
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) - at < _END_RECORD_BYTES:
        return False
    comment = int.from_bytes(tail[at + 20 : at + 22], "little")
    return at + _END_RECORD_BYTES + comment == len(tail)


async def _of_archive(watcher: Watcher, open_range: Open, limits: Limits) -> tuple[str, list[Finding]]:
    size = watcher.size
    if size <= TAIL:  # the watcher holds all of it
        return await asyncio.to_thread(archives.examine, io.BytesIO(watcher.tail), size, limits)
    raw = RangeFile(open_range, size, asyncio.get_running_loop())
    try:
        return await asyncio.to_thread(archives.examine, io.BufferedReader(raw, BLOCK), size, limits)
    except Unfetched as error:
        raise error.cause from None
