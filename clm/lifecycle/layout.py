"""Where the chart's states and arrows lie on the diagram, in units of an SVG view box of 1272 by 1028.

Drawn by hand, since a chart this small reads better that way than any algorithm makes it; a test holds this table to
the chart, state by state and arrow by arrow, and measures that nothing lies on anything else.
"""

from typing import Literal

import msgspec

from clm.lifecycle.journey import Edge

Point = tuple[int, int]

WIDTH = 1272
HEIGHT = 1028


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
_RIGHT = 1092

COMPOUNDS: dict[str, Box] = {
    "draft": Box(16, 84, 848, 308, "草案"),
    "never_in_force": Box(1064, 84, 192, 308, "未生效"),
    "in_force": Box(16, 440, 848, 524, "生效"),
    "terminated": Box(1064, 440, 192, 524, "终止"),
}
REGIONS: dict[str, Box] = {
    "performance": Box(16, 482, 848, 104, "履行"),
    "amending": Box(16, 586, 848, 158, "变更"),
    "terminating": Box(16, 744, 848, 220, "解除"),
}
STATES: dict[str, Box] = {
    "draft.drafting": Box(_COLUMNS[0], 226, _W, 46, "起草"),
    "draft.under_review": Box(_COLUMNS[1], 226, _W, 46, "审核"),
    "draft.out_for_signature": Box(_COLUMNS[2], 226, _W, 46, "待签署"),
    "draft.formed_pending": Box(_COLUMNS[3], 226, _W, 46, "成立未生效"),
    "never_in_force.withdrawn": Box(_RIGHT, 120, _W, 42, "撤回"),
    "never_in_force.lapsed": Box(_RIGHT, 174, _W, 42, "要约失效"),
    "never_in_force.ineffective": Box(_RIGHT, 228, _W, 42, "确定不生效"),
    "never_in_force.void": Box(_RIGHT, 282, _W, 42, "无效"),
    "never_in_force.revoked": Box(_RIGHT, 336, _W, 42, "被撤销"),
    "performing": Box(_COLUMNS[0], 515, _W, 46, "履行中"),
    "suspended": Box(_COLUMNS[1], 515, _W, 46, "中止履行"),
    "amendment.none": Box(30, 649, _W, 46, "无变更"),
    "amendment.proposed": Box(320, 649, _W, 46, "变更已提出"),
    "amendment.agreed_pending": Box(610, 649, _W, 46, "变更待生效"),
    "termination.none": Box(_COLUMNS[0], 837, _W, 46, "无解除事由"),
    "termination.ground_arisen": Box(_COLUMNS[1], 837, _W, 46, "解除事由发生"),
    "termination.demand_running": Box(_COLUMNS[2], 837, _W, 46, "催告期内"),
    "termination.right_exercisable": Box(_COLUMNS[3], 837, _W, 46, "解除权可行使"),
    "terminated.winding_down": Box(_RIGHT, 562, _W, 306, "清理"),
    "terminated.closed": Box(_RIGHT, 906, _W, 46, "结清"),
}
_ENDS = {
    "fulfil": 588,
    "expire": 612,
    "meet_ending_condition": 636,
    "agree_end": 660,
    "rescind": 708,
    "rescind_automatically": 732,
    "end_by_force_majeure": 756,
    "end_by_notice": 780,
    "end_at_will": 804,
    "end_by_judgment": 852,
}
"""The height of each arrow that ends the contract, in the groups that `CAPTIONS` names."""

