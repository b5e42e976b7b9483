"""An organization's facts."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.errors import InvalidInput
from memberlogic.ids import OrganizationId
from memberlogic.inputs import (
    a_country,
    a_zone,
    an_id,
    an_instant,
    as_tuple,
    code,
    describe,
    instance,
    many,
    optional,
    text,
    to_utc,
    to_utc_or_none,
    whole,
)
from memberlogic.organizations.quieting import QuietHours

__all__ = ["CANCELLATION_REASONS", "Feature", "Lapse", "Organization", "Studio", "Tier", "some_features"]
__all__ = ["CANCELLATION_REASONS", "MEMBER_TYPES", "Feature", "Organization", "Studio", "Tier"]


CANCELLATION_REASONS = ("moved", "health", "price", "time", "dissatisfied", "competitor", "conduct", "other")
"""Why contracts are cancelled, as long as an organization has no list of its own."""

MEMBER_TYPES = ("customer", "staff")
"""What kinds of members there are (MEM-1), as long as an organization has defined no others."""


class Feature(Enum):
    """A switch of an organization; without it the answer is ``FeatureUnavailable`` (COM-14)."""

    LOYALTY = "loyalty"
    POINT_OF_SALE = "point_of_sale"


class Tier(Enum):
    """The pricing tier; each covers what those before it cover."""

    BASIC = "basic"
    PRO = "pro"

    def covers(self, needed: Tier) -> bool:
        """Whether what needs a tier is there in this one."""
        ascending = [*Tier]
        return ascending.index(self) >= ascending.index(needed)


@frozen
class Lapse:
    """How long a tier was gone, ``[since, until)``; without an end it still is."""

    since: datetime = field(converter=to_utc, validator=an_instant)
    until: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


def some_features(_: object, __: object, value: object) -> None:
    """A set of features."""
    if not isinstance(value, frozenset) or not all(isinstance(each, Feature) for each in value):
        raise InvalidInput(path="features", expected="features (memberlogic.Feature)", got=describe(value))


@frozen(kw_only=True)
class Organization:
    """A tenant: everything belongs to one and nothing crosses it (COM-1)."""

    id: OrganizationId = field(validator=an_id)
    name: str = field(validator=text(200))
    zone: ZoneInfo = field(validator=a_zone)
    tier: Tier = field(default=Tier.PRO, validator=instance(Tier, "a tier"))
    features: frozenset[Feature] = field(default=frozenset(Feature), validator=some_features)
    unverified_may_spend: bool = field(default=False, validator=instance(bool, "true or false"))
    """Whether members who are not verified yet may spend and transfer points."""
    cancellation_reasons: tuple[str, ...] = field(
        default=CANCELLATION_REASONS,
        converter=as_tuple,
        validator=many(code("a reason"), "a reason", least=1, most=100),
    )
    """The codes among which the reason of a cancellation is chosen (CON-7)."""
    draft_days: int = field(default=30, validator=whole(least=1, most=3_660))
    """For how many days from signing a contract may lie on hold unpaid before it is listed to be lapsed (CON-2)."""
    unverified_may_get_marketing: bool = field(default=False, validator=instance(bool, "true or false"))
    """Whether members who are not verified yet may be sent what needs a consent (MEM-5)."""
    phone_region: str | None = field(default=None, validator=optional(a_country))
    """Where a phone number is from that is written without its country (MEM-2): two capital letters, such as GB."""
    verify_changed_contacts: bool = field(default=True, validator=instance(bool, "true or false"))
    """Whether an e-mail address or phone number that takes the place of a verified one has to be verified (MEM-7)."""
    kept_sources: tuple[str, ...] = field(default=(), converter=as_tuple, validator=many(code("a source"), "a source"))
    """The sources whose external ids stay when a member is anonymised (MEM-9), as other systems still need them."""
    normaliser: str | None = field(default=None, validator=optional(code("a normaliser")))
    """What made the keys by which contact points are compared (MEM-2); None until the first is kept."""
    tier_lapses: tuple[Lapse, ...] = field(
        default=(), converter=as_tuple, validator=many(instance(Lapse, "a lapse"), "a lapse")
    )
    """When the tier PRO was lost and had again, in order: what needs it stands still in between (COM-14, CARE-3)."""
    quiet_hours: QuietHours | None = field(
        default=None, validator=optional(instance(QuietHours, "quiet hours (QuietHours)"))
    )
    """Between which local times members are not disturbed (ENG-16), by the clocks where each lives; None for never."""
    care_message_limit_days: int = field(default=7, validator=whole(least=1, most=366))
    """After how many whole days a care message that could not be sent yet is not sent any more (CARE-14)."""
    second_scan_minutes: int = field(default=10, validator=whole(least=0, most=1_440))
    """For how many minutes a further scan at the same door is the same visit (CON-15); 0 if every scan is one."""
    member_types: tuple[str, ...] = field(
        default=MEMBER_TYPES, converter=as_tuple, validator=many(code("a member type"), "a member type", most=100)
    )
    """The types of which new members are (MEM-1), in the order in which they were defined."""
    retired_member_types: tuple[str, ...] = field(
        default=(), converter=as_tuple, validator=many(code("a member type"), "a member type", most=1_000)
    )
    """Types of which nobody new is; whoever is of one stays so."""
    version: int = field(default=0, validator=whole(least=0))
    """How often its settings were changed."""


@frozen
class Studio:
    """A place of the organization. The business days of what happens there are its zone's (COM-3)."""

    code: str = field(validator=code("a studio's code"))
    zone: ZoneInfo = field(validator=a_zone)
    name: str | None = field(default=None, validator=optional(text(200)))
