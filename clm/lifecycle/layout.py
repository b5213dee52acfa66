"""Where the chart's states and arrows lie on the diagram, in units of an SVG view box of 1200 by 912.

Drawn by hand, since a chart this small reads better that way than any algorithm makes it; a test holds this table to
the chart, state by state and arrow by arrow, and measures that nothing lies on anything else.
"""

from typing import Literal

import msgspec

from clm.lifecycle.journey import Edge

Point = tuple[int, int]

WIDTH = 1200
HEIGHT = 912


class Box(msgspec.Struct, frozen=True):
    """A rectangle: left, top, width, height; `gloss` is the Chinese term for what it stands for."""

    x: int
    y: int
    w: int
    h: int
    gloss: str


class Label(msgspec.Struct, frozen=True):
    """Where an arrow's number and event stand, by a point of its line.

    `across`: number over the line, event under it; `over` and `under`: both on one side, in two lines; `above` and
    `below`: both on one side, in one line; `left` and `right`: beside the point, in one line. `sources` tells which
    arrows it stands at where an event's arrows lie apart.
    """

    x: int
    y: int
    side: Literal["across", "over", "under", "above", "below", "left", "right"]
    sources: tuple[str, ...] = ()


_W = 136
_COLUMNS = (30, 258, 486, 714)

