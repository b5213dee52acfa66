"""The range parser against RFC 9110 14."""

import pytest

from clm.features.attachments import ranges
from clm.kit.problems import Problem

TAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "size", "span"),
    [
        ("bytes=0-499", 1000, (0, 500)),
        ("bytes=500-", 1000, (500, 1000)),
        ("bytes=-500", 1000, (500, 1000)),
        ("bytes=-5000", 1000, (0, 1000)),
        ("bytes=0-0", 1000, (0, 1)),
        ("bytes=999-", 1000, (999, 1000)),
        ("bytes=900-99999", 1000, (900, 1000)),
        ("Bytes= 1-2 ", 1000, (1, 3)),
    ],
)
def test_a_range_that_fits(header, size, span):
    assert ranges.wanted(header, None, TAG, size) == span


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=0-1,3-4",
        "rows=0-1",
        "bytes=--1",
        "bytes 0-1",
    ],
)
def test_what_cannot_be_read_or_names_several_is_answered_in_full(header):
    assert ranges.wanted(header, None, TAG, 1000) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=1000-", 1000), ("bytes=-0", 1000), ("bytes=0-", 0)])
def test_a_range_outside_is_not_satisfiable(header, size):
    with pytest.raises(Problem) as caught:
        ranges.wanted(header, None, TAG, size)
    assert caught.value.kind.status == 416
    assert caught.value.headers["content-range"] == f"bytes */{size}"


def test_the_end_of_nothing_is_all_of_it():
    assert ranges.wanted("bytes=-5", None, TAG, 0) is None


@pytest.mark.parametrize("if_range", ['"other"', 'W/"abc"', "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_if_range_of_anything_else_gets_everything(if_range):
    assert ranges.wanted("bytes=0-1", if_range, TAG, 10) is None
    assert ranges.wanted("bytes=0-1", TAG, TAG, 10) == (0, 2)


@pytest.mark.parametrize(
    ("header", "result"), [(None, False), (TAG, True), (f'"x", W/{TAG}', True), ("*", True), ('"x"', False)]
)
def test_if_none_match_compares_weakly(header, result):
    assert ranges.unchanged(header, TAG) is result
