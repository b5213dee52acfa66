"""What the words that were seen in passing mean."""

from collections.abc import Iterator

from clm.kit.inspection import types
from clm.kit.inspection.findings import Finding
from clm.kit.inspection.watching import EICAR, OLE_MACROS, Watcher


def found_words(watcher: Watcher) -> Iterator[Finding]:
    """The findings of a file or of a member of an archive that went by a watcher."""
    if EICAR in watcher.found:
        yield Finding("malware", "The file holds the EICAR test virus.")
    if OLE_MACROS in watcher.found and types.detect(watcher.head) == types.OLE:
        yield Finding("macros", "The document carries macros. Save it without them.")
