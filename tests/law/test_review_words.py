"""What the statutory review reads in the contract's own words, and which like words it leaves alone."""

import json
import time
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clm.law import review_words
from clm.law.review import Side, review

PHRASES = [
    ("UNADJUSTABLE",
     ["违约金不得调整", "双方不得请求人民法院调整违约金", "放弃要求调减违约金的权利", "违约金数额固定，不予调整",
      "违约金一经约定，任何一方不得以过高为由请求调整", "任何一方不得以违约金过高为由请求法院予以调减",
      "双方放弃对违约金数额提出异议和调整的权利"],
     ["违约金过高的，可以请求调整", "不得拒绝调整违约金", "甲方不得调整价格，否则支付违约金",
      "未付违约金的，不得减少人员", "违约金不得低于损失，过高的可以请求调整",
      "不得免除违约金，但可以请求法院调整", "乙方不得擅自减少人员，违者支付违约金"]),
    ("CHANGE_EXCLUDED",
     ["双方放弃主张情势变更的权利", "本合同不适用情势变更", "情势变更原则不适用于本合同", "不得以情事变更为由请求变更",
      "排除民法典第五百三十三条的适用"],
     ["发生情势变更的，双方协商", "不得排除情势变更的适用", "情势变更，双方协商，协商不成的不得擅自停工"]),
    ("SILENCE",
     ["收到变更建议后五日内未提出异议的，视为同意变更", "沉默视为同意", "甲方逾期未回复的，视为接受修改",
      "一方提出变更的，应当书面通知。对方五日内未答复的，视为同意。", "变更通知发出后三日内不回复视同认可"],
     ["沉默视为同意：否", "变更应当书面订立；沉默视为同意：否", "沉默不视为同意",
      "变更建议未答复的，不视为同意", "变更建议未答复的，不得视为同意",
      "结算单送达后五日内未提出异议的，视为认可", "未经书面同意的变更无效", "未答复的视为拒绝变更"]),
    ("SIGNED_OR_SEALED",
     ["双方签字盖章后生效", "签名盖章", "盖章签字后生效"],
     ["签字、盖章", "签字或者盖章", "签字并盖章"]),
    ("VAGUE_DATE",
     ["每月10日前", "2027年12月31日前", "5个工作日前", "两年之前", "月底前", "三十天左右", "十日前后", "24小时以前",
      "届满30日前"],
     ["10日以内", "提前30日通知", "届满前30日", "30日前述义务", "2027年12月31日（含）前", "10日前（含当日）",
      "3个月前期费用", "不晚于10日"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "phrase", "expected"),
    [(pattern, one, expected) for pattern, *both in PHRASES for expected, of in zip((True, False), both, strict=True)
     for one in of],
)  # fmt: skip
def test_what_words_mean(pattern, phrase, expected):
    assert bool(getattr(review_words, pattern).search(f"（1）{phrase}。")) is expected


@pytest.mark.parametrize("phrase", ["违约金", "变更未", "十", "不得调整", "沉默"])
def test_long_texts_take_no_long_time(phrase):
    text = phrase * (20_000 // len(phrase))
    started = time.process_time()
    review({"disputes": {"forum": {"arbitration": {"institutions": [text]}}}}, {}, texts={"1": text})
    assert time.process_time() - started < 2


@pytest.mark.parametrize("name", ["generic", "outbound-call-outsourcing"])
def test_the_words_of_the_packaged_types_are_clear(name):
    kept = json.loads((files("clm") / f"features/contract_types/data/{name}.json").read_text(encoding="utf-8"))
    texts = {one["number"]: one["text"] for one in kept["sections"] if one["text"]}
    assert len(texts) >= 8
    assert [one for one in review({}, {}, texts=texts) if one.pointer.startswith("/sections")] == []


def test_terms_may_be_nested_deep():
    deep = {"text": "每月10日前"}
    for _ in range(5000):
        deep = {"a": [deep]}
    (one,) = [found for found in review({"scope": deep}, {}) if found.rule == "L14"]
    assert one.pointer.count("/") == 2 + 2 * 5000 + 1


GROUPS = ("fees", "payment", "breach", "term", "termination", "notices", "disputes", "confidentiality",
          "effectiveness", "personal_information", "amendments", "parties")  # fmt: skip
MEMBERS = ("total", "deposit", "amount", "currency", "due", "after", "period", "length", "unit", "late", "rate_per_day",
           "lpr", "multiplier", "cap", "day_basis", "penalties", "share", "base", "loss", "exemptions", "start", "end",
           "roll", "count_start_day", "renewal", "automatic", "grounds", "cure", "rules", "class", "item", "forum",
           "arbitration", "court", "institutions", "processed", "size_class", "A", "B")  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(),
    st.sampled_from(["NaN", "sNaN", "Infinity", "1e400", "-5", "0.3", "CNY", "2026-01-01", "day", "month", "large",
                     "small", "contract_total", "ordinary", "", "~/", "每月10日前"]),
)  # fmt: skip
ODD = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(GROUPS), ODD), st.dictionaries(st.sampled_from(GROUPS), ODD))
def test_nothing_in_the_terms_makes_the_review_fail(agreed, applying):
    found = review(agreed, applying, sides=[Side("A", "public_body"), Side("B", size_class="small")])
    assert found == tuple(sorted(found, key=lambda one: (one.rule, one.pointer)))
    assert all(one.pointer.startswith(("/terms", "/sections")) for one in found)
