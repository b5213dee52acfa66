"""What the first bytes of a file show is what the library of signatures would say of them, only sooner."""

import puremagic
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clm.kit.inspection.types import has_signature


def recognised(head):
    try:
        return bool(puremagic.magic_string(head))
    except (puremagic.PureError, ValueError):
        return False


@pytest.mark.parametrize("kind", ["magic_header_array", "magic_footer_array"])
def test_every_signature_of_the_library_is_looked_for(kind):
    known = getattr(puremagic.main, kind)
    assert known
    for each in known:
        if each.offset >= 0:
            head = bytes(each.offset) + each.byte_match + b"\x00"
        else:
            head = b"\x00" * 8 + each.byte_match.ljust(-each.offset, b"\x00")
        assert has_signature(head) == recognised(head), each


@given(st.binary(max_size=400))
@example(b"")
@example(b"\x00" * 300)
def test_other_bytes_are_judged_alike(head):
    assert has_signature(head) == recognised(head)
