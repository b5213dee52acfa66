"""The process that reads one foreign file: the file on standard input, its text on standard output.

It holds itself to its limits before it looks at the first byte; exit status 3 says why there is no text.
"""

import logging
import resource
import sys
import warnings
import zipfile

from clm.kit.extraction import formats

GAVE_UP = 3


def main() -> int:
    """Read, write, and say in one line what went wrong, if anything."""
    media_type, memory, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _limit(memory, seconds)
    try:
        _write(media_type)
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - a parser of foreign files fails in ways of its own; this process ends here
        sys.stderr.write(_why(error) + "\n")
        return GAVE_UP
    return 0


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    logging.disable()
    warnings.simplefilter("ignore")


def _write(media_type: str) -> None:
    read = formats.reader_of(media_type)
    if read is None:
        raise formats.Unreadable(f"no text is read from {media_type}")
    for piece in read(sys.stdin.buffer.read()):
        sys.stdout.buffer.write(formats.kept(piece))
    sys.stdout.buffer.flush()


def _why(error: Exception) -> str:
    if isinstance(error, formats.Unreadable):
        return str(error)
    if isinstance(error, MemoryError):
        return "it takes more memory than reading it may take"
    if isinstance(error, (zipfile.BadZipFile, KeyError)):
        return f"it is damaged ({type(error).__name__})"
    return f"it cannot be read ({type(error).__name__})"


if __name__ == "__main__":
    sys.exit(main())
