"""docs/reference/law.md, made from the registry of rules and from the tests that hold them.

`python -m tests.law.page` writes it, `--check` says whether it is up to date.
"""

import sys
from itertools import groupby
from pathlib import Path

from clm.law.rules import RULES, Rule
from tests.law.holding import Holding, holdings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/law.md"
CHAPTERS = {
    "R-T": "Periods of time (期间计算)",
    "R-N": "Arrival of notices (通知的到达)",
    "R-C": "Confidentiality (保密期限)",
    "R-M": "Money (逾期付款)",
    "R-L": "Limitation (诉讼时效)",
    "R-S": "Service levels (服务水平)",
    "R-A": "Keeping of records (档案保存)",
    "L": "Statutory review (合同审查)",
}
HEAD = """\
# The law that is computed

Made from the code's own registry of rules (`clm/law/rules.py`) and from the tests that hold them; `make schemas` writes
it anew. **Status**: *law*, a text says so; *policy*, nobody decided and the service did: results that rest on it say
`assumed: true` (findings of the review, which decide nothing, do not); *ambiguous*, lawyers argue and the service says
which reading it takes. **Held by**: a test that passes under the rule and fails where the rule is replaced by the
neighbour named beside it, which is itself tested.

None of this is legal advice.
"""


def page() -> str:
    """The whole page."""
    held = {rule: list(some) for rule, some in groupby(holdings(), key=lambda one: one.rule)}
    parts = [HEAD]
    for prefix, title in CHAPTERS.items():
        rules = [rule for rule in RULES if _chapter(rule) == prefix]
        if rules:
            parts += [f"## {title}\n", _table(rules, held)]
    return "\n".join(parts)


def _chapter(rule: Rule) -> str:
    return rule.id[:3] if rule.id.startswith("R-") else rule.id[:1]


def _table(rules: list[Rule], held: dict[str, list[Holding]]) -> str:
    rows = ["| rule | what it says | source | status | held by, against |", "| --- | --- | --- | --- | --- |"]
    for rule in rules:
        by = "<br>".join(f"`{one.name}`, {one.neighbour.says}" for one in held.get(rule.id, []))
        rows.append(f"| {rule.id} | {rule.says} | {rule.source} | {rule.status} | {by} |")
    return "\n".join([*rows, ""])


def main() -> int:
    """Write the page, or with `--check` say whether it is what it should be."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stdout.write(f"out of date: {PAGE.relative_to(ROOT)}\nRun `make schemas` and commit what it writes.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
