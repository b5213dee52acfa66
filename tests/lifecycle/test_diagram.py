import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from clm.lifecycle import layout
from clm.lifecycle.chart import TABLE
from clm.lifecycle.diagram import svg
from clm.lifecycle.journey import taken, undone
from clm.lifecycle.transitions import TRANSITIONS

NS = "{http://www.w3.org/2000/svg}"
SIZES = {"heading": 20, "sub": 13, "name": 12.5, "compound": 13, "region": 12}
"""Font sizes where they differ from the 11 of labels, glosses and legend."""

BOXES = {**layout.STATES, **layout.COMPOUNDS, **layout.REGIONS}
IN_FORCE = ["in_force", "performing", "amendment.proposed", "termination.none"]


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - our own output


def drawn(*args, title="A contract", **more):
    return parsed(svg(*args, title=title, **more))


def classes(element):
    return element.get("class", "").split()


def of_class(root, name):
    return [element for element in root.iter() if name in classes(element)]


def way(numbers):
    return numbers.split()


def width(text, size):
    return sum(size * (1.0 if letter >= "\u2000" else 0.6) for letter in text)


def extent(text, around):
    """(left, top, right, bottom) of a text, measured generously."""
    kind = next((c for c in [*classes(text), *classes(around)] if c in SIZES), None)
    size, content = SIZES.get(kind, 11), "".join(text.itertext())
    x, y, wide = float(text.get("x")), float(text.get("y")), width(content, size)
    anchor = "middle" if {"name", "gloss", "across", "over", "under", "above", "below"} & {*classes(text)} else "start"
    left = x - wide if "left" in classes(text) else x - wide / 2 if anchor == "middle" else x
    return left, y - 0.8 * size, left + wide, y + 0.25 * size


def texts(root, kind):
    return {
        ("".join(text.itertext()), i): extent(text, group)
        for i, group in enumerate(of_class(root, kind))
        for text in group.iter(f"{NS}text")
    }


def rectangle(box):
    return box.x, box.y, box.x + box.w, box.y + box.h


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def legs(points):
    """The straight legs of a line as thin rectangles."""
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        yield min(x1, x2) - 0.6, min(y1, y2) - 0.6, max(x1, x2) + 0.6, max(y1, y2) + 0.6


def borders(box):
    left, top, right, bottom = rectangle(box)
    return legs([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])


def on_border(point, box):
    left, top, right, bottom = rectangle(box)
    x, y = point
    inside = left <= x <= right and top <= y <= bottom
    return inside and (x in (left, right) or y in (top, bottom))


def test_every_state_and_transition_has_its_place():
    assert set(layout.STATES) == set(TABLE.states)
    assert set(layout.COMPOUNDS) | set(layout.REGIONS) == set(TABLE.parents.values())
    assert set(layout.ROUTES) == set(TABLE.edges())
    assert set(layout.LABELS) == set(TRANSITIONS)


def test_every_state_and_transition_is_drawn():
    root = drawn([])
    assert {group.get("data-state") for group in of_class(root, "state")} - {None} == set(TABLE.states)
    arrows = [(p.get("data-from"), p.get("data-event"), p.get("data-to")) for p in of_class(root, "arrow")]
    assert {arrow for arrow in arrows if arrow != (None, None, None)} == set(TABLE.edges())
    for event, rule in TRANSITIONS.items():
        groups = [group for group in of_class(root, "label") if group.get("data-event") == event]
        assert groups
        for group in groups:
            assert re.split(r"\s+", " ".join(t for e in group for t in e.itertext()).strip()) == [rule.id, event]


def test_labels_for_some_sources_cover_every_source():
    for event, places in layout.LABELS.items():
        named = {source for place in places for source in place.sources}
        assert not named or named == {source for source, name, _ in TABLE.edges() if name == event}


@pytest.mark.parametrize("edge", layout.ROUTES, ids="-".join)
def test_arrows_lead_from_border_to_border_and_through_no_other_state(edge):
    points = layout.ROUTES[edge]
    source, _, target = edge
    assert on_border(points[0], BOXES[source])
    assert on_border(points[-1], BOXES[target])
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(points))
    for name, box in layout.STATES.items():
        left, top, right, bottom = rectangle(box)
        inner = (left + 1, top + 1, right - 1, bottom - 1)
        assert not any(overlap(leg, inner) for leg in legs(points)), name


def test_states_lie_inside_what_surrounds_them_and_apart():
    for name, box in BOXES.items():
        left, top, right, bottom = rectangle(box)
        outer = BOXES.get(TABLE.parents.get(name, ""), layout.Box(0, 0, layout.WIDTH, layout.HEIGHT, ""))
        assert outer.x <= left < right <= outer.x + outer.w, name
        assert outer.y <= top < bottom <= outer.y + outer.h, name
    for a, b in itertools.combinations(layout.STATES.values(), 2):
        assert not overlap(rectangle(a), rectangle(b))