COMPOUNDS: dict[str, Box] = {
    "draft": Box(16, 84, 848, 240, "草案"),
    "never_in_force": Box(1008, 84, 176, 240, "未生效"),
    "in_force": Box(16, 372, 848, 476, "生效"),
    "terminated": Box(1008, 372, 176, 476, "终止"),
}
REGIONS: dict[str, Box] = {
    "performance": Box(16, 402, 848, 100, "履行"),
    "amending": Box(16, 502, 848, 158, "变更"),
    "terminating": Box(16, 660, 848, 188, "解除"),
}
STATES: dict[str, Box] = {
    "draft.drafting": Box(_COLUMNS[0], 226, _W, 46, "起草"),
    "draft.under_review": Box(_COLUMNS[1], 226, _W, 46, "审核"),
    "draft.out_for_signature": Box(_COLUMNS[2], 226, _W, 46, "待签署"),
    "draft.formed_pending": Box(_COLUMNS[3], 226, _W, 46, "成立未生效"),
    "never_in_force.withdrawn": Box(1028, 120, _W, 42, "撤回"),
    "never_in_force.lapsed": Box(1028, 174, _W, 42, "要约失效"),
    "never_in_force.ineffective": Box(1028, 228, _W, 42, "确定不生效"),
    "performing": Box(_COLUMNS[0], 433, _W, 46, "履行中"),
    "suspended": Box(_COLUMNS[1], 433, _W, 46, "中止履行"),
    "amendment.none": Box(30, 565, _W, 46, "无变更"),
    "amendment.proposed": Box(320, 565, _W, 46, "变更已提出"),
    "amendment.agreed_pending": Box(610, 565, _W, 46, "变更待生效"),
    "termination.none": Box(_COLUMNS[0], 723, _W, 46, "无解除事由"),
    "termination.ground_arisen": Box(_COLUMNS[1], 723, _W, 46, "解除事由发生"),
    "termination.demand_running": Box(_COLUMNS[2], 723, _W, 46, "催告期内"),
    "termination.right_exercisable": Box(_COLUMNS[3], 723, _W, 46, "解除权可行使"),
    "terminated.winding_down": Box(1028, 500, _W, 200, "清理"),
    "terminated.closed": Box(1028, 766, _W, 46, "结清"),
}
ROUTES: dict[Edge, tuple[Point, ...]] = {
    ("draft.drafting", "submit", "draft.under_review"): ((166, 249), (258, 249)),
    ("draft.under_review", "approve", "draft.out_for_signature"): ((394, 249), (486, 249)),
    ("draft.out_for_signature", "form", "draft.formed_pending"): ((622, 249), (714, 249)),
    ("draft.under_review", "send_back", "draft.drafting"): ((326, 272), (326, 304), (98, 304), (98, 272)),
    ("draft.out_for_signature", "send_back", "draft.drafting"): ((554, 272), (554, 304), (98, 304), (98, 272)),
    ("draft.drafting", "withdraw", "never_in_force.withdrawn"): ((98, 226), (98, 141), (1028, 141)),
    ("draft.under_review", "withdraw", "never_in_force.withdrawn"): ((326, 226), (326, 141), (1028, 141)),
    ("draft.out_for_signature", "withdraw", "never_in_force.withdrawn"): ((534, 226), (534, 141), (1028, 141)),
    ("draft.out_for_signature", "lapse", "never_in_force.lapsed"): ((574, 226), (574, 195), (1028, 195)),
    ("draft.formed_pending", "fail_condition", "never_in_force.ineffective"): ((850, 249), (1028, 249)),
    ("draft.formed_pending", "take_effect", "in_force"): ((782, 272), (782, 372)),
    ("performing", "suspend", "suspended"): ((166, 447), (258, 447)),
    ("suspended", "resume", "performing"): ((258, 465), (166, 465)),
    ("performance", "renew", "performance"): ((864, 438), (796, 438), (796, 474), (864, 474)),
    ("amendment.none", "propose_amendment", "amendment.proposed"): ((166, 588), (320, 588)),
    ("amendment.proposed", "agree_amendment", "amendment.agreed_pending"): ((456, 588), (610, 588)),
    ("amendment.agreed_pending", "apply_amendment", "amendment.none"): ((678, 565), (678, 546), (98, 546), (98, 565)),
    ("amendment.proposed", "drop_amendment", "amendment.none"): ((388, 611), (388, 638), (98, 638), (98, 611)),
    ("amendment.agreed_pending", "drop_amendment", "amendment.none"): ((678, 611), (678, 638), (98, 638), (98, 611)),
    ("termination.none", "assert_ground", "termination.ground_arisen"): ((166, 737), (258, 737)),
    ("termination.ground_arisen", "lose_right", "termination.none"): ((258, 755), (166, 755)),
    ("termination.ground_arisen", "demand", "termination.demand_running"): ((394, 746), (486, 746)),
    ("termination.demand_running", "fail_to_cure", "termination.right_exercisable"): ((622, 746), (714, 746)),
    ("termination.ground_arisen", "open_right", "termination.right_exercisable"): (
        (326, 723),
        (326, 704),
        (782, 704),
        (782, 723),
    ),
    ("termination.demand_running", "cure", "termination.none"): ((534, 769), (534, 802), (116, 802), (116, 769)),
    ("termination.demand_running", "lose_right", "termination.none"): ((574, 769), (574, 830), (80, 830), (80, 769)),
    ("termination.right_exercisable", "lose_right", "termination.none"): ((782, 769), (782, 830), (80, 830), (80, 769)),
    ("in_force", "expire", "terminated.winding_down"): ((864, 525), (1028, 525)),
    ("in_force", "agree_end", "terminated.winding_down"): ((864, 575), (1028, 575)),
    ("in_force", "rescind", "terminated.winding_down"): ((864, 625), (1028, 625)),
    ("in_force", "rescind_automatically", "terminated.winding_down"): ((864, 675), (1028, 675)),
    ("terminated.winding_down", "close", "terminated.closed"): ((1096, 700), (1096, 766)),
}
LABELS: dict[str, tuple[Label, ...]] = {
    "submit": (Label(212, 249, "across"),),
    "approve": (Label(440, 249, "across"),),
    "form": (Label(668, 249, "across"),),
    "send_back": (Label(212, 304, "above"),),
    "withdraw": (Label(936, 141, "across"),),
    "lapse": (Label(936, 195, "across"),),
    "fail_condition": (Label(936, 249, "across"),),
    "take_effect": (Label(782, 348, "right"),),
    "suspend": (Label(212, 447, "above"),),
    "resume": (Label(212, 465, "below"),),
    "renew": (Label(796, 456, "left"),),
    "propose_amendment": (Label(243, 588, "across"),),
    "agree_amendment": (Label(533, 588, "across"),),
    "apply_amendment": (Label(388, 546, "above"),),
    "drop_amendment": (Label(243, 638, "above"),),
    "assert_ground": (Label(212, 737, "over"),),
    "lose_right": (
        Label(212, 755, "under", ("termination.ground_arisen",)),
        Label(678, 830, "above", ("termination.demand_running", "termination.right_exercisable")),
    ),
    "demand": (Label(440, 746, "across"),),
    "fail_to_cure": (Label(668, 746, "across"),),
    "open_right": (Label(554, 704, "above"),),
    "cure": (Label(440, 802, "above"),),
    "expire": (Label(936, 525, "across"),),
    "agree_end": (Label(936, 575, "across"),),
    "rescind": (Label(936, 625, "across"),),
    "rescind_automatically": (Label(936, 675, "across"),),
    "close": (Label(1096, 733, "right"),),
}
