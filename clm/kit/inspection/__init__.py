"""What a file really is, and whether it is safe to keep: by its content, never by its name.

    watcher = Watcher()
    async for chunk in body: watcher.feed(chunk)
    verdict = await inspect(watcher, open_range, declared="application/pdf", scanner=scanner)

Nothing here unpacks to disk or holds a file in memory; an archive is read by ranges, in a thread, within limits.
"""

from clm.kit.inspection.findings import Finding, Limits, Verdict
from clm.kit.inspection.inspecting import inspect
from clm.kit.inspection.scanner import Scanner, ScannerUnavailable
from clm.kit.inspection.watching import Watcher

__all__ = ["Finding", "Limits", "Scanner", "ScannerUnavailable", "Verdict", "Watcher", "inspect"]
