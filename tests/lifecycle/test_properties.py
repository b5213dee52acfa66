"""Whatever becomes known in whatever order: the same contract, and the invariants of the specification."""

import contextlib
import datetime as dt
import random

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clm.lifecycle import engine, facts, rulings
from clm.lifecycle.actions import REGISTER, obstacles
from clm.lifecycle.clauses import RIGHTS
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Refused, World
from tests.lifecycle.life import BARE, FULL, Life, at, plain, uid

TERMS = {
    "term": {"end": "2026-12-31", "renewal": {"automatic": True}},
    "effectiveness": {
        "conditions": [{"key": "licence", "description": "许可证"}],
        "not_before": "2026-01-15",
        "acceptance_period": {"length": 20, "unit": "day"},
    },
    "termination": {
        "grounds": [
            {
                "key": "material_breach",
                "holder": "A",
                "demand_required": True,
                "cure": {"period": {"length": 15, "unit": "day"}},
            },
            {"key": "late_payment", "holder": "A", "immediate": True},
        ]
    },
}
RARE = {
    "record-decision": 0.8,
    "withdraw": 0.95,
    "reject": 0.95,
    "return": 0.9,
    "fail-condition": 0.8,
    "terminate-by-agreement": 0.95,
}
"""How often a random life leaves out what would end it early."""
WALKED = {
    "term": {
        "end": "2026-12-31",
        "renewal": {
            "automatic": True,
            "period": {"length": 6, "unit": "month"},
            "objection": {"period": {"length": 30, "unit": "day"}},
            "max_renewals": 1,
        },
    },
    "effectiveness": {
        "conditions": TERMS["effectiveness"]["conditions"],
        "ending_conditions": [{"key": "licence_lost", "description": "许可证被吊销"}],
    },
    "force_majeure": {
        "notify": {"length": 3, "unit": "day"},
        "proof": {"length": 15, "unit": "day"},
        "rescind_after": {"length": 30, "unit": "day"},
    },
    "termination": {
        **TERMS["termination"],
        "convenience": {"holder": "A", "notice": {"length": 30, "unit": "day"}},
        "procedure": {"settlement": {"length": 30, "unit": "day"}},
    },
    "confidentiality": {
        "rules": [
            {"class": "ordinary", "end": {"after": {"anchor": "termination", "period": {"length": 1, "unit": "month"}}}}
        ]
    },
}
NOTICES = [
    "cure_notice", "rescission", "renewal_objection", "complaint", "demand", "objection", "suspension", "force_majeure",
    "fm_proof", "offer",
]  # fmt: skip
START, END = dt.date(2026, 1, 3), at("2028-06-01")
ITEM = {"item_id": str(uid(7)), "name": "名单", "item_class": "ordinary"}
TITLE = {"op": "replace", "path": "/title", "value": "新合同"}
NOTICE = {"sender": "A", "ground": "material_breach", "basis": {}}


def story(days, automatic):
    """A life with something of everything, its instants all different."""
    moments = [
        ("execute", {"party": "A", "method": "seal"}),
        ("execute", {"party": "B", "method": "seal"}),
        ("satisfy-condition", {"condition": "licence"}),
        ("item.disclose", ITEM),
        ("suspend", {"reason": "defence"}),
        ("resume", {}),
        ("amendment.propose", {"amendment_id": str(uid(1)), "changes": [TITLE], "effective": {"on": "2026-08-01"}}),
        ("amendment.execute", {"amendment_id": str(uid(1)), "party": "A", "method": "seal"}),
        ("amendment.execute", {"amendment_id": str(uid(1)), "party": "B", "method": "seal"}),
        (
            "notice.judged",
            {"notice_id": str(uid(9)), "type": "cure_notice", "cure": {"automatic": automatic}, **NOTICE},
        ),
        ("record-performance", {"ground": "material_breach"}),
        ("record-ground", {"ground": "late_payment"}),
        ("waive", {"ground": "late_payment"}),
        ("terminate-by-agreement", {"effective": {"on": "2026-11-30"}}),
        ("record-performance", {"duty": "settlement"}),
    ]
    day = START
    for number, (kind, data) in enumerate(moments):
        day += dt.timedelta(days=days[number])
        when = f"{day}T{8 + number % 10:02}:{number:02}"
        arrival = {"arrives_at": at(when).isoformat()} if kind == "notice.judged" else {}
        yield kind, when, data | arrival


