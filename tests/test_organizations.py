"""COM-1, COM-9: opening an organization, on every store."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from memberlogic import MemberLogic
from memberlogic.errors import Duplicate, IdempotencyConflict, InvalidInput
from memberlogic.ids import OrganizationId, new_id

pytestmark = pytest.mark.rule("COM-9", "COM-1")

NAMED = {"name": "Example", "zone": ZoneInfo("Europe/Berlin")}


def test_opening_an_organization_takes_a_key(storage):
    """Its own, as keys are kept by organization: so it needs the id."""
    ml, id = MemberLogic(storage), OrganizationId(new_id())
    first = ml.open_organization(**NAMED, id=id, idempotency_key="K1")
    assert ml.open_organization(**NAMED, id=id, idempotency_key="K1") == first
    with pytest.raises(IdempotencyConflict):
        ml.open_organization(**(NAMED | {"name": "Another"}), id=id, idempotency_key="K1")
    with pytest.raises(Duplicate):
        ml.open_organization(**NAMED, id=id, idempotency_key="K2")
    with pytest.raises(Duplicate):
        ml.open_organization(**NAMED, id=id)
    other = ml.open_organization(**NAMED, id=OrganizationId(new_id()), idempotency_key="K1")
    assert other.id != first.id


@pytest.mark.rule("COM-11")
def test_a_key_without_an_id_is_refused(storage):
    with pytest.raises(InvalidInput) as caught:
        MemberLogic(storage).open_organization(**NAMED, idempotency_key="K1")
    assert caught.value.path == "id"
