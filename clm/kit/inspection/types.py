"""The media type of a file by its first bytes, and whether that is the type its sender says it is."""

import codecs
import re
from collections import defaultdict

import puremagic

from clm.kit.inspection.watching import OLE_HEAD

UNKNOWN = "application/octet-stream"
ZIP = "application/zip"
PDF = "application/pdf"
OLE = "application/x-ole-storage"
HTML = "text/html"
SVG = "image/svg+xml"
XML = "application/xml"

_ALIASES = {
    "application/x-pdf": PDF,
    "application/x-zip-compressed": ZIP,
    "application/x-zip": ZIP,
    "application/gzip": "application/x-gzip",
    "application/vnd.rar": "application/x-rar-compressed",
    "application/xhtml+xml": HTML,
    "application/x-download": UNKNOWN,
    "application/x-www-form-urlencoded": UNKNOWN,  # what a plain curl says of whatever it sends
    "binary/octet-stream": UNKNOWN,
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
    "text/xml": XML,
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
}
_PROGRAM = re.compile(
    rb"\x7fELF|#!\s*/|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba[\xbe\xbf]|\x00asm|dex\n0|L\0\0\0\x01\x14\x02\0"
)
_SIGNATURES = {
    b"%PDF-": PDF,
    OLE_HEAD: OLE,
    b"{\\rtf": "application/rtf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"\x1f\x8b": "application/x-gzip",
    b"7z\xbc\xaf\x27\x1c": "application/x-7z-compressed",
    b"Rar!\x1a\x07": "application/x-rar-compressed",
}
_OLE_TYPES = frozenset(("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
                        "application/vnd.ms-outlook", "application/vnd.visio", OLE))  # fmt: skip
# Containers whose first bytes several types share: an ISO base media file may be sound or film, and so on.
_SAME_BYTES = (
    frozenset(("audio/mp4", "video/mp4", "video/quicktime", "image/heic", "image/heif", "image/avif", "audio/aac",
               "video/3gpp", "audio/3gpp")),
    frozenset(("audio/ogg", "video/ogg", "application/ogg", "audio/opus")),
    frozenset(("video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska")),
    frozenset(("audio/mpeg", "video/mpeg")),
    _OLE_TYPES,
)  # fmt: skip
KNOWN_BY_CONTENT = frozenset((
    PDF, ZIP, "image/png", "image/jpeg", "image/gif", "image/tiff", "image/webp", "image/bmp", "application/x-gzip",
    "application/x-7z-compressed", "application/x-rar-compressed", "audio/wav", "application/rtf", *_OLE_TYPES,
))  # fmt: skip
"""Types that have a signature: a file without it is not of the type, whatever is said."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_PACKED = (_OFFICE, "application/vnd.oasis.", "application/epub+zip")
_MARKUP = re.compile(
    rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|iframe)\b", re.IGNORECASE | re.DOTALL
)
_SVG_TAG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_SCRIPT = re.compile(rb"<(?:script|html|iframe|\?php)\b", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def essence(media_type: str) -> str:
    """A media type without its parameters, in its usual spelling."""
    bare = media_type.partition(";")[0].strip().lower()
    return _ALIASES.get(bare, bare)


def is_executable(head: bytes) -> bool:
    """Whether a machine would run it: programs, libraries, shortcuts, scripts with their interpreter in line one."""
    if head.startswith(b"MZ"):  # two letters that a table may begin with as well
        return _as_text(head) is None
    return _PROGRAM.match(head) is not None


def is_xml(declared: str, found: str) -> bool:
    """Whether somebody will read it as XML, for what it is or for what it is called."""
    return found in {XML, SVG} or (found != HTML and declared.endswith(("/xml", "+xml")))


def is_archive(head: bytes) -> bool:
    """Whether it begins as a ZIP archive does."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def holds_script(part: bytes) -> bool:
    """Whether a browser that guesses would find something to run."""
    return _SCRIPT.search(part) is not None


