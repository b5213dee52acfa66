"""The words of WordprocessingML."""

from typing import Any

_UNSEEN = frozenset(("pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "Fallback", "moveFrom", "del", "instrText"))
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_CELLS = frozenset(("tc", "sdt", "customXml"))


def words_of(element: Any) -> str:
    """An element of WordprocessingML as text: a line for a paragraph, a line with tabs for a row of a table."""
    name = name_of(element)
    if name in _UNSEEN:
        return ""
    if name == "t":
        return element.text or ""
    if name == "tr":
        return "\t".join(" ".join(words_of(cell).split()) for cell in element if name_of(cell) in _CELLS) + "\n"
    inner = "".join(map(words_of, element))
    return inner + "\n" if name == "p" else _MARKS.get(name, inner)


def name_of(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
