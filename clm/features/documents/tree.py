"""Lines as a tree of sections: which are headings, what stands in which, and what does not count as it should."""

from collections.abc import Sequence

import msgspec

from clm.features.contract_types.service import Clause
from clm.features.documents.labels import Label, is_title
from clm.features.documents.lines import Line
from clm.features.documents.models import Duplicate, Heading, Place, Skipped

_WEAK_JUMP = 3
_SHOWN = 80


class Node(msgspec.Struct, kw_only=True):
    """A section while it is being read."""

    number: str
    label: str
    heading: str
    parent: "Node | None"
    style: str
    parts: tuple[int, ...]
    position: int
    text: list[str] = []
    sentence: bool = False


class Tree(msgspec.Struct, kw_only=True):
    """The sections of a document in order, the text before the first, and what was odd."""

    nodes: list[Node] = []
    preamble: list[Line] = []
    duplicates: list[Duplicate] = []
    skipped: list[Skipped] = []

    def clauses(self) -> list[Clause]:
        """As sections of a contract."""
        return [
            Clause(
                number=node.number,
                heading=node.heading,
                label=node.label,
                parent=node.parent.number if node.parent else None,
                text="\n".join(node.text) or None,
            )
            for node in self.nodes
        ]

    def headings(self) -> list[Heading]:
        """For the report."""
        return [Heading(number=n.number, label=n.label, heading=n.heading, position=n.position) for n in self.nodes]


def place_of(line: Line) -> Place:
    """A line for the report."""
    return Place(position=line.position, text=line.text[:_SHOWN])


def grown(lines: Sequence[Line]) -> Tree:
    """The tree of a document's lines."""
    builder = _Builder(lines)
    for no, line in enumerate(lines):
        builder.take(no, line)
    return builder.tree


class _Builder:
    def __init__(self, lines: Sequence[Line]) -> None:
        self.tree = Tree()
        self._stack: list[Node] = []
        self._first: dict[str, int] = {}
        self._last: dict[str, Node] = {}
        self._times: dict[str, int] = {}
        self._alone = _lonely(lines)
        self._title = _document_title(lines)
        self._opened = _opened(lines)

    def take(self, no: int, line: Line) -> None:
        """A line as heading, else as text of the section that is open."""
        label = line.label
        if line.level and no != self._title:
            self._add(line, f"h{line.level}", label)
        elif label is not None and label.style not in self._alone and no != self._title and self._counts(no, label):
            self._add(line, label.style, label)
        elif self._stack:
            self._stack[-1].text.append(line.text)
        else:
            self.tree.preamble.append(line)

    def _counts(self, no: int, label: Label) -> bool:
        if label.doubtful and not self._follows(label):
            return False
        if label.sure:
            return True
        if label.enclosed:
            return no in self._opened
        open_one = next((node for node in self._stack if node.style == label.style), None)
        if is_title(label.rest):
            return open_one is None or 0 <= label.parts[0] - open_one.parts[0] <= _WEAK_JUMP
        if open_one is None:
            return not self.tree.nodes and label.parts == (1,)
        return open_one.sentence and 0 < label.parts[0] - open_one.parts[0] <= _WEAK_JUMP

    def _follows(self, label: Label) -> bool:
        """Whether a number that may be a quantity is the one that comes next."""
        nexts: set[tuple[int, ...]] = {(1,)}
        for node in self._stack:
            nexts |= {(*node.parts[:-1], node.parts[-1] + 1), (*node.parts, 1)}
        return label.parts in nexts

    def _add(self, line: Line, style: str, label: Label | None) -> None:
        self._first.setdefault(style, len(self._first))
        self._close(style, label)
        parent = self._stack[-1] if self._stack else None
        before = self._before(style, parent)
        parts = label.parts if label else ((before.parts[-1] if before else 0) + 1,)
        rest = (label.rest if label else line.text).strip()
        titled = line.level > 0 or is_title(rest)
        node = Node(
            number="",
            label=label.written if label else "",
            heading=rest if titled else "",
            parent=parent,
            style=style,
            parts=parts,
            position=line.position,
            text=[] if titled or not rest else [rest],
            sentence=not titled,
        )
        if label is not None:
            self._look(node, before)
        node.number = self._numbered(node)
        self.tree.nodes.append(node)
        self._last[style] = node
        self._stack.append(node)

    def _close(self, style: str, label: Label | None) -> None:
        """End what a heading of this style does not stand in: styles that first came after it are inside of it."""
        while self._stack and not self._holds(self._stack[-1], style, label):
            self._stack.pop()

    def _holds(self, node: Node, style: str, label: Label | None) -> bool:
        if style.startswith("h"):
            return node.style.startswith("h") and node.style < style
        if label is not None and len(label.parts) > 1 and len(node.parts) > 1 and node.style == style:
            return False
        outer = node.style != style and self._first[node.style] < self._first[style]
        below = node.style.startswith("1.") and style.startswith("1.") and label is not None
        return outer and not (below and label is not None and label.parts[: len(node.parts)] != node.parts)

    def _before(self, style: str, parent: Node | None) -> Node | None:
        last = self._last.get(style)
        return last if last is not None and last.parent is parent else None

    def _look(self, node: Node, before: Node | None) -> None:
        """Report where a number jumps; one that goes on from the section before the parent is fine too."""
        last = self._last.get(node.style)
        prefix = node.parts[:-1]
        expected = {(*prefix, 1)} if before is None or before.parts[:-1] != prefix else set()
        for one in (before, last):
            if one is not None and one.parts[:-1] == prefix:
                expected.add((*prefix, one.parts[-1] + 1))
        again = before is not None and before.parts == node.parts
        if node.parts not in expected and not again:
            following = max(expected)
            shown = ".".join(map(str, following))
            self.tree.skipped.append(Skipped(expected=shown, label=node.label, position=node.position))

    def _numbered(self, node: Node) -> str:
        """The number of a section: its own after its parent's, unless it repeats that. Told apart where taken."""
        own = ".".join(map(str, node.parts))
        if node.parent is not None:
            above = node.parent.parts
            outer = node.parent.number
            own = ".".join(map(str, node.parts[len(above) :])) if _repeats(node.parts, above) else own
            own = f"{outer}.{own}"
        count = self._times.get(own, 0) + 1
        self._times[own] = count
        number = own if count == 1 else f"{own}-{count}"
        if count > 1:
            self.tree.duplicates.append(Duplicate(label=node.label, number=number, position=node.position))
        return number


