"""COM-1: opening an organization, the tenant that everything else belongs to."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from memberlogic.events import Event
from memberlogic.ids import OrganizationId
from memberlogic.organizations.model import Organization
from memberlogic.outcomes import Outcome

__all__ = ["OrganizationOpened", "open_organization"]


@frozen(kw_only=True)
class OrganizationOpened(Event):
    """A tenant came into being."""

    type: ClassVar[str] = "organization.opened"
    organization: OrganizationId


def open_organization(organization: Organization) -> Outcome[Organization, OrganizationOpened, Organization]:
    """A new organization, as it was described."""
    return Outcome(organization, (OrganizationOpened(organization=organization.id),), organization)
