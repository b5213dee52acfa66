"""The text of a file: DOCX, PDF, Markdown and plain text in the encodings that are about.

    found = await text_of(chunks, "application/pdf")

Foreign parsers run in a process of their own, with limits on memory and time: whatever they meet, the worst is a
`problem` instead of a text.
"""

from clm.kit.extraction.running import Extracted, ExtractionLimits, is_readable, text_of

__all__ = ["Extracted", "ExtractionLimits", "is_readable", "text_of"]