def opened():
    life = Life(TERMS, env=FULL, now=at("2026-01-02T09:00"))
    life.record("submit")
    life.record("approve")
    return life


def told_at_once(moments):
    """The facts that were allowed when each was told as it happened."""
    life, accepted = opened(), []
    for kind, when, data in moments:
        try:
            life.record(kind, when, **data)
        except (Refused, BadChange):
            continue
        accepted.append((kind, when, data))
    life.until(END.isoformat()[:19])
    return life, accepted


def told_later(moments, order):
    """The same facts told when all is over, each as soon as it is not refused any more."""
    life = opened()
    life.until(END.isoformat()[:19])
    left = [moments[index] for index in order]
    while left:
        refused = []
        for kind, when, data in left:
            try:
                life.record(kind, when, **data)
            except (Refused, BadChange):
                refused.append((kind, when, data))
        if len(refused) == len(left):
            return life, refused
        left = refused
    return life, []


def told(life):
    """Happenings by content, whatever numbers their facts were given; what commutes has no place of its own."""
    facts = {one.id: (one.kind, one.at) for one in life.facts}
    rows = [
        (one.at, one.type, one.transition, one.rule, one.timer_key, facts.get(one.fact_id), one.explanation)
        for one in life.happenings
    ]
    return sorted(rows, key=repr)


def stands(life):
    return plain(life.state)


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.sampled_from([1, 2, 5, 20, 60]), min_size=15, max_size=15),
    automatic=st.booleans(),
    seed=st.randoms(use_true_random=False),
)
def test_the_order_of_telling_makes_no_difference(days, automatic, seed):
    expected, accepted = told_at_once(list(story(days, automatic)))
    order = list(range(len(accepted)))
    seed.shuffle(order)
    life, refused = told_later(accepted, order)
    assume(not refused)
    assert stands(life) == stands(expected)
    assert told(life) == told(expected)


def judged_story():
    """A rescission that a court finds groundless, and a second one that then takes effect."""
    late = {"sender": "A", "ground": "late_payment", "basis": {}, "type": "rescission"}
    court = {"ruling": "termination_groundless", "authority": "人民法院"}
    yield "execute", "2026-01-05T10:00", {"party": "A", "method": "seal"}
    yield "execute", "2026-01-08T10:00", {"party": "B", "method": "seal"}
    yield "satisfy-condition", "2026-01-20T10:00", {"condition": "licence"}
    yield "item.disclose", "2026-01-25T10:00", ITEM
    yield "notice.judged", "2026-03-01T10:00", late | arrival(9, "2026-03-01T10:00")
    yield "record-performance", "2026-03-05T10:00", {"duty": "settlement"}
    yield "suspend", "2026-04-01T10:00", {"reason": "agreed"}
    yield "record-suit", "2026-04-05T10:00", {"suit": "first", "party": "B", "claim": "termination_groundless"}
    yield "record-decision", "2026-06-01T10:00", court | {"suit": "first"}
    other = {"sender": "A", "ground": "fundamental_breach", "basis": {}, "type": "rescission"}
    yield "notice.judged", "2026-07-01T10:00", other | arrival(10, "2026-07-01T10:00")
    yield "record-decision", "2026-09-01T10:00", {"ruling": "termination_upheld", "authority": "人民法院"}


def arrival(number, when):
    return {"notice_id": str(uid(number)), "arrives_at": at(when).isoformat()}


@settings(max_examples=40, deadline=None)
@given(seed=st.randoms(use_true_random=False))
def test_the_order_of_telling_makes_no_difference_to_judgments(seed):
    expected, accepted = told_at_once(list(judged_story()))
    assert len(accepted) >= 10
    order = list(range(len(accepted)))
    seed.shuffle(order)
    life, refused = told_later(accepted, order)
    assume(not refused)
    assert stands(life) == stands(expected)
    assert told(life) == told(expected)


