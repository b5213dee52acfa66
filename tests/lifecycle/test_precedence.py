"""Which of two documents prevails: as agreed, else by the usual order."""

import datetime as dt

import pytest

from clm.lifecycle.precedence import USUAL, Counted, precedence


def on(day):
    return dt.datetime.fromisoformat(f"2026-{day}T00:00:00+08:00")


DOCUMENTS = [
    Counted(kind="attachment", id="p", title="price", version=2, since=on("02-01")),
    Counted(kind="amendment", id="1", title="first", version=2, since=on("03-01")),
    Counted(kind="attachment", id="s", title="scripts", version=1, since=on("04-01")),
    Counted(kind="amendment", id="2", title="second", version=3, since=on("05-01")),
]


def ranks(agreed=None, usual=None, since="01-08"):
    found = precedence(agreed or {}, usual or {}, "contract", since and on(since), DOCUMENTS)
    return [(one.rank, one.id or one.kind) for one in found.documents]


def test_by_default_the_later_amendment_comes_first_and_attachments_share_a_rank():
    expected = [(1, "2"), (2, "1"), (3, "main_text"), (4, "s"), (4, "p"), (5, "recitals")]
    assert ranks() == expected
    assert ranks(usual={"precedence": list(USUAL)}) == expected


def test_the_parties_may_agree_on_another_order():
    agreed = {"precedence": ["attachment", "amendment"]}
    assert ranks(agreed) == [(1, "s"), (1, "p"), (2, "2"), (3, "1"), (4, "main_text"), (5, "recitals")]


def test_before_anything_governs_no_document_counts():
    assert ranks(since=None) == []


@pytest.mark.parametrize(
    ("agreed", "assumed"),
    [
        ({}, True),
        ({"precedence": ["main_text"]}, True),
        ({"precedence": ["main_text"], "newer_version_first": False, "handwritten_over_printed": True}, True),
        (
            {
                "precedence": ["main_text"],
                "newer_version_first": False,
                "handwritten_over_printed": True,
                "words_over_figures": False,
            },
            False,
        ),
    ],
)
def test_what_nobody_agreed_on_is_said_to_be_assumed(agreed, assumed):
    found = precedence(agreed, {}, "contract", None, [])
    assert found.assumed is assumed
    assert found.readings.newer_version_first == agreed.get("newer_version_first", True)
    assert found.readings.words_over_figures == agreed.get("words_over_figures", True)
    assert ("as agreed" in found.basis.steps[0].text) == ("precedence" in agreed)
