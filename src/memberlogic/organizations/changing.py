"""COM-1, COM-3: changing an organization's settings, and opening its studios."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from attrs import asdict, evolve, field, frozen

from memberlogic.events import Event
from memberlogic.ids import OrganizationId
from memberlogic.inputs import a_country, a_zone, as_tuple, code, instance, many, optional, text, whole
from memberlogic.organizations.model import Organization, Studio
from memberlogic.outcomes import Outcome

__all__ = ["ChangeSettings", "OfStudio", "OpenStudio", "OrganizationChanged", "StudioOpened", "change", "open_studio"]


@frozen(kw_only=True)
class ChangeSettings:
    """Change some settings; what is None stays."""

    name: str | None = field(default=None, validator=optional(text(200)))
    cancellation_reasons: tuple[str, ...] | None = field(
        default=None, converter=as_tuple, validator=optional(many(code("a reason"), "a reason", least=1, most=100))
    )
    draft_days: int | None = field(default=None, validator=optional(whole(least=1, most=3_660)))
    unverified_may_spend: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    unverified_may_get_marketing: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    phone_region: str | None = field(default=None, validator=optional(a_country))
    verify_changed_contacts: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    second_scan_minutes: int | None = field(default=None, validator=optional(whole(least=0, most=1_440)))
    kept_sources: tuple[str, ...] | None = field(
        default=None, converter=as_tuple, validator=optional(many(code("a source"), "a source", most=50))
    )

    @property
    def given(self) -> dict[str, Any]:
        """The settings that are to change, by field of the organization."""
        return {name: value for name, value in asdict(self, recurse=False).items() if value is not None}


@frozen(kw_only=True)
class OpenStudio:
    """Open a studio under a code, in a time zone that it keeps."""

    code: str = field(validator=code("a studio's code"))
    name: str = field(validator=text(200))
    zone: ZoneInfo = field(validator=a_zone)


@frozen(kw_only=True)
class OfStudio:
    """A studio by its code."""

    code: str = field(validator=code("a studio's code"))


@frozen(kw_only=True)
class OrganizationChanged(Event):
    """Some settings of an organization were changed; which, not to what."""

    type: ClassVar[str] = "organization.changed"
    organization: OrganizationId
    fields: tuple[str, ...]


@frozen(kw_only=True)
class StudioOpened(Event):
    """A place was opened."""

    type: ClassVar[str] = "studio.opened"
    studio: str


def change(organization: Organization, wanted: ChangeSettings) -> Outcome[Organization, Event, Organization]:
    """The organization with some settings changed; an event only if something is different."""
    different = {name: value for name, value in wanted.given.items() if getattr(organization, name) != value}
    if not different:
        return Outcome(organization, (), organization)
    changed = evolve(organization, **different, version=organization.version + 1)
    event = OrganizationChanged(organization=organization.id, fields=tuple(sorted(different)))
    return Outcome(changed, (event,), changed)


def open_studio(wanted: OpenStudio) -> Outcome[Studio, Event, Studio]:
    """A new studio."""
    studio = Studio(code=wanted.code, zone=wanted.zone, name=wanted.name)
    return Outcome(studio, (StudioOpened(studio=studio.code),), studio)
