"""CON-1: rates in versions; CON-9: what they switch to."""

from __future__ import annotations

from datetime import date

import pytest

from memberlogic import Term
from memberlogic.contracts.drafting import RateNotOnSale
from memberlogic.contracts.rates import RateTerms, RateVersion, SwitchesTo
from memberlogic.contracts.selling import RateIsRetired, RateSwitchesInACircle, RateSwitchesToRetired
from memberlogic.errors import Duplicate, NotFound
from memberlogic.ids import RateId, new_id

pytestmark = pytest.mark.rule("CON-1")

YEAR = RateTerms(name="Year", term=Term.of_months(12))
LONGER = RateTerms(name="Two years", term=Term.of_months(24))


def test_a_contract_keeps_the_version_it_was_sold_on(world):
    contracts = world.org.contracts
    rate = contracts.open_rate(code="year", terms=YEAR)
    before = world.contract(rate=rate.id)
    revised = contracts.revise_rate(rate.id, terms=LONGER)
    assert revised.current == RateVersion(rate=rate.id, version=1, terms=LONGER)
    after = world.contract(rate=rate.id)
    assert [contracts.get(each).rate_version for each in (before, after)] == [0, 1]
    assert [contracts.get(each).expires_on for each in (before, after)] == [date(2027, 1, 15), date(2028, 1, 15)]
    assert contracts.rate(rate.id) == revised
    assert contracts.revise_rate(rate.id, terms=LONGER) == revised, "the same terms are no new version"


def test_a_rate_that_is_retired_is_sold_on_no_terms(world):
    contracts = world.org.contracts
    rate = contracts.open_rate(code="year", terms=YEAR)
    retired = contracts.retire_rate(rate.id)
    assert not retired.on_sale
    assert contracts.retire_rate(rate.id) == retired
    for terms in (YEAR, LONGER):
        with pytest.raises(RateIsRetired):
            contracts.revise_rate(rate.id, terms=terms)
    assert contracts.rate(rate.id) == retired
    with pytest.raises(RateNotOnSale):
        world.contract(rate=rate.id)
    kinds = [each.event.type for each in world.events() if each.event.type.startswith("rate.")]
    assert kinds == ["rate.opened", "rate.retired"]


def test_rates_are_listed_by_their_codes_which_are_used_once(world):
    for code in ("year", "month"):
        world.org.contracts.open_rate(code=code, terms=YEAR)
    assert [each.code for each in world.org.contracts.rates()] == ["month", "year"]
    with pytest.raises(Duplicate):
        world.org.contracts.open_rate(code="year", terms=YEAR)
    with pytest.raises(NotFound):
        world.org.contracts.rate(RateId(new_id()))


@pytest.mark.rule("CON-9")
def test_a_rate_switches_to_what_is_on_sale_and_never_in_a_circle(world):
    contracts = world.org.contracts
    year = contracts.open_rate(code="year", terms=YEAR)
    trial = RateTerms(name="Trial", term=Term.of_days(14), renewal=SwitchesTo(year.id))
    first = contracts.open_rate(code="trial", terms=trial)
    circle = RateTerms(name="Year", term=Term.of_months(12), renewal=SwitchesTo(first.id))
    with pytest.raises(RateSwitchesInACircle):
        contracts.revise_rate(year.id, terms=circle)
    own = RateTerms(name="Trial", term=Term.of_days(14), renewal=SwitchesTo(first.id))
    with pytest.raises(RateSwitchesInACircle):
        contracts.revise_rate(first.id, terms=own)
    sold = world.contract(rate=first.id)
    contracts.revise_rate(year.id, terms=LONGER)
    told = contracts.get(sold, on=date(2026, 2, 1))
    assert (told.rate, told.rate_version) == (year.id, 0), "the version on sale at signing"
    assert told.expires_on == date(2027, 1, 29)
    contracts.retire_rate(year.id)
    with pytest.raises(RateSwitchesToRetired):
        contracts.open_rate(code="another", terms=trial)
    unknown = RateTerms(name="Trial", term=Term.of_days(14), renewal=SwitchesTo(RateId(new_id())))
    with pytest.raises(NotFound):
        contracts.open_rate(code="another", terms=unknown)