def test_most_orders_are_accepted():
    moments = list(story([2] * 4 + [10] + [2] * 10, automatic=False))
    expected, accepted = told_at_once(moments)
    assert len(accepted) == len(moments)
    complete = 0
    for seed in range(40):
        order = list(range(len(accepted)))
        random.Random(seed).shuffle(order)
        life, refused = told_later(accepted, order)
        complete += not refused
        if not refused:
            assert stands(life) == stands(expected)
            assert told(life) == told(expected)
    assert complete > 20


@settings(max_examples=60, deadline=None)
@given(days=st.lists(st.sampled_from([1, 3, 10, 40, 90]), min_size=15, max_size=15), automatic=st.booleans())
def test_deciding_anew_equals_having_decided_in_order(days, automatic):
    expected, accepted = told_at_once(list(story(days, automatic)))
    life = opened()
    for kind, when, data in accepted[:-1]:
        life.record(kind, when, **data)
    origin, since, _ = life._origin
    kind, when, data = accepted[-1]
    last = expected.facts[-1]
    assert (last.kind, last.at) == (kind, at(when))
    decision = engine.decide_anew(origin, life.facts[since:], last, FULL, END)
    assert plain(decision.state) == stands(expected)
    assert [plain(one) for one in decision.happenings] == [plain(one) for one in expected.happenings[3:]]


def walk(seed, steps=30):
    """A random life: mostly what is allowed, sometimes what is not, and time that passes in between."""
    dice = random.Random(seed)
    life = Life(WALKED, now=at("2026-01-02T09:00"))
    known = [name for name in REGISTER if name not in ("draft.edit", "item.release")]  # they would end the story
    for number in range(steps):
        life.until(plain(life.now + dt.timedelta(hours=dice.choice([1, 20, 100, 1000])))[:19])
        possible = [name for name in known if not obstacles(World(life.state, BARE), name)]
        often = [name for name in possible if dice.random() > RARE.get(name, 0)]
        kind = dice.choice(often if often and dice.random() < 0.8 else known)
        with contextlib.suppress(Refused, BadChange):
            life.record(kind, plain(life.now)[:19], **body(kind, dice, number, life))
        yield life


def body(kind, dice, number, life):
    who, ground = dice.choice("AB"), dice.choice(["material_breach", "late_payment", "fundamental_breach"])
    settled = {
        "op": "add",
        "path": "/terms/termination/procedure",
        "value": {"report": {"length": number + 1, "unit": "day"}},
    }
    changes = [dice.choice([{"op": "replace", "path": "/title", "value": f"合同{number}"}, settled])]
    effective = dice.choice([{}, {}, {"condition": {"key": "budget"}}])
    amendment = life.state.open_amendment.id if life.state.open_amendment else uid(1)
    return {
        "execute": {"party": who, "method": "seal"},
        "satisfy-condition": {"condition": "licence" if dice.random() < 0.9 else "licence_lost"},
        "fail-condition": {"condition": dice.choice(["licence", "licence_lost"])},
        "record-ground": {"ground": ground},
        "waive": {"ground": ground},
        "suspend": {
            "reason": dice.choice(["agreed", "unstable", "force_majeure"]),
            "party": who,
            "evidence": [str(uid(5))],
        },
        "record-performance": {
            "duty": dice.choice(["settlement", "data_return", "handover", "report", "restitution"]),
            "evidence": [str(uid(5))],
            "complete": dice.random() < 0.02,
            "party": who,
            "accepted": True,
        },
        "amendment.propose": {
            "amendment_id": str(uid(1000 + number)),
            "changes": changes,
            "effective": effective,
            "answer_within": {"length": 10, "unit": "day"},
        },
        "amendment.satisfy-condition": {"amendment_id": str(amendment), "condition": "budget"},
        "amendment.fail-condition": {"amendment_id": str(amendment), "condition": "budget"},
        "amendment.declare-unclear": {"amendment_id": str(amendment), "reason": "不明确"},
        "amendment.execute": {"amendment_id": str(amendment), "party": who, "method": "seal"},
        "amendment.reject": {"amendment_id": str(amendment)},
        "amendment.withdraw": {"amendment_id": str(amendment)},
        "notice.judged": {
            "notice_id": str(uid(2000 + number)),
            "type": dice.choice(NOTICES),
            "sender": who,
            "ground": dice.choice([ground, *RIGHTS]),
            "arrives_at": life.now.isoformat(),
        },
        "record-suit": {"suit": f"s{number}", "party": who, "claim": "other"},
        "record-decision": decision(dice, life),
        "correct": {"fact_id": str(dice.choice(life.facts).id if life.facts else uid(1)), "reason": "录入错误"},
        "terminate-by-agreement": {},
        "item.disclose": ITEM | {"item_id": str(uid(3000 + number)), "recipients": ["B"]},
        **of_item(dice, number, life),
    }.get(kind, {})


