"""The contract's chart as an SVG picture: every state and arrow, the active states filled, the way taken drawn strong.

The picture stands alone: no scripts, no fonts or styles from elsewhere, a background of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from clm.lifecycle.chart import TABLE
from clm.lifecycle.journey import Edge, initial_states, taken, undone
from clm.lifecycle.layout import CAPTIONS, COMPOUNDS, HEIGHT, LABELS, REGIONS, ROUTES, STATES, WIDTH, Box, Label, Point
from clm.lifecycle.transitions import TRANSITIONS

_FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'WenQuanYi Micro Hei', sans-serif"
)
_STYLE = f"""
text {{ font-family: {_FONTS}; font-size: 11px; fill: #1f2933; }}
.heading {{ font-size: 20px; font-weight: 600; }}
.sub {{ font-size: 13px; fill: #52606d; }}
.page {{ fill: #ffffff; stroke: #d5dae1; }}
.compound rect {{ fill: #f5f7fa; stroke: #bcc5d0; }}
.compound text, .region text {{ font-size: 13px; font-weight: 600; fill: #3e4c59; }}
.region text {{ font-size: 12px; fill: #52606d; }}
.region line {{ stroke: #9aa5b1; stroke-dasharray: 6 5; }}
.state rect {{ fill: #ffffff; stroke: #7b8794; }}
.state .name {{ font-size: 12.5px; text-anchor: middle; }}
.state .gloss {{ fill: #616e7c; text-anchor: middle; }}
.state .start {{ fill: #52606d; }}
.passed rect {{ fill: #dcebfb; stroke: #1a5fb4; }}
.active rect {{ fill: #1a5fb4; stroke: #0f3d78; stroke-width: 2; }}
.active .name, .active .gloss {{ fill: #ffffff; }}
.active .name {{ font-weight: 600; }}
.active .start {{ fill: #ffffff; }}
.compound.active rect {{ fill: #eef5fd; stroke: #1a5fb4; }}
.compound.active text {{ fill: #0f3d78; }}
.arrow {{ fill: none; stroke: #9aa5b1; stroke-width: 1.2; }}
.arrow.taken {{ stroke: #1a5fb4; stroke-width: 2.6; }}
.arrow.undone {{ stroke: #1a5fb4; stroke-width: 1.6; stroke-dasharray: 3 4; }}
.label text {{ fill: #52606d; }}
.label .id {{ font-weight: 600; }}
.label.taken text {{ fill: #0f3d78; }}
.label.undone text {{ fill: #0f3d78; }}
.caption text {{ fill: #7b8794; font-style: italic; }}
.across, .over, .under, .above, .below {{ text-anchor: middle; }}
.left {{ text-anchor: end; }}
.faint {{ fill: #9aa5b1; }}
.strong {{ fill: #1a5fb4; }}
"""
_DEFS = """<defs>
<marker id="clm-faint" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" \
markerUnits="userSpaceOnUse" orient="auto"><path class="faint" d="M 0 1 L 10 5 L 0 9 z"/></marker>
<marker id="clm-strong" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="13" markerHeight="13" \
markerUnits="userSpaceOnUse" orient="auto"><path class="strong" d="M 0 1 L 10 5 L 0 9 z"/></marker>
</defs>"""
_ROUNDING = 8
_HEADING_WIDTH = WIDTH - 2 * 24
_OFFSETS = {
    "across": (-6, 14),
    "over": (-19, -6),
    "under": (14, 27),
    "above": (-6,),
    "below": (14,),
    "left": (4,),
    "right": (4,),
}
"""Offsets of a label's lines from its point: two lines hold number and event, one line both."""


def svg(configuration: Sequence[str], path: Sequence[str] = (), *, title: str) -> str:
    """Draw the chart.

    `configuration` names the active states (none: the bare chart), `path` the transitions taken so far by their
    numbers, oldest first. Raises ValueError for a state that the chart does not have.
    """
    unknown = set(configuration) - {*TABLE.states, *COMPOUNDS}
    if unknown:
        raise ValueError(f"the chart has no state {', '.join(sorted(unknown))}")
    way, back = taken(path), undone(path)
    active = {*configuration, *_around(configuration)}
    parts = [
        *_head(configuration, path, title),
        *(_compound(name, box, on=name in active) for name, box in COMPOUNDS.items()),
        *(_region(name, box) for name, box in REGIONS.items()),
        *_captions(),
        *_arrows(way, back),
        *_states(active, [edge for edge in way if edge not in back]),
        *_labels(way, back),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _around(states: Iterable[str]) -> Iterator[str]:
    for state in states:
        above = TABLE.parents.get(state)
        while above is not None:
            yield above
            above = TABLE.parents.get(above)


def _head(configuration: Sequence[str], path: Sequence[str], title: str) -> Iterator[str]:
    where = " · ".join(configuration)
    active = f"Active states: {', '.join(configuration)}." if configuration else "No state is marked."
    way = f" Transitions taken: {', '.join(path)}." if path else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" aria-labelledby="clm-title clm-desc">'
    )
    yield f'<title id="clm-title">{_text(title)}</title>'
    yield f'<desc id="clm-desc">Statechart of a contract. {_text(active + way)}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield _DEFS
    yield f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>'
    yield f'<text class="heading" x="24" y="42">{_text(_fitting(title, 20, _HEADING_WIDTH))}</text>'
    yield f'<text class="sub" x="24" y="65">{_text(where or "Every state and transition of a contract")}</text>'


def _compound(name: str, box: Box, *, on: bool) -> str:
    return (
        f'<g class="{_classes("compound", active=on)}">{_rect(box, 10)}'
        f'<text x="{box.x + 14}" y="{box.y + 22}">{name} {box.gloss}</text></g>'
    )


def _region(name: str, box: Box) -> str:
    above = f'<line x1="{box.x}" y1="{box.y}" x2="{box.x + box.w}" y2="{box.y}"/>'
    line = "" if box.y == min(region.y for region in REGIONS.values()) else above
    return f'<g class="region">{line}<text x="{box.x + 14}" y="{box.y + 20}">{name} {box.gloss}</text></g>'


def _states(active: set[str], way: list[Edge]) -> Iterator[str]:
    passed = {end for source, _, target in way for end in (source, target)}
    starts = initial_states()
    for name in TABLE.states:
        box = STATES[name]
        middle, centre = box.x + box.w // 2, box.y + box.h // 2
        dot = f'<circle class="start" cx="{box.x + 9}" cy="{box.y + 9}" r="3"/>' if name in starts else ""
        yield (
            f'<g class="{_classes("state", active=name in active, passed=name in passed)}" data-state="{name}">'
            f"<title>{name}</title>{_rect(box, 6)}{dot}"
            f'<text class="name" x="{middle}" y="{centre - 2}">{name.rpartition(".")[2]}</text>'
            f'<text class="gloss" x="{middle}" y="{centre + 14}">{box.gloss}</text></g>'
        )


def _captions() -> Iterator[str]:
    for words, (x, y) in CAPTIONS.items():
        yield f'<g class="caption"><text x="{x}" y="{y}">{words}</text></g>'


def _arrows(way: list[Edge], back: set[Edge]) -> Iterator[str]:
    for edge in sorted(TABLE.edges(), key=lambda edge: edge in way):
        source, event, target = edge
        on = edge in way
        yield (
            f'<path class="{_classes("arrow", taken=on and edge not in back, undone=edge in back)}" '
            f'd="{_rounded(ROUTES[edge])}" marker-end="url(#clm-{"strong" if on else "faint"})" '
            f"data-from={quoteattr(source)} data-event={quoteattr(event)} data-to={quoteattr(target)}/>"
        )


def _rounded(points: Sequence[Point]) -> str:
    """A line through right angles, each corner rounded."""
    d = f"M {points[0][0]} {points[0][1]}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (x1, y1), (x2, y2) = _towards(corner, before), _towards(corner, after)
        d += f" L {x1} {y1} Q {corner[0]} {corner[1]} {x2} {y2}"
    return f"{d} L {points[-1][0]} {points[-1][1]}"


def _towards(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    step = min(_ROUNDING, (abs(dx) + abs(dy)) // 2)
    return corner[0] + step * _sign(dx), corner[1] + step * _sign(dy)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _labels(way: list[Edge], back: set[Edge]) -> Iterator[str]:
    for event, rule in TRANSITIONS.items():
        for place in LABELS[event]:
            here = {edge for edge in way if edge[1] == event and (not place.sources or edge[0] in place.sources)}
            style = _classes("label", taken=bool(here - back), undone=bool(here) and here <= back)
            yield f'<g class="{style}" data-event="{event}">{_lines(place, rule.id, event)}</g>'


def _lines(place: Label, number: str, event: str) -> str:
    offsets = _OFFSETS[place.side]
    x = place.x + {"left": -8, "right": 8}.get(place.side, 0)
    numbered = f'<tspan class="id">{number}</tspan>'
    texts = [numbered, event] if len(offsets) == 2 else [f"{numbered} {event}"]
    return "".join(
        f'<text class="{place.side}" x="{x}" y="{place.y + dy}">{text}</text>'
        for dy, text in zip(offsets, texts, strict=True)
    )


def _legend() -> Iterator[str]:
    y = HEIGHT - 32
    yield f'<g class="state active"><rect x="24" y="{y - 12}" width="28" height="18" rx="4"/></g>'
    yield f'<text x="60" y="{y + 1}">active now</text>'
    yield f'<g class="state passed"><rect x="140" y="{y - 12}" width="28" height="18" rx="4"/></g>'
    yield f'<text x="176" y="{y + 1}">passed through</text>'
    yield f'<path class="arrow taken" d="M 280 {y - 3} L 320 {y - 3}" marker-end="url(#clm-strong)"/>'
    yield f'<text x="330" y="{y + 1}">taken</text>'
    yield f'<path class="arrow undone" d="M 386 {y - 3} L 426 {y - 3}" marker-end="url(#clm-strong)"/>'
    yield f'<text x="436" y="{y + 1}">undone by a judgment</text>'
    yield f'<path class="arrow" d="M 586 {y - 3} L 626 {y - 3}" marker-end="url(#clm-faint)"/>'
    yield f'<text x="636" y="{y + 1}">not taken</text>'
    yield f'<g class="state"><circle class="start" cx="718" cy="{y - 3}" r="3"/></g>'
    yield f'<text x="728" y="{y + 1}">where a box or region begins</text>'
    yield f'<g class="region"><line x1="922" y1="{y - 3}" x2="962" y2="{y - 3}"/></g>'
    yield f'<text x="972" y="{y + 1}">between regions that run side by side</text>'


def _rect(box: Box, radius: int) -> str:
    return f'<rect x="{box.x}" y="{box.y}" width="{box.w}" height="{box.h}" rx="{radius}"/>'


def _classes(name: str, **flags: bool) -> str:
    return " ".join([name, *(flag for flag, on in flags.items() if on)])


def _fitting(text: str, size: int, width: int) -> str:
    """The text, cut short where it would be wider than `width`; wide letters count as a square each."""
    used = 0.0
    for i, letter in enumerate(text):
        used += size * (0.6 if letter < "\u2000" else 1.0)
        if used > width:
            return text[: max(i - 1, 0)] + "…"
    return text


def _text(text: str) -> str:
    """Escaped text; a character that XML cannot hold becomes U+FFFD."""
    return escape("".join(c if _is_xml(c) else "\ufffd" for c in text))


def _is_xml(c: str) -> bool:
    return c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
