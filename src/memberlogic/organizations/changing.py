"""COM-1, COM-3: changing an organization's settings, and opening its studios."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from attrs import asdict, evolve, field, frozen

from memberlogic.errors import InvalidInput, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import OrganizationId
from memberlogic.inputs import a_country, a_zone, as_tuple, checked, code, instance, many, optional, text, whole
from memberlogic.organizations.model import Organization, Studio
from memberlogic.organizations.quieting import QuietHours
from memberlogic.outcomes import Outcome

__all__ = [
    "ChangeSettings",
    "OfMemberType",
    "OfStudio",
    "OpenStudio",
    "OrganizationChanged",
    "StudioOpened",
    "UnknownMemberType",
    "change",
    "define_member_type",
    "open_studio",
    "retire_member_type",
]


_MAY_BE_NONE = ("phone_region", "quiet_hours")

_one_that_may_be_none = checked(
    lambda value: None if isinstance(value, str) and value in _MAY_BE_NONE else f"one of {', '.join(_MAY_BE_NONE)}"
)


@frozen(kw_only=True)
class ChangeSettings:
    """Change some settings; what is None stays, and what is named in ``clear`` is none from now on."""

    name: str | None = field(default=None, validator=optional(text(200)))
    cancellation_reasons: tuple[str, ...] | None = field(
        default=None, converter=as_tuple, validator=optional(many(code("a reason"), "a reason", least=1, most=100))
    )
    draft_days: int | None = field(default=None, validator=optional(whole(least=1, most=3_660)))
    unverified_may_spend: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    unverified_may_get_marketing: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    phone_region: str | None = field(default=None, validator=optional(a_country))
    verify_changed_contacts: bool | None = field(default=None, validator=optional(instance(bool, "true or false")))
    quiet_hours: QuietHours | None = field(
        default=None, validator=optional(instance(QuietHours, "quiet hours (QuietHours)"))
    )
    care_message_limit_days: int | None = field(default=None, validator=optional(whole(least=1, most=366)))
    second_scan_minutes: int | None = field(default=None, validator=optional(whole(least=0, most=1_440)))
    kept_sources: tuple[str, ...] | None = field(
        default=None, converter=as_tuple, validator=optional(many(code("a source"), "a source", most=50))
    )
    clear: tuple[str, ...] = field(default=(), converter=as_tuple, validator=many(_one_that_may_be_none, "a setting"))

    def __attrs_post_init__(self) -> None:
        for index, name in enumerate(self.clear):
            if getattr(self, name) is not None:
                path, got = f"clear[{index}]", f"{name}, which is"
                raise InvalidInput(path=path, expected="a setting that is not given", got=got)

    @property
    def given(self) -> dict[str, Any]:
        """The settings that are to change, by field of the organization."""
        said = asdict(self, recurse=False)
        named = {name: value for name, value in said.items() if name != "clear" and value is not None}
        return named | dict.fromkeys(self.clear)


@frozen(kw_only=True)
class OfMemberType:
    """A member type by its code."""

    member_type: str = field(validator=code("a member type"))


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


class UnknownMemberType(RuleViolation):
    """A type is defined before somebody is of it."""

    code = "member.type_unknown"
    rule = "MEM-1"
    sentence = "The organization has no member type {asked} for this; it has: {known}."


def change(organization: Organization, wanted: ChangeSettings) -> Outcome[Organization, Event, Organization]:
    """The organization with some settings changed; an event only if something is different."""
    return _changed(organization, wanted.given)


def define_member_type(organization: Organization, wanted: OfMemberType) -> Outcome[Organization, Event, Organization]:
    """The organization with one more type for new members (MEM-1), or with a retired one back."""
    defined, retired = organization.member_types, organization.retired_member_types
    if wanted.member_type not in defined:
        defined = (*defined, wanted.member_type)
    retired = tuple(each for each in retired if each != wanted.member_type)
    return _changed(organization, {"member_types": defined, "retired_member_types": retired})


def retire_member_type(
    organization: Organization, wanted: OfMemberType, in_use: Collection[str]
) -> Outcome[Organization, Event, Organization]:
    """The organization without a type for new members (MEM-1); also one that was never defined and is only in use.

    Args:
        in_use: the type, if somebody is of it.

    Raises:
        UnknownMemberType: if it was never defined and nobody is of it.
    """
    defined, retired = organization.member_types, organization.retired_member_types
    known = {*defined, *retired, *in_use}
    if wanted.member_type not in known:
        raise UnknownMemberType(asked=wanted.member_type, known=sorted(known))
    defined = tuple(each for each in defined if each != wanted.member_type)
    if wanted.member_type not in retired:
        retired = (*retired, wanted.member_type)
    return _changed(organization, {"member_types": defined, "retired_member_types": retired})


def _changed(organization: Organization, settings: Mapping[str, Any]) -> Outcome[Organization, Event, Organization]:
    different = {name: value for name, value in settings.items() if getattr(organization, name) != value}
    if not different:
        return Outcome(organization, (), organization)
    changed = evolve(organization, **different, version=organization.version + 1)
    event = OrganizationChanged(organization=organization.id, fields=tuple(sorted(different)))
    return Outcome(changed, (event,), changed)


def open_studio(wanted: OpenStudio) -> Outcome[Studio, Event, Studio]:
    """A new studio."""
    studio = Studio(code=wanted.code, zone=wanted.zone, name=wanted.name)
    return Outcome(studio, (StudioOpened(studio=studio.code),), studio)
