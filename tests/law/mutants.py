"""`make mutants`: change the law in every small way, run its tests on each, and show what none of them saw.

A survivor that changes only words (the text of a step, a message) is counted, not shown: words are not the law. The
exit status is 0 where every other mutant was found, else 1.
"""

import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

MUTMUT = [str(Path(sys.executable).with_name("mutmut"))]
STATES = re.compile(r"^\s+(\S+): (killed|survived|no tests|timeout|suspicious|segfault)$", re.MULTILINE)
PROSE = re.compile(r'f?"[^"]* [^"]*"')
"""A text with a space in it: codes, rule ids and names of members have none."""


class Survivor(NamedTuple):
    """A mutant that no test noticed: its name, the line as it is and as the mutant has it."""

    name: str
    line: str
    mutated: str

    @property
    def only_words(self) -> bool:
        """Whether the two differ in nothing but prose; mutmut puts None in the place of a text, too."""
        line, mutated = PROSE.sub("PROSE", self.line), PROSE.sub("PROSE", self.mutated)
        without = {line[: one.start()] + "None" + line[one.end() :] for one in re.finditer("PROSE", line)}
        return "PROSE" in line and (line == mutated or mutated in without)


def survivor(name: str) -> Survivor:
    """What a mutant changed, from mutmut's diff."""
    diff = _mutmut("show", name).splitlines()
    taken = (line[1:].strip() for line in diff if line.startswith("-") and not line.startswith("---"))
    put = (line[1:].strip() for line in diff if line.startswith("+") and not line.startswith("+++"))
    return Survivor(name, " ".join(taken), " ".join(put))


def _mutmut(*arguments: str) -> str:
    return subprocess.run([*MUTMUT, *arguments], capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Run every mutant and report."""
    if "--report" not in sys.argv[1:]:
        shutil.rmtree("mutants", ignore_errors=True)  # it would repeat what it found before
        subprocess.run([*MUTMUT, "run", *sys.argv[1:]], check=True)
    states = STATES.findall(_mutmut("results", "--all", "true"))
    with ThreadPoolExecutor() as pool:
        survivors = list(pool.map(survivor, (name for name, state in states if state in ("survived", "no tests"))))
    told = [one for one in survivors if not one.only_words]
    for one in told:
        sys.stdout.write(f"{one.name}\n  - {one.line}\n  + {one.mutated}\n")
    counts = Counter(state for _, state in states)
    words = len(survivors) - len(told)
    sys.stdout.write(f"{len(states)} mutants {dict(counts)}: {words} survivors change words alone, {len(told)} more\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