def test_labels_lie_on_nothing():
    root = drawn([])
    labels, names = texts(root, "label"), {**texts(root, "compound"), **texts(root, "region")}
    labels |= texts(root, "caption")
    lines = [leg for box in layout.COMPOUNDS.values() for leg in borders(box)]
    lines += [leg for box in layout.REGIONS.values() for leg in borders(box) if leg[3] - leg[1] < 2]
    lines += [leg for points in layout.ROUTES.values() for leg in legs(points)]
    for text, place in labels.items():
        assert place[0] > 0
        assert place[2] < layout.WIDTH
        for name, box in layout.STATES.items():
            assert not overlap(place, rectangle(box)), (text, name)
        assert not any(overlap(place, line) for line in lines), text
        for other, where in {**labels, **names}.items():
            assert other == text or not overlap(place, where), (text, other)


def test_names_fit_their_boxes_and_lie_on_no_arrow():
    root = drawn([])
    lines = [leg for points in layout.ROUTES.values() for leg in legs(points)]
    for text, place in {**texts(root, "compound"), **texts(root, "region")}.items():
        assert not any(overlap(place, line) for line in lines), text
        assert place[2] < layout.WIDTH - 16
    for group in of_class(root, "state"):
        box = layout.STATES.get(group.get("data-state"))
        for text in group.iter(f"{NS}text"):
            left, _, right, _ = extent(text, group)
            assert box.x < left < right < box.x + box.w, group.get("data-state")


def test_marks_the_active_states_and_what_surrounds_them():
    root = drawn(IN_FORCE)
    active = [g for g in of_class(root, "active") if "state" in classes(g) and g.get("data-state")]
    assert [g.get("data-state") for g in active] == IN_FORCE[1:]
    names = [g.find(f"{NS}text").text.split()[0] for g in of_class(root, "active") if "compound" in classes(g)]
    assert names == ["in_force"]
    assert "in_force, performing, amendment.proposed, termination.none" in root.find(f"{NS}desc").text
    assert not [g for g in of_class(drawn([]), "active") if g.get("data-state")]


def test_draws_the_way_taken_strong_and_on_top():
    path = ["T01", "W01", "T01", "T02", "T04", "T06", "T10"]
    arrows = [p for p in of_class(drawn(IN_FORCE, path), "arrow") if p.get("data-event")]
    strong = {(p.get("data-from"), p.get("data-event")) for p in arrows if "taken" in classes(p)}
    assert strong == {
        ("draft.drafting", "submit"),
        ("draft.under_review", "send_back"),
        ("draft.under_review", "approve"),
        ("draft.out_for_signature", "form"),
        ("draft.formed_pending", "take_effect"),
        ("amendment.none", "propose_amendment"),
    }
    assert all("taken" in classes(p) for p in arrows[-len(strong) :])


@pytest.mark.parametrize(
    ("path", "last"),
    [
        pytest.param(["W02"], ("draft.drafting", "withdraw"), id="withdrawn at once"),
        pytest.param(["T01", "W02"], ("draft.under_review", "withdraw"), id="withdrawn from review"),
        pytest.param(["T01", "T02", "T03"], ("draft.out_for_signature", "lapse"), id="lapsed"),
        pytest.param(["T01", "T02", "T04", "T07"], ("draft.formed_pending", "fail_condition"), id="ineffective"),
        pytest.param(way("T01 T02 T04 T06 T30 T36"), ("termination.ground_arisen", "lose_right"), id="waived"),
        pytest.param(way("T01 T02 T04 T06 T30 T31 T36"), ("termination.demand_running", "lose_right"), id="lost"),
        pytest.param(
            way("T01 T02 T04 T06 T30 T30b T30 T31 T32 T36"),
            ("termination.right_exercisable", "lose_right"),
            id="two grounds, one cured, the other lost",
        ),
        pytest.param(way("T01 T02 T04 T06 T10 T11 T13"), ("amendment.agreed_pending", "drop_amendment"), id="drop"),
        pytest.param(way("T01 T02 T04 T06 T20 T40"), ("performance", "renew"), id="renewed while suspended"),
        pytest.param(way("T01 T02 T04 T06 T10 T14 T39 T50"), ("terminated.winding_down", "close"), id="T14"),
        pytest.param(
            way("T01 T02 T05"), ("draft.out_for_signature", "form_by_performance"), id="formed by performance"
        ),
        pytest.param(way("T01 T02 T04 T08"), ("draft.formed_pending", "annul"), id="void since it was formed"),
        pytest.param(way("T01 T02 T05 T08b"), ("draft.formed_pending", "revoke"), id="revoked"),
        pytest.param(way("T01 T02 T04 T06 T20 T22"), ("termination.none", "fail_security"), id="no security"),
        pytest.param(way("T01 T02 T04 T06 T30 T30b T38"), ("in_force", "end_by_force_majeure"), id="force majeure"),
        pytest.param(way("T01 T02 T04 T06 T41 T46"), ("terminated", "contest"), id="contested after the end"),
        pytest.param(way("T01 T02 T04 T06 T30 T46 T20"), ("performing", "suspend"), id="contested before the end"),
        pytest.param(way("T01 T02 T04 T06 W03 T15 T50"), ("terminated.winding_down", "close"), id="survivors amended"),
        pytest.param(way("T01 T02 T04 T06 T30 T35 T45 T30b"), ("termination.ground_arisen", "open_right"), id="back"),
        pytest.param(way("T01 T02 T04 T06 T20 T45 T21"), ("suspended", "resume"), id="back before it had ended"),
        pytest.param(way("T01 T02 T04 T06 T35 T45 T10 T45 T11"), ("amendment.proposed", "agree_amendment"), id="twice"),
    ],
)
def test_the_way_taken_is_told_from_its_numbers(path, last):
    edges = taken(path)
    assert edges[-1][:2] == last
    assert len(edges) == len(path) - path.count("T14")


