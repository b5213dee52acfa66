import pytest

from clm.law.basis import LawError
from clm.law.deposits import Adjustment, deposit, penalty
from clm.law.money import Money
from tests.law.sums import yuan

DOLLARS = Money("1.00", "USD")


def test_g07_a_deposit_has_effect_up_to_a_fifth():
    found = deposit(yuan("500000.00"), yuan("120000.00"))
    assert (found.effective, found.excess, found.flags) == (
        yuan("100000.00"),
        yuan("20000.00"),
        ("DEPOSIT_ABOVE_CAP",),
    )
    assert found.choice is None
    fitting = deposit(yuan("500000.00"), yuan("100000.00"))
    assert (fitting.effective, fitting.excess, fitting.flags) == (yuan("100000.00"), yuan("0.00"), ())
    assert deposit(yuan("0.09"), yuan("0.02")).effective == yuan("0.01")


@pytest.mark.parametrize(
    ("agreed", "loss", "excess_loss", "higher"),
    [
        ("90000.00", None, "0.00", "deposit"),
        ("100000.00", None, "0.00", "equal"),
        ("100000.01", None, "0.00", "penalty"),
        ("150000.00", "160000.00", "60000.00", "deposit"),
        ("150000.00", "90000.00", "0.00", "penalty"),
        (None, "150000.00", "50000.00", "deposit"),
    ],
)
def test_g16_the_deposit_or_the_penalty_and_loss_above_the_deposit(agreed, loss, excess_loss, higher):
    given = {"penalty": yuan(agreed) if agreed else None, "loss": yuan(loss) if loss else None}
    choice = deposit(yuan("500000.00"), yuan("120000.00"), breach_by="giver", **given).choice
    assert (choice.by_deposit, choice.excess_loss) == (yuan("100000.00"), yuan(excess_loss))
    assert (choice.by_penalty, choice.higher) == (given["penalty"], higher)


def test_the_receiver_in_breach_owes_the_deposit_twice_over():
    told = [deposit(yuan("100"), yuan("20"), breach_by=one).basis.steps[-1].text for one in ("giver", "receiver")]
    assert told[0].startswith("the giver loses the deposit")
    assert told[1].startswith("the receiver owes the deposit twice over")


def test_g06_a_penalty_is_presumed_excessive_above_130_percent_and_never_cut():
    found = [penalty(yuan(one), yuan("100000.00")) for one in ("130000.00", "130000.01", "150000.00")]
    assert [one.flags for one in found] == [(), ("EXCESSIVE_PRESUMED",), ("EXCESSIVE_PRESUMED",)]
    assert [one.payable.amount for one in found] == ["130000.00", "130000.01", "150000.00"]
    assert {one.threshold for one in found} == {yuan("130000.00")}


def test_g06_a_malicious_breach_is_not_relieved():
    found = penalty(yuan("150000.00"), yuan("100000.00"), malicious=True)
    assert (found.excessive_presumed, found.flags) == (False, ("MALICIOUS_BREACH",))


def test_the_threshold_is_exact_though_shown_in_cents():
    assert not penalty(yuan("0.01"), yuan("0.01")).excessive_presumed
    assert penalty(yuan("0.02"), yuan("0.01")).excessive_presumed
    assert penalty(yuan("0.01"), yuan("0")).excessive_presumed


def test_g17_a_clause_against_adjustment_has_no_effect():
    found = penalty(yuan("150000.00"), yuan("100000.00"), excludes_adjustment=True)
    assert found.flags == ("EXCESSIVE_PRESUMED", "NO_ADJUSTMENT_CLAUSE_VOID")


def test_only_a_tribunal_or_an_agreement_adjusts():
    found = penalty(yuan("150000.00"), yuan("100000.00"), adjustment=Adjustment("tribunal", yuan("120000.00")))
    assert (found.payable, found.basis.steps[-1].text) == (
        yuan("120000.00"),
        "payable is CNY 120000.00, set by tribunal",
    )


@pytest.mark.parametrize(
    ("compute", "field"),
    [
        (lambda: deposit(yuan("1"), DOLLARS), "paid/currency"),
        (lambda: deposit(yuan("1"), yuan("1"), breach_by="giver", penalty=DOLLARS), "penalty/currency"),
        (lambda: deposit(yuan("1"), yuan("1"), breach_by="giver", loss=DOLLARS), "loss/currency"),
        (lambda: deposit(yuan("1"), yuan("1"), loss=yuan("1")), "breach_by"),
        (lambda: deposit(yuan("1"), yuan("1"), penalty=yuan("1")), "breach_by"),
        (lambda: penalty(yuan("1"), DOLLARS), "loss/currency"),
        (
            lambda: penalty(yuan("1"), yuan("1"), adjustment=Adjustment("agreement", DOLLARS)),
            "/adjustment/amount/currency",
        ),
    ],
)
def test_sums_that_do_not_go_together_are_refused(compute, field):
    with pytest.raises(LawError) as refused:
        compute()
    assert refused.value.field == field
