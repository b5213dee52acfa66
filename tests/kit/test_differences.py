"""Comparisons tell exactly what makes one text of the other, and mark it safely."""

import re

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


def test_texts_that_are_too_long():
    with pytest.raises(TooLarge):
        changes("a" * CHARACTERS_AT_MOST, "b")
    with pytest.raises(TooLarge):
        changes("\n" * 6000, "")


def test_a_page_escapes_its_title():
    assert "<script>" not in page("<script>", "")