END, CONTEST, RESTORE = ("in_force", "rescind"), ("terminated", "contest"), ("terminated", "restore")


@pytest.mark.parametrize(
    ("path", "back"),
    [
        pytest.param("T01 T02 T04 T06 T30 T30b T35", set(), id="ended"),
        pytest.param("T01 T02 T04 T06 T30 T30b T45", set(), id="it had not ended yet"),
        pytest.param("T01 T02 T04 T06 T35 T46 T45", {END}, id="restored"),
        pytest.param("T01 T02 T04 T06 T35 T45 T35", set(), id="rescinded again"),
        pytest.param("T01 T02 T04 T06 T35 T45 T41", {END}, id="ended otherwise"),
    ],
)
def test_an_end_that_a_judgment_took_back_is_undone(path, back):
    assert {edge[:2] for edge in undone(way(path))} == back


def test_an_undone_end_is_drawn_neither_as_taken_nor_as_passed_through():
    root = drawn(IN_FORCE, way("T01 T02 T04 T06 T35 T46 T45"))
    arrows = {(p.get("data-from"), p.get("data-event")): classes(p) for p in of_class(root, "arrow")}
    assert {edge: arrows[edge] for edge in (END, CONTEST, RESTORE)} == {
        END: ["arrow", "undone"],
        CONTEST: ["arrow", "taken"],
        RESTORE: ["arrow", "taken"],
    }
    labels = {g.get("data-event"): classes(g) for g in of_class(root, "label")}
    assert (labels["rescind"], labels["restore"]) == (["label", "undone"], ["label", "taken"])
    passed = [g.get("data-state") for g in of_class(root, "passed") if g.get("data-state")]
    assert not [state for state in passed if state.startswith("terminated")]


def test_only_the_label_beside_the_arrow_taken_is_marked():
    root = drawn(["in_force"], way("T01 T02 T04 T06 T30 T36"))
    labels = [g for g in of_class(root, "label") if g.get("data-event") == "lose_right"]
    assert ["taken" in classes(g) for g in labels] == [True, False]


@pytest.mark.parametrize(
    "title", ["</title><script>alert(1)</script>", "a & b < c > \"d\" 'e'", "外呼服务外包合同", "\x00\x1b\ud800"]
)
def test_titles_are_text(title):
    text = svg([], title=title)
    root = parsed(text)
    readable = re.sub("[\x00\x1b\ud800]", "\ufffd", title)
    assert root.find(f"{NS}title").text == readable
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "tspan", "g", "line", "circle")
    }
    assert text.encode()


def test_long_titles_are_cut_short_and_kept_whole_for_readers():
    title = "长" * 300
    root = drawn([], title=title)
    shown = of_class(root, "heading")[0]
    assert shown.text.endswith("…")
    assert extent(shown, shown)[2] < layout.WIDTH
    assert root.find(f"{NS}title").text == title


def test_the_picture_stands_alone():
    text = svg(IN_FORCE, ["T01"], title="A contract")
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@import|@font-face|href|<image|\son\w+=|url\((?!#)", text)


def test_same_contract_same_picture():
    assert svg(IN_FORCE, ["T01"], title="A") == svg(list(IN_FORCE), ("T01",), title="A")


def test_refuses_a_state_that_the_chart_does_not_have():
    with pytest.raises(ValueError, match=r"no state frozen"):
        svg(["frozen"], title="A contract")
