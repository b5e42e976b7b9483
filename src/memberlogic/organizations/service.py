"""What a host calls to keep an organization's settings and its studios."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from memberlogic.actors import Actor
from memberlogic.organizations import changing
from memberlogic.organizations.changing import ChangeSettings, OfMemberType, OfStudio, OpenStudio
from memberlogic.organizations.model import Organization, Studio
from memberlogic.organizations.ports import OrganizationsWork
from memberlogic.organizations.quieting import QuietHours
from memberlogic.running import Asks, Runner

__all__ = ["SettingsService"]

GET = Asks("settings.get", "settings.organization:read", Organization)
DEFINE_MEMBER_TYPE = Asks("settings.define_member_type", "settings.member_types:create", Organization)
RETIRE_MEMBER_TYPE = Asks("settings.retire_member_type", "settings.member_types:delete", Organization)
CHANGE = Asks("settings.change", "settings.organization:update", Organization)
OPEN_STUDIO = Asks("settings.open_studio", "settings.studios:create", Studio)
STUDIO = Asks("settings.studio", "settings.studios:read", Studio)
STUDIOS = Asks("settings.studios", "settings.studios:read", tuple[Studio, ...])


class SettingsService:
    """The settings of the organization that the handle is open for."""

    def __init__(self, runner: Runner[OrganizationsWork]) -> None:
        self._runner = runner

    def get(self) -> Organization:
        """The organization as it is now."""
        return self._runner.ask(GET, None, self.get_step)

    def get_step(self, uow: OrganizationsWork, _: Actor, __: None) -> Organization:
        """Looking up, inside a unit of work."""
        return uow.organizations.get(self._runner.organization.id)[0]

    def change(
        self,
        *,
        name: str | None = None,
        cancellation_reasons: Sequence[str] | None = None,
        draft_days: int | None = None,
        unverified_may_spend: bool | None = None,
        unverified_may_get_marketing: bool | None = None,
        phone_region: str | None = None,
        verify_changed_contacts: bool | None = None,
        second_scan_minutes: int | None = None,
        kept_sources: Sequence[str] | None = None,
        quiet_hours: QuietHours | None = None,
        care_message_limit_days: int | None = None,
        clear: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> Organization:
        """Change the settings that are given; the others stay. Handles that are opened afterwards go by them.

        Args:
            kept_sources: the sources whose external ids stay when a member is anonymised (MEM-9), as other systems
                still need them; a person can be known by what stays.
            quiet_hours: between which local times members are not disturbed (ENG-16), by the clocks where each lives.
            care_message_limit_days: after how many whole days a care message that could not be sent is not sent.
            clear: the names of settings that are none from now on: ``["quiet_hours"]``, ``["phone_region"]``.

        Raises:
            InvalidInput: naming the setting.
        """
        wanted = ChangeSettings(
            name=name,
            cancellation_reasons=cancellation_reasons,
            draft_days=draft_days,
            unverified_may_spend=unverified_may_spend,
            unverified_may_get_marketing=unverified_may_get_marketing,
            phone_region=phone_region,
            verify_changed_contacts=verify_changed_contacts,
            second_scan_minutes=second_scan_minutes,
            kept_sources=kept_sources,
            quiet_hours=quiet_hours,
            care_message_limit_days=care_message_limit_days,
            clear=clear,
        )
        return self._runner.run(CHANGE, wanted, idempotency_key, self.change_step)

    def change_step(self, uow: OrganizationsWork, _: Actor, wanted: ChangeSettings) -> Organization:
        """Changing, inside a unit of work."""
        outcome = changing.change(uow.organizations.locked(), wanted)
        uow.organizations.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def define_member_type(self, member_type: str, *, idempotency_key: str | None = None) -> Organization:
        """One more type of which new members can be (MEM-1), and which clubs can take; a retired one comes back. As
        long as nothing is said, there are ``customer`` and ``staff``. Handles that are opened afterwards go by it.

        Raises:
            InvalidInput: for what is no code.
        """
        wanted = OfMemberType(member_type=member_type)
        return self._runner.run(DEFINE_MEMBER_TYPE, wanted, idempotency_key, self.define_member_type_step)

    def define_member_type_step(self, uow: OrganizationsWork, _: Actor, wanted: OfMemberType) -> Organization:
        """Defining a type, inside a unit of work."""
        outcome = changing.define_member_type(uow.organizations.locked(), wanted)
        uow.organizations.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def retire_member_type(self, member_type: str, *, idempotency_key: str | None = None) -> Organization:
        """Nobody new is of a type any more (MEM-1). Whoever is of it stays so, and clubs that take it go on taking
        them. Handles that are opened afterwards go by it.

        Raises:
            InvalidInput: for what is no code.
            UnknownMemberType: if it was never defined and nobody is of it.
        """
        wanted = OfMemberType(member_type=member_type)
        return self._runner.run(RETIRE_MEMBER_TYPE, wanted, idempotency_key, self.retire_member_type_step)

    def retire_member_type_step(self, uow: OrganizationsWork, _: Actor, wanted: OfMemberType) -> Organization:
        """Retiring a type, inside a unit of work."""
        outcome = changing.retire_member_type(
            uow.organizations.locked(), wanted, uow.members.in_use([wanted.member_type])
        )
        uow.organizations.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def open_studio(self, *, code: str, name: str, zone: ZoneInfo, idempotency_key: str | None = None) -> Studio:
        """Open a studio. Its zone stays as it is: the days of contracts and check-ins hang on it (COM-3).

        Raises:
            InvalidInput: naming the field.
            Duplicate: if there is a studio with this code.
        """
        wanted = OpenStudio(code=code, name=name, zone=zone)
        return self._runner.run(OPEN_STUDIO, wanted, idempotency_key, self.open_studio_step)

    def open_studio_step(self, uow: OrganizationsWork, _: Actor, wanted: OpenStudio) -> Studio:
        """Opening a studio, inside a unit of work."""
        outcome = changing.open_studio(wanted)
        uow.studios.add(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def studio(self, code: str) -> Studio:
        """One studio by its code. Raises ``NotFound``."""
        return self._runner.ask(STUDIO, OfStudio(code=code), self.studio_step)

    def studio_step(self, uow: OrganizationsWork, _: Actor, wanted: OfStudio) -> Studio:
        """Looking a studio up, inside a unit of work."""
        return uow.studios.get(wanted.code)

    def studios(self) -> tuple[Studio, ...]:
        """Every studio, in order of their codes."""
        return self._runner.ask(STUDIOS, None, self.studios_step)

    def studios_step(self, uow: OrganizationsWork, _: Actor, __: None) -> tuple[Studio, ...]:
        """Listing studios, inside a unit of work."""
        return tuple(uow.studios.all())
