"""The parts of a document that is an archive: macros by name, type and relation; definitions; things from afar."""

import re
from collections.abc import Iterator
from xml.parsers import expat

from clm.kit.inspection.findings import Finding
from clm.kit.inspection.watching import DOCTYPE, ENTITY, Watcher, is_marked_up

CONTENT_TYPES = "[content_types].xml"
_MANIFEST = "meta-inf/manifest.xml"
_XML_ENDS = (".xml", ".rels", ".vml", ".svg", ".rdf")
_MACRO_PARTS = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml|macrosheets/.+|Basic/.+\.xml|Scripts/.+)$", re.IGNORECASE
)
_MACRO_WORDS = re.compile(r"macroEnabled|vbaProject|xlMacrosheet", re.IGNORECASE)
_LOADED = ("attachedtemplate", "oleobject", "frame", "subdocument")
_ENCODING = re.compile(rb"^<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{1,40})")
_ENCODINGS = frozenset((b"utf-8", b"utf8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii"))
_UNREADABLE = "A part of the document cannot be read. Save it again with an office program."


def is_telling(name: str) -> bool:
    """Whether a part says what other parts are, so that it is read and not only watched."""
    bare = name.lower()
    return bare in {CONTENT_TYPES, _MANIFEST} or bare.endswith(".rels")


def of_name(name: str) -> Iterator[Finding]:
    """What the name of a part gives away."""
    if _MACRO_PARTS.search(name):
        yield Finding("macros", "The document carries macros. Save it without them.")


def of_part(name: str, watcher: Watcher) -> Iterator[Finding]:
    """What was seen of a part as it went by; a part that is XML by its name has to be it."""
    if watcher.found & {DOCTYPE, ENTITY}:
        text = "A part of the document defines entities of its own. Save it again with an office program."
        yield Finding("dtd", text)
    named = name.lower().endswith(_XML_ENDS) and watcher.size > 0
    if named and not (is_marked_up(watcher.head) and _is_plain(watcher.head)):
        text = "A part of the document is in an encoding that hides what it says. Save it again with an office program."
        yield Finding("archive_broken", text)


def of_telling(name: str, part: bytes) -> Iterator[Finding]:
    """What a part says of others: in the words that a reader makes of it, whatever way they are written."""
    if _defines(part) or not part.strip():
        return
    found: list[Finding] = []

    def see(tag: str, attributes: dict[str, str]) -> None:
        found.extend(_of_attributes({key.rpartition(":")[2].lower(): value for key, value in attributes.items()}))
        if name.lower() == _MANIFEST and tag.endswith("encryption-data"):
            found.append(Finding("encrypted", "The document is locked with a password. Send it without."))

    reader = expat.ParserCreate()
    reader.StartElementHandler = see
    try:
        reader.Parse(part, True)  # noqa: FBT003 - this is the end; expat takes it by place only
    except (expat.ExpatError, ValueError, LookupError):
        found.append(Finding("archive_broken", _UNREADABLE))
    yield from found


def _of_attributes(said: dict[str, str]) -> Iterator[Finding]:
    if _MACRO_WORDS.search(said.get("contenttype", "")) or _MACRO_WORDS.search(said.get("type", "")):
        yield Finding("macros", "The document is of a kind that runs macros. Save it without them.")
    if said.get("targetmode", "").lower() == "external" and said.get("type", "").lower().endswith(_LOADED):
        text = "The document loads a template or an object from elsewhere when it is opened. Save it with its own."
        yield Finding("remote_template", text)


def _defines(part: bytes) -> bool:
    plain = part.replace(b"\0", b"")
    return DOCTYPE in plain or ENTITY in plain


def _is_plain(head: bytes) -> bool:
    """Whether an encoding that is declared is one in which the words looked for are seen."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    found = _ENCODING.match(plain)
    return found is None or found[1].lower() in _ENCODINGS
