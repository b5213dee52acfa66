"""Readers by media type. Parsers are imported by the one that needs them: only the reading process ever does."""

import codecs
import io
from collections.abc import Callable, Iterator

from clm.kit.extraction import outline
from clm.kit.extraction.wordprocessing import words_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OUTLINE = f"{DOCX};outline"
"""Not the text but the paragraphs, each a line of JSON."""
PDF = "application/pdf"
_TEXTS = frozenset(("application/json", "application/xml", "application/yaml", "application/x-ndjson"))
_BESIDE = frozenset(("header", "footer", "footnotes", "endnotes", "comments"))

Reader = Callable[[bytes], Iterator[str]]


class Unreadable(Exception):
    """The file has no text that can be read; the message says why."""


def reader_of(media_type: str) -> Reader | None:
    """What reads files of a type; None where nothing does."""
    if media_type == OUTLINE:
        return outline.of_docx
    bare = media_type.partition(";")[0].strip().lower()
    if bare == DOCX:
        return of_docx
    if bare == PDF:
        return of_pdf
    return of_text if bare.startswith("text/") or bare in _TEXTS else None


def kept(piece: str) -> bytes:
    """A piece of text as it is handed on: on lines of its own, without what no database stores."""
    text = piece.replace("\0", "").encode("utf-8", "ignore")
    return text if text.endswith(b"\n") else text + b"\n"


def of_text(content: bytes) -> Iterator[str]:
    """Text in UTF-8 or UTF-16, else in the encoding that fits: GB 18030 for most Chinese that is neither."""
    text = decoded(content)
    yield _guessed(content) if text is None else text


def decoded(content: bytes) -> str | None:
    """Text in an encoding that takes no guessing; None where it is in none of these."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - see the module

    best = from_bytes(content).best()
    if best is None:
        raise Unreadable("its encoding is not known")
    return str(best)


def of_docx(content: bytes) -> Iterator[str]:
    """The text as it now reads, then headers, footers, notes and comments: also within fields, boxes and insertions.

    The library's own `text` leaves out what stands in content controls, text boxes and tracked insertions.
    """
    from docx import Document  # noqa: PLC0415 - see the module
    from docx.oxml import parse_xml  # noqa: PLC0415

    main = Document(io.BytesIO(content)).part
    yield words_of(main.element)
    for relation in main.rels.values():
        if not relation.is_external and relation.reltype.rpartition("/")[2] in _BESIDE:
            yield words_of(parse_xml(relation.target_part.blob))


def of_pdf(content: bytes) -> Iterator[str]:
    """Page by page; a file locked with a password has none, nor has one of pictures only."""
    from pypdf import PdfReader  # noqa: PLC0415 - see the module

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("it is locked with a password")
    for page in reader.pages:
        yield page.extract_text()
