"""Facts with some fields changed."""

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.changing import changed
from memberlogic.ledger.model import Lot, Slice
from memberlogic.loyalty.model import Account
from memberlogic.loyalty.standing import Standing
from memberlogic_memory.ledger import Totals

LOT = Lot(id=1, amount=5, remaining=5, earned_at=2, expires_at=None)  # type: ignore[arg-type]
ACCOUNT = Account(**{each.name: each.name for each in fields(Account)})  # type: ignore[arg-type]
STANDING = Standing.of(ACCOUNT, ())


@pytest.mark.parametrize("facts", [LOT, ACCOUNT, STANDING, Totals(), Slice(1, 2)], ids=lambda each: type(each).__name__)  # type: ignore[arg-type]
@given(data=st.data())
def test_changing_facts_is_evolving_them(facts: object, data: st.DataObject) -> None:
    """Whatever fields are changed; what they were made of stays as it was."""
    names = [each.name for each in fields(type(facts))]  # type: ignore[arg-type]
    changes = data.draw(st.dictionaries(st.sampled_from(names), st.integers()))
    before = evolve(facts)  # type: ignore[type-var]
    after = changed(facts, **changes)
    assert after == evolve(facts, **changes)  # type: ignore[type-var]
    assert type(after) is type(facts)
    assert facts == before


def test_a_field_that_is_not_there_is_refused() -> None:
    """A slip in a name is no silent success."""
    with pytest.raises(KeyError):
        changed(LOT, rest=1)
