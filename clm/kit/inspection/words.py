"""What the words that were seen in passing mean."""

from collections.abc import Iterator

from clm.kit.inspection import types
from clm.kit.inspection.findings import Finding
from clm.kit.inspection.watching import EICAR, OLE_LOCKED, OLE_MACROS, Watcher


def found_words(watcher: Watcher) -> Iterator[Finding]:
    """The findings of a file or of a member of an archive that went by a watcher."""
    if EICAR in watcher.found:
        yield Finding("malware", "The file holds the EICAR test virus.")
    if OLE_MACROS in watcher.found:
        yield Finding("macros", "The document carries macros. Save it without them.")
    if OLE_LOCKED in watcher.found:
        yield Finding("encrypted", "The document is locked with a password. Send it without.")
    if types.is_executable(watcher.head):
        yield Finding("executable", "The file is a program or a script that runs. Programs are not attached.")
