"""Text in PDFs that programs can read: codes that say which glyph they mean without a table of their own.

For fonts with CFF outlines fpdf2 numbers the glyphs as they come, and says in a table within the file which is which
(`/Encoding` as a stream). Viewers follow that; libraries that extract text, pypdf and pdfminer.six among them, take
such codes for single bytes. Here the code of a glyph is its own number in the font, so that `/Identity-H` says it all.
A text must not be justified: fpdf2 takes it then that the code of a space is 32.
"""

from typing import Any

from fpdf.fonts import Glyph, SubsetMap, TTFFont
from fpdf.output import OutputProducer, PDFFont
from fpdf.syntax import Name


class ByGlyph(SubsetMap):
    """The glyphs of a font that are used, each under its own number (CID)."""

    def __init__(self, font: TTFFont) -> None:
        super().__init__(font)
        self._char_id_per_glyph = {glyph: _cid(glyph) for glyph in self._char_id_per_glyph if glyph is not None}

    def pick_glyph(self, glyph: Glyph | None) -> int | None:
        """The code of a glyph, which is part of the file from now on."""
        return None if glyph is None else self._char_id_per_glyph.setdefault(glyph, _cid(glyph))


class Output(OutputProducer):
    """Writes such fonts with `/Identity-H`."""

    def _add_fonts(self, *args: Any, **kwargs: Any) -> Any:
        fonts = super()._add_fonts(*args, **kwargs)
        for font in fonts.values():
            if isinstance(font, PDFFont) and font.to_unicode is not None:
                font.encoding = Name("Identity-H")
        return fonts


def _cid(glyph: Glyph) -> int:
    name = str(glyph.glyph_name)
    if name == ".notdef":
        return 0
    return int(name[3:]) if name.startswith("cid") and name[3:].isdecimal() else int(glyph.glyph_id)
