"""The recount finds what of contracts is stored otherwise than it is computed."""

from __future__ import annotations

import pytest
from tests.contracts.dated import FEE
from tests.sqlalchemy.test_checking import damage

from memberlogic import Term
from memberlogic.contracts.rates import Extends
from memberlogic_sqlalchemy import recount

DAMAGE = [
    ("contract.spans", "DELETE FROM ml_contract_spans WHERE organization_id = :o AND status = 'active'"),
    ("contract.spans", "UPDATE ml_contract_spans SET until = '2026-05-01' WHERE organization_id = :o"),
    ("contract.spans", "UPDATE ml_contract_payments SET reversed_on = '2026-01-20' WHERE organization_id = :o"),
    ("contract.links", "UPDATE ml_contracts SET predecessor_id = NULL WHERE organization_id = :o"),
    ("contract.next_change", "UPDATE ml_contracts SET next_change = NULL WHERE organization_id = :o"),
    ("contract.next_change", "UPDATE ml_contracts SET announced_to = '2027-01-01' WHERE organization_id = :o"),
    ("member.spans", "DELETE FROM ml_member_spans WHERE organization_id = :o"),
    ("member.spans", "UPDATE ml_member_spans SET detail = 'frozen' WHERE organization_id = :o"),
    ("member.spans", "UPDATE ml_contract_members SET until = '2026-03-01' WHERE organization_id = :o"),
]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def store(request):
    """Each database in turn."""
    return request.param


@pytest.mark.rule("COM-8", "CON-16", "MEM-18")
@pytest.mark.parametrize(("check", "statement"), DAMAGE, ids=[f"{each[0]}-{n}" for n, each in enumerate(DAMAGE)])
def test_each_damage_is_named(databases, store, world, check, statement):
    month = Term.of_months(1)
    rate = world.rate(initial_fee=FEE, term=month, renewal=Extends(month))
    world.org.contracts.pay(world.contract(rate=rate), FEE)
    world.org.contracts.transfer(world.contract(rate=rate), studio=world.studio("south"))
    engine = databases.engine(store)
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement)
    found = [each for each in recount(engine, organization=world.organization.id) if each.check == check]
    assert found
    assert found[0].text().startswith(check)
