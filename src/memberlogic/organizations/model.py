"""An organization's facts."""

from __future__ import annotations

from enum import Enum
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.converting import keep_back
from memberlogic.ids import OrganizationId
from memberlogic.inputs import a_zone, an_id, instance, text

__all__ = ["Feature", "Organization", "Tier"]


class Feature(Enum):
    """A switch of an organization; without it the answer is ``FeatureUnavailable`` (COM-14)."""

    LOYALTY = "loyalty"
    POINT_OF_SALE = "point_of_sale"


class Tier(Enum):
    """The pricing tier."""

    BASIC = "basic"
    PRO = "pro"


@frozen(kw_only=True)
class Organization:
    """A tenant: everything belongs to one and nothing crosses it (COM-1)."""

    id: OrganizationId = field(validator=an_id)
    name: str = field(validator=text(200))
    zone: ZoneInfo = field(validator=a_zone)
    tier: Tier = field(default=Tier.PRO, validator=instance(Tier, "a tier"))
    features: frozenset[Feature] = field(default=frozenset(Feature))
    unverified_may_spend: bool = field(default=False, validator=instance(bool, "true or false"))
    """Whether members who are not verified yet may spend and transfer points."""
    secret: bytes = field(repr=False, eq=False, default=b"")
    """The key under which inputs are fingerprinted (COM-9); it never leaves the store and the runner."""


keep_back(Organization, "secret")
