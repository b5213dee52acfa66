"""Terms as agreed, what the defaults add, and what a patch may change."""

import copy

import pytest

from clm.lifecycle.state import Version
from clm.lifecycle.terms import BadChange, merged, patched

TEXTS = {"8.3": "三年", "10.1": "一年"}
DEFAULTS = {"payment": {"due": {"date": "2026-01-31"}, "late": {"cap": "0.1"}}, "levels": [1, 2], "note": None}


def version(**terms):
    return Version(no=1, title="合同", terms=terms, sections={"10.1": "两年"})


def patch(changes, given=None, **terms):
    return patched(given or version(**terms), TEXTS, merged(terms, DEFAULTS)[0], changes)


def op(kind, path, value=None, **more):
    return {"op": kind, "path": path, **({} if value is None else {"value": value}), **more}


def test_defaults_fill_member_by_member_and_say_so():
    terms, assumed = merged({"payment": {"late": {"rate": "0.1"}}}, DEFAULTS)
    assert terms["payment"] == {"late": {"rate": "0.1", "cap": "0.1"}, "due": {"date": "2026-01-31"}}
    assert assumed == ["/terms/payment/due", "/terms/payment/late/cap", "/terms/levels", "/terms/note"]


@pytest.mark.parametrize("agreed", [{"levels": []}, {"levels": [3]}, {"payment": None}, {"note": "x"}])
def test_a_list_counts_whole_and_null_stays(agreed):
    (name,) = agreed
    terms, assumed = merged(agreed, DEFAULTS)
    assert terms[name] == agreed[name]
    assert f"/terms/{name}" not in assumed


def test_agreeing_on_one_alternative_keeps_the_default_of_the_other_out():
    both = [["/terms/payment/due/date", "/terms/payment/due/after"]]
    terms, assumed = merged({"payment": {"due": {"after": "x"}}}, DEFAULTS, both)
    assert terms["payment"]["due"] == {"after": "x"}
    assert "/terms/payment/due/date" not in assumed
    untouched, _ = merged({}, DEFAULTS, both)
    assert untouched["payment"]["due"] == {"date": "2026-01-31"}


def test_filling_in_leaves_agreed_terms_and_defaults_alone():
    agreed, defaults = {"payment": {"late": {}}}, copy.deepcopy(DEFAULTS)
    terms, _ = merged(agreed, defaults)
    terms["payment"]["late"]["cap"] = terms["levels"] = "changed"
    assert agreed == {"payment": {"late": {}}}
    assert defaults == DEFAULTS


def test_a_patch_makes_the_next_version_and_leaves_the_one_before_alone():
    before = version(price="100")
    kept = copy.deepcopy(before)
    after = patch(
        [
            op("replace", "/terms/price", "120"),
            op("replace", "/title", "新"),
            op("replace", "/sections/8.3/text", "五年"),
        ],
        before,
        price="100",
    )
    assert (after.no, after.title, after.terms) == (2, "新", {"price": "120"})
    assert after.sections == {"8.3": "五年", "10.1": "两年"}
    assert (after.valid_from, after.valid_to) == (None, None)
    assert before == kept


def test_a_text_set_back_to_the_type_s_own_is_no_longer_special():
    assert patch([op("replace", "/sections/10.1/text", "一年")]).sections == {}


def test_a_change_of_a_default_makes_what_it_touches_agreed_and_no_more():
    after = patch([op("replace", "/terms/payment/late/cap", "0.2")], payment={})
    assert after.terms == {"payment": {"late": {"cap": "0.2"}}}
    after = patch([op("add", "/terms/levels/-", 3)])
    assert after.terms == {"levels": [1, 2, 3]}


def test_every_operation_of_json_patch_is_there():
    after = patch(
        [
            op("test", "/terms/price", "100"),
            op("copy", "/terms/old", **{"from": "/terms/price"}),
            op("move", "/terms/price_a", **{"from": "/terms/price"}),
            op("add", "/terms/new", {"a": 1}),
            op("remove", "/terms/new/a"),
        ],
        price="100",
    )
    assert after.terms == {"old": "100", "price_a": "100", "new": {}}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (op("replace", "/parties", []), "/changes/1/path"),
        (op("replace", "/sections/8.3/heading", "x"), "/changes/1/path"),
        (op("replace", "", {}), "/changes/1/path"),
        (op("replace", "/terms", {}), "/changes/1/path"),
        (op("replace", "/sections/99/text", "x"), "/changes/1"),
        (op("remove", "/terms/nothing"), "/changes/1"),
        (op("test", "/terms/price", "1"), "/changes/1"),
        (op("merge", "/terms/price", "1"), "/changes/1/op"),
        ({"op": "replace", "value": 1}, "/changes/1/path"),
        ({"op": "replace", "path": 3, "value": 1}, "/changes/1/path"),
        ({"op": "replace", "path": "/terms/price"}, "/changes/1"),
        (op("copy", "/terms/a", **{"from": "/parties"}), "/changes/1/from"),
        (op("add", "/terms/price/deeper", 1), "/changes/1"),
        (op("add", "/terms/levels/9", 1), "/changes/1"),
        (op("add", "/terms/levels/x", 1), "/changes/1"),
        (op("replace", "/terms/a~2b", 1), "/changes/1"),
    ],
)
def test_a_change_that_cannot_be_made_says_which_and_why(change, pointer):
    with pytest.raises(BadChange) as bad:
        patch([op("add", "/terms/levels/0", 0), change], price="100")
    assert bad.value.pointer == pointer
    assert bad.value.message
    assert "{" not in bad.value.message


@pytest.mark.parametrize(
    "change", [op("replace", "/title", " "), op("remove", "/title"), op("replace", "/title", ["x"])]
)
def test_a_contract_keeps_a_title(change):
    with pytest.raises(BadChange):
        patch([change])


@pytest.mark.parametrize("change", [op("remove", "/sections/8.3/text"), op("replace", "/sections/8.3/text", 3)])
def test_a_section_keeps_its_text(change):
    with pytest.raises(BadChange):
        patch([change])