def _repeats(parts: tuple[int, ...], above: tuple[int, ...]) -> bool:
    return len(parts) > len(above) and parts[: len(above)] == above


def _lonely(lines: Sequence[Line]) -> set[str]:
    """Styles of parts that one line only has: such a line announces the text, it does not divide it."""
    found = [line.label.style for line in lines if line.label is not None and not line.level]
    return {style for style in ("部分", "编", "篇") if found.count(style) == 1}


def _document_title(lines: Sequence[Line]) -> int | None:
    """The one heading without a number that stands above all others by its style."""
    styled = [no for no, line in enumerate(lines) if line.level]
    if len(styled) == 0:
        return None
    first = styled[0]
    headed = any(line.title for line in lines[:first])
    highest = [no for no in styled if lines[no].level <= lines[first].level]
    others = any(line.title for line in lines[first + 1 :])
    return first if not headed and highest == [first] and lines[first].label is None and others else None


def _opened(lines: Sequence[Line]) -> set[int]:
    """Enclosed numbers that head sections: a few words each, with text below at least one of those counted along."""
    found: set[int] = set()
    block: list[int] = []
    for no in range(len(lines) + 1):
        if no < len(lines) and not _divides(lines[no]):
            block.append(no)
            continue
        found |= _of_block(lines, block)
        block = []
    return found


def _divides(line: Line) -> bool:
    return line.title or (line.label is not None and line.label.sure)


def _of_block(lines: Sequence[Line], block: list[int]) -> set[int]:
    labels = {no: label for no in block if (label := lines[no].label) is not None and label.enclosed}
    outer = next((label.style for label in labels.values()), None)
    heads = [no for no, label in labels.items() if label.style == outer]
    followed = any(no + 1 in block and no + 1 not in heads for no in heads)
    return set(heads) if followed and all(is_title(labels[no].rest) for no in heads) else set()
