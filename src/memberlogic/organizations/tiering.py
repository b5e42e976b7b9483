"""COM-14: changing the pricing tier and the features of an organization, and keeping for how long PRO was gone."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.events import Event
from memberlogic.ids import OrganizationId
from memberlogic.inputs import instance, optional
from memberlogic.organizations.changing import OrganizationChanged
from memberlogic.organizations.model import Feature, Lapse, Organization, Tier, some_features
from memberlogic.outcomes import Outcome

__all__ = ["ChangeTier", "TierChanged", "change_tier", "lapses_after"]


@frozen(kw_only=True)
class ChangeTier:
    """Give an organization a pricing tier, and with ``features`` these and no others."""

    tier: Tier = field(validator=instance(Tier, "a tier"))
    features: frozenset[Feature] | None = field(default=None, validator=optional(some_features))


@frozen(kw_only=True)
class TierChanged(Event):
    """An organization has another pricing tier from now on."""

    type: ClassVar[str] = "organization.tier_changed"
    organization: OrganizationId
    before: Tier
    after: Tier


def change_tier(
    organization: Organization, wanted: ChangeTier, now: datetime
) -> Outcome[Organization, Event, Organization]:
    """The organization with another tier, and with other features where some are named; an event for each of the two
    that is different.
    """
    features = organization.features if wanted.features is None else wanted.features
    events: tuple[Event, ...] = ()
    if wanted.tier is not organization.tier:
        before, after = organization.tier, wanted.tier
        events = (TierChanged(organization=organization.id, before=before, after=after),)
    if features != organization.features:
        events = (*events, OrganizationChanged(organization=organization.id, fields=("features",)))
    if not events:
        return Outcome(organization, (), organization)
    changed = evolve(
        organization,
        tier=wanted.tier,
        features=features,
        tier_lapses=lapses_after(organization, wanted.tier, now),
        version=organization.version + 1,
    )
    return Outcome(changed, events, changed)


def lapses_after(organization: Organization, tier: Tier, now: datetime) -> tuple[Lapse, ...]:
    """For how long PRO was gone, once the tier is another: a lapse begins where PRO is lost and ends where it is had
    again. An organization that never had it has lost nothing; a lapse of no length is none.
    """
    lapses = organization.tier_lapses
    had, has = organization.tier.covers(Tier.PRO), tier.covers(Tier.PRO)
    if had == has:
        return lapses
    if had:
        # The clock may have been set back: what ended later than now is begun where it ended.
        since = max([now, *(each.until for each in lapses[-1:] if each.until is not None)])
        return (*lapses, Lapse(since))
    if not lapses:
        return ()
    *earlier, last = lapses
    return (*earlier, *([Lapse(last.since, now)] if now > last.since else []))
