"""Comparisons tell exactly what makes one text of the other, and mark it safely."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.kit.differences import CHARACTERS_AT_MOST, TooLarge, as_html, changes, page

TEXTS = st.text(alphabet="甲乙方合同应当 ab1。\n<>&", max_size=120)


def sides(pieces):
    before = "".join(one.text for one in pieces if one.part != "inserted")
    return before, "".join(one.text for one in pieces if one.part != "deleted")


@given(TEXTS, TEXTS)
def test_the_pieces_make_up_both_texts(before, after):
    old, new = before.split("\n"), after.split("\n")
    found = changes(before, after)
    assert (found == []) == (before == after)
    for one in found:
        earlier, later = sides(one.pieces)
        assert one.before is None or old[one.before - 1] == earlier
        assert one.after is None or new[one.after - 1] == later
    kept_old = [line for number, line in enumerate(old, 1) if number not in {one.before for one in found}]
    kept_new = [line for number, line in enumerate(new, 1) if number not in {one.after for one in found}]
    assert kept_old == kept_new


@given(TEXTS, TEXTS)
def test_the_marked_text_holds_both_and_nothing_that_runs(before, after):
    shown = as_html(before, after)
    assert set(re.findall(r"</?(\w+)", shown)) <= {"p", "ins", "del"}
    earlier = re.sub(r"<ins>.*?</ins>", "", shown)
    plain = re.sub(r"</?\w+>", "", earlier).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain.replace("\n", "") == before.replace("\n", "")


def test_a_changed_number_in_a_chinese_sentence():
    [one] = changes("付款期限为10个工作日。", "付款期限为15个工作日。")
    assert [(p.part, p.text) for p in one.pieces] == [
        ("same", "付款期限为"),
        ("deleted", "10"),
        ("inserted", "15"),
        ("same", "个工作日。"),
    ]


ALTERNATING = {
    "empty paragraphs between others": (
        "\n\n".join(f"x{n}" for n in range(1200)),
        "\n\n".join(f"y{n}" for n in range(1200)),
    ),
    "one character between others": tuple(
        "".join(f"一{chr(0x4E00 + first + n)}" for n in range(2000)) for first in (10, 2500)
    ),
    "many such paragraphs": tuple(
        "\n".join("".join(f"一{chr(0x4E00 + first + n + k)}" for n in range(300)) for k in range(250))
        for first in (10, 2500)
    ),
    "one change in a long paragraph": ("中" * 190_000 + "x文", "中" * 190_000 + "y文"),
}


@pytest.mark.parametrize(("before", "after"), ALTERNATING.values(), ids=ALTERNATING)
def test_what_repeats_itself_takes_no_longer_than_other_texts(before, after):
    began = time.process_time()
    found = changes(before, after)
    assert time.process_time() - began < 5
    assert found


def test_equal_paragraphs_among_many_that_repeat_are_no_changes():
    before = "\n".join(["甲", "乙"] * 500)
    found = changes(before, before + "\n丙")
    assert [(one.op, one.after) for one in found] == [("insert", 1001)]


def test_a_paragraph_that_keeps_next_to_nothing_is_shown_whole():
    [one] = changes("甲方应当在三十日内付款。", "本合同一式两份，双方各执一份。")
    assert [piece.part for piece in one.pieces] == ["deleted", "inserted"]


def test_texts_that_are_too_long():
    with pytest.raises(TooLarge):
        changes("a" * CHARACTERS_AT_MOST, "b")
    with pytest.raises(TooLarge):
        changes("\n" * 6000, "")


def test_a_page_escapes_its_title():
    assert "<script>" not in page("<script>", "")