def of_item(dice, number, life):
    """What may be told of some item, breach or fact about an item; of none that is there, while there is none."""
    item = dice.choice(life.state.items) if life.state.items else None
    about = {"item_id": str(item.id if item else uid(1))}
    running = str(item.tolled[-1].id if item and item.tolled else uid(1))
    told = [fact for fact in life.facts if fact.kind == "item.disclose" and fact.data["item_id"] == about["item_id"]]
    fact_id = str(told[0].id if told else uid(1))
    drafted = bool(told) and (life._origin is None or told[0].no <= life._origin[1])
    return {
        "item.attach": about | {"attachment_kinds": ["scripts"]},
        "item.return": about | {"party": "B", "method": "destroyed"},
        "item.toll": about | {"toll_id": str(uid(4000 + number)), "cause": "breach"},
        "item.end-toll": about | {"toll_id": running},
        "item.correct": about | {"kind": "disclose", "fact_id": fact_id, "reason": "录入错误", "drafted": drafted},
    }


def decision(dice, life):
    amendments = [one.id for one in life.state.amendments] or [uid(1)]
    ruling = dice.choice(msgspec.inspect.type_info(facts.Ruling).values)
    said = {
        "effective_at": (life.now - dt.timedelta(days=dice.choice([0, 3, 40]))).isoformat(),
        "condition": "licence",
        "amendment_id": str(dice.choice(amendments)),
    }
    fits = {member: value for member, value in said.items() if ruling in rulings.SAYS[member]}
    return {"ruling": ruling, "authority": "人民法院", **fits}


@pytest.mark.parametrize("seed", range(25))
def test_invariants_hold_on_random_lives(seed):
    for life in walk(seed):
        state = life.state
        assert [one for one in life.happenings if one.at > life.now] == []
        assert (state.outcome is not None) == (state.status == "terminated")
        assert state.effective_at is None or state.formed_at <= state.effective_at
        assert state.ended_at is None or state.effective_at <= state.ended_at
        one_version_at_any_instant(state)
        assert all(timer.due_at > life.now for timer in life.timers if timer.certain)
        assert len({timer.key for timer in life.timers}) == len(life.timers)
        assert sum(a.status in ("proposed", "agreed_pending") for a in state.amendments) <= 1
        assert (state.status == "amendment") == (state.in_force and state.open_amendment is not None)


def one_version_at_any_instant(state):
    """I1: while in force, versions follow on each other without gap or overlap."""
    if state.effective_at is None:
        assert [version.valid_from for version in state.versions] == [None]
        return
    assert state.versions[0].valid_from == state.effective_at
    for earlier, later in zip(state.versions, state.versions[1:], strict=False):
        assert earlier.valid_to == later.valid_from
    assert state.versions[-1].valid_to is None


@pytest.mark.parametrize("seed", range(25, 35))
def test_only_a_notice_rescinds_and_never_a_timer_alone(seed):
    for life in walk(seed):
        ends = [one for one in life.happenings if one.type == "contract.terminated"]
        assert len(ends) <= 1
        for one in ends:
            by_timer = one.timer_key is not None
            assert by_timer == (one.transition in ("T33", "T37", "T39", "T41"))
            assert one.transition in ("T33", "T35", "T37", "T38", "T39", "T41", "T42", "T43", "T44", "W03")


def test_a_random_life_reaches_every_kind_of_end():
    wanted = {"withdrawn", "lapsed", "ineffective", "mutual", "rescinded_by_notice", "expired"}
    seeds = iter(range(600))
    while wanted:
        *_, life = walk(next(seeds))
        wanted.discard(life.state.outcome)