CAPTIONS: dict[str, Point] = {
    "as agreed 依约终止": (874, 566),
    "by one party 单方解除": (874, 686),
    "by a judgment 裁判": (874, 830),
}
ROUTES: dict[Edge, tuple[Point, ...]] = {
    ("draft.drafting", "submit", "draft.under_review"): ((166, 249), (258, 249)),
    ("draft.under_review", "approve", "draft.out_for_signature"): ((394, 249), (486, 249)),
    ("draft.out_for_signature", "form", "draft.formed_pending"): ((622, 249), (714, 249)),
    ("draft.out_for_signature", "form_by_performance", "draft.formed_pending"): (
        (588, 272),
        (588, 304),
        (748, 304),
        (748, 272),
    ),
    ("draft.under_review", "send_back", "draft.drafting"): ((326, 272), (326, 304), (98, 304), (98, 272)),
    ("draft.out_for_signature", "send_back", "draft.drafting"): ((554, 272), (554, 304), (98, 304), (98, 272)),
    ("draft.drafting", "withdraw", "never_in_force.withdrawn"): ((98, 226), (98, 141), (_RIGHT, 141)),
    ("draft.under_review", "withdraw", "never_in_force.withdrawn"): ((326, 226), (326, 141), (_RIGHT, 141)),
    ("draft.out_for_signature", "withdraw", "never_in_force.withdrawn"): ((534, 226), (534, 141), (_RIGHT, 141)),
    ("draft.out_for_signature", "lapse", "never_in_force.lapsed"): ((574, 226), (574, 195), (_RIGHT, 195)),
    ("draft.formed_pending", "agree_before_effect", "never_in_force.withdrawn"): (
        (762, 226),
        (762, 129),
        (_RIGHT, 129),
    ),
    ("draft.formed_pending", "fail_condition", "never_in_force.ineffective"): ((850, 249), (_RIGHT, 249)),
    ("draft.formed_pending", "annul", "never_in_force.void"): ((836, 272), (836, 303), (_RIGHT, 303)),
    ("in_force", "annul", "never_in_force.void"): ((864, 500), (884, 500), (884, 303), (_RIGHT, 303)),
    ("terminated", "annul", "never_in_force.void"): ((1244, 440), (1244, 303), (1228, 303)),
    ("draft.formed_pending", "revoke", "never_in_force.revoked"): ((816, 272), (816, 357), (_RIGHT, 357)),
    ("in_force", "revoke", "never_in_force.revoked"): ((864, 520), (904, 520), (904, 357), (_RIGHT, 357)),
    ("terminated", "revoke", "never_in_force.revoked"): ((1112, 440), (1112, 378)),
    ("draft.formed_pending", "take_effect", "in_force"): ((782, 272), (782, 440)),
    ("in_force", "contest", "in_force"): ((864, 452), (806, 452), (806, 472), (864, 472)),
    ("performing", "suspend", "suspended"): ((166, 529), (258, 529)),
    ("suspended", "resume", "performing"): ((258, 547), (166, 547)),
    ("performance", "renew", "performance"): ((864, 544), (806, 544), (806, 564), (864, 564)),
    ("amendment.none", "propose_amendment", "amendment.proposed"): ((166, 672), (320, 672)),
    ("amendment.proposed", "agree_amendment", "amendment.agreed_pending"): ((456, 672), (610, 672)),
    ("amendment.agreed_pending", "apply_amendment", "amendment.none"): ((678, 649), (678, 630), (98, 630), (98, 649)),
    ("amendment.proposed", "drop_amendment", "amendment.none"): ((388, 695), (388, 722), (98, 722), (98, 695)),
    ("amendment.agreed_pending", "drop_amendment", "amendment.none"): ((678, 695), (678, 722), (98, 722), (98, 695)),
    ("termination.none", "assert_ground", "termination.ground_arisen"): ((166, 851), (258, 851)),
    ("termination.ground_arisen", "lose_right", "termination.none"): ((258, 869), (166, 869)),
    ("termination.ground_arisen", "demand", "termination.demand_running"): ((394, 860), (486, 860)),
    ("termination.demand_running", "fail_to_cure", "termination.right_exercisable"): ((622, 860), (714, 860)),
    ("termination.ground_arisen", "open_right", "termination.right_exercisable"): (
        (326, 837),
        (326, 816),
        (764, 816),
        (764, 837),
    ),
    ("termination.none", "fail_security", "termination.right_exercisable"): (
        (98, 837),
        (98, 790),
        (800, 790),
        (800, 837),
    ),
    ("termination.demand_running", "cure", "termination.none"): ((534, 883), (534, 914), (116, 914), (116, 883)),
    ("termination.demand_running", "lose_right", "termination.none"): ((574, 883), (574, 942), (80, 942), (80, 883)),
    ("termination.right_exercisable", "lose_right", "termination.none"): ((782, 883), (782, 942), (80, 942), (80, 883)),
    **{("in_force", event, "terminated.winding_down"): ((864, y), (_RIGHT, y)) for event, y in _ENDS.items()},
    ("terminated", "restore", "in_force"): ((1064, 880), (864, 880)),
    ("terminated", "contest", "terminated"): ((1064, 482), (1092, 482), (1092, 500), (1064, 500)),
    ("terminated", "amend_surviving", "terminated"): ((1064, 516), (1092, 516), (1092, 534), (1064, 534)),
    ("terminated.winding_down", "close", "terminated.closed"): ((1160, 868), (1160, 906)),
}
LABELS: dict[str, tuple[Label, ...]] = {
    "submit": (Label(212, 249, "across"),),
    "approve": (Label(440, 249, "across"),),
    "form": (Label(668, 249, "across"),),
    "form_by_performance": (Label(668, 304, "below"),),
    "send_back": (Label(212, 304, "above"),),
    "withdraw": (Label(640, 141, "above"),),
    "agree_before_effect": (Label(966, 129, "above"),),
    "lapse": (Label(980, 195, "above"),),
    "fail_condition": (Label(980, 249, "above"),),
    "annul": (
        Label(980, 303, "above", ("draft.formed_pending", "in_force")),
        Label(1244, 416, "left", ("terminated",)),
    ),
    "revoke": (
        Label(980, 357, "above", ("draft.formed_pending", "in_force")),
        Label(1112, 416, "left", ("terminated",)),
    ),
    "take_effect": (Label(782, 416, "left"),),
    "contest": (Label(806, 462, "left", ("in_force",)), Label(1092, 491, "right", ("terminated",))),
    "suspend": (Label(212, 529, "above"),),
    "resume": (Label(212, 547, "below"),),
    "renew": (Label(806, 554, "left"),),
    "propose_amendment": (Label(243, 672, "across"),),
    "agree_amendment": (Label(533, 672, "across"),),
    "apply_amendment": (Label(388, 630, "above"),),
    "drop_amendment": (Label(243, 722, "above"),),
    "assert_ground": (Label(212, 851, "over"),),
    "lose_right": (
        Label(212, 869, "under", ("termination.ground_arisen",)),
        Label(678, 942, "above", ("termination.demand_running", "termination.right_exercisable")),
    ),
    "demand": (Label(440, 860, "across"),),
    "fail_to_cure": (Label(668, 860, "across"),),
    "open_right": (Label(545, 816, "above"),),
    "fail_security": (Label(545, 790, "above"),),
    "cure": (Label(440, 914, "above"),),
    **{event: (Label(964, y, "above"),) for event, y in _ENDS.items()},
    "restore": (Label(964, 880, "above"),),
    "amend_surviving": (Label(1092, 525, "right"),),
    "close": (Label(1160, 886, "right"),),
}