def detect(head: bytes) -> str:
    """The type that the first bytes show; `text/plain` for text, `UNKNOWN` for what has no signature."""
    if is_archive(head):
        return ZIP
    for signature, media_type in _SIGNATURES.items():
        if head.startswith(signature):
            return media_type
    if head.startswith((b"<\0?\0", b"\0<\0?")):
        return XML
    text = _as_text(head)
    return _by_signature(head) if text is None else _of_text(text)


def _of_text(text: bytes) -> str:
    start = text.lstrip()
    if _MARKUP.match(start):
        return HTML
    if start[:1] == b"<" and _SVG_TAG.search(start[:2048]):
        return SVG
    return XML if start.startswith(b"<?xml") else "text/plain"


def _first_bytes() -> dict[int, dict[bytes, tuple[bytes, ...]]]:
    """Every signature that the library knows, by where it stands and what it begins with."""
    found: dict[int, dict[bytes, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for each in (*puremagic.main.magic_header_array, *puremagic.main.magic_footer_array):
        found[each.offset][each.byte_match[:1]].add(each.byte_match)
    return {offset: {beginning: tuple(whole) for beginning, whole in begin.items()} for offset, begin in found.items()}


_FIRST_BYTES = _first_bytes()


def has_signature(head: bytes) -> bool:
    """Whether the library would find anything: it compares all it knows, which takes longer than all else here."""
    for offset, known in _FIRST_BYTES.items():
        start = offset if offset >= 0 else max(len(head) + offset, 0)
        for signature in known.get(head[start : start + 1], ()):
            if head.startswith(signature, start):
                return True
    return False


def _by_signature(head: bytes) -> str:
    if not has_signature(head):
        return UNKNOWN
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    types = [essence(one.mime_type) for one in found if one.mime_type]
    known = [one for one in types if one in KNOWN_BY_CONTENT or any(one in same for same in _SAME_BYTES)]
    return (known or types or [UNKNOWN])[0]


def _as_text(head: bytes) -> bytes | None:
    """The text in UTF-8, or None where it is none: NUL bytes, control characters, no encoding that fits."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return _decoded(head[: len(head) // 2 * 2] if encoding == "utf-16" else head, encoding)
    if _CONTROL.search(head):
        return None
    return _decoded(head, "utf-8") or _decoded(head, "gb18030") or _western(head)


def _western(head: bytes) -> bytes | None:
    """What is letters of ASCII for the most part, with accents in an encoding of one byte."""
    ascii_bytes = sum(byte < 128 for byte in head)
    return head if ascii_bytes * 4 >= len(head) * 3 else None


def _decoded(head: bytes, encoding: str) -> bytes | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(head).encode("utf-8", "replace")  # not final: the head may end within a character
    except UnicodeDecodeError:
        return None


def agrees(declared: str, found: str) -> bool:
    """Whether content of the type `found` may be called `declared`."""
    if declared in {found, UNKNOWN} or (declared == ZIP and found.startswith(_PACKED)):
        return True
    if any(declared in same and found in same for same in _SAME_BYTES):
        return True
    if declared in KNOWN_BY_CONTENT or found in {HTML, SVG}:
        return False
    if found in {"text/plain", XML}:  # text has no signature: scripts, tables, letters and JSON all look alike
        return _may_be_text(declared)
    return found == UNKNOWN or _may_be_package(declared, found)


def _may_be_package(declared: str, found: str) -> bool:
    """Many formats are archives; a template or a show is of the family of its document."""
    if found == ZIP:
        return declared.startswith(("application/vnd.", "application/x-")) and not declared.startswith(_PACKED)
    return found.startswith(_OFFICE) and declared.startswith(found.rpartition(".")[0] + ".")


def _may_be_text(declared: str) -> bool:
    if declared in {HTML, SVG}:
        return True
    return declared.startswith(("text/", "message/", "application/"))


def named(declared: str, found: str) -> str:
    """The media type to keep: the sender's, which may be finer and may name a charset, where the content agrees.

    What is no text keeps no name of one.
    """
    bare = essence(declared)
    is_no_text = found == UNKNOWN and bare.startswith("text/")
    return found if bare in {UNKNOWN, ZIP} or is_no_text or not agrees(bare, found) else declared
