"""Readers by media type. Parsers are imported by the one that needs them: only the reading process ever does."""

import codecs
import io
from collections.abc import Callable, Iterator

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
_TEXTS = frozenset(("application/json", "application/xml", "application/yaml", "application/x-ndjson"))

Reader = Callable[[bytes], Iterator[str]]


class Unreadable(Exception):
    """The file has no text that can be read; the message says why."""


def reader_of(media_type: str) -> Reader | None:
    """What reads files of a type; None where nothing does."""
    bare = media_type.partition(";")[0].strip().lower()
    if bare == DOCX:
        return of_docx
    if bare == PDF:
        return of_pdf
    return of_text if bare.startswith("text/") or bare in _TEXTS else None


def of_text(content: bytes) -> Iterator[str]:
    """Text in UTF-8 or UTF-16, else in the encoding that fits: GB 18030 for most Chinese that is neither."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            yield content.decode(encoding, "replace")
            return
    for encoding in ("utf-8", "gb18030"):
        try:
            yield content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return
    yield _guessed(content)


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - see the module

    best = from_bytes(content).best()
    if best is None:
        raise Unreadable("its encoding is not known")
    return str(best)


def of_docx(content: bytes) -> Iterator[str]:
    """Paragraphs and tables in their order, then headers and footers."""
    from docx import Document  # noqa: PLC0415 - see the module
    from docx.table import Table  # noqa: PLC0415

    def blocks(container: object) -> Iterator[str]:
        for block in container.iter_inner_content():  # type: ignore[attr-defined]  # document, cell, header alike
            if isinstance(block, Table):
                for row in block.rows:
                    yield "\t".join(cell.text for cell in row.cells)
            else:
                yield block.text

    document = Document(io.BytesIO(content))
    yield from blocks(document)
    for section in document.sections:
        for part in (section.header, section.footer):
            if not part.is_linked_to_previous:
                yield from blocks(part)


def of_pdf(content: bytes) -> Iterator[str]:
    """Page by page; a file locked with a password has none, nor has one of pictures only."""
    from pypdf import PdfReader  # noqa: PLC0415 - see the module

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("it is locked with a password")
    for page in reader.pages:
        yield page.extract_text()
