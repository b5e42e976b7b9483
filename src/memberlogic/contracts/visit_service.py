"""What a host calls at the door (CON-13, CON-15).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.contracts import attending, checking_in, serving
from memberlogic.contracts.checking_in import AskNotices, CheckedIn, CheckIn, NoticesTold, UndoCheckIn
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import publish
from memberlogic.contracts.serving import OfServices, ServicesOn
from memberlogic.contracts.visits import OfVisit, OfVisits, PageOfVisits, Visit, VisitsPage, VisitTold
from memberlogic.ids import ExternalId, MemberId, VisitId
from memberlogic.members.acting import require_own
from memberlogic.members.lifecycle import present
from memberlogic.members.naming import named
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["VisitService"]

CHECK_IN = Asks("contracts.check_in", "members.visits:create", CheckedIn)
UNDO_CHECK_IN = Asks("contracts.undo_check_in", "members.visits:update", Visit)
NOTICES = Asks("contracts.notices", "members.notices:read", NoticesTold)
VISITS = Asks("contracts.visits", "members.visits:read", tuple[Visit, ...])
VISIT = Asks("contracts.visit", "members.visits:read", VisitTold)
VISITS_AT = Asks("contracts.visits_at", "reports.visits:read", VisitsPage)
SERVICES_ON = Asks("contracts.services_on", "members.contracts:read", ServicesOn)


class VisitService:
    """Who comes in, what they may use, and who came."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def check_in(
        self,
        member: MemberId | ExternalId | str,
        *,
        studio: str,
        service: str | None = None,
        at: datetime | None = None,
        override_note: str | None = None,
        idempotency_key: str | None = None,
    ) -> CheckedIn:
        """Somebody stands at the door of a studio: may they come in, and what is to be told? The visit is written down,
        also where they may not. A second scan within the organization's ``second_scan_minutes`` is the same visit.

        Args:
            member: their id, an id of the host's (:class:`ExternalId`, a card), or their support id.
            service: what they came for; to come in, if left out.
            at: when, now if left out; before now for a turnstile that was offline. Contracts count on their own
                studio's day, visits on that of this studio.
            override_note: let them in although nothing else does, with a note about why. The note is kept apart. It
                needs the permission ``members.visits.override:create``, and is kept only where it was needed.

        Raises:
            InvalidInput: naming the field; for a support id that was mistyped.
            NotFound: if there is no such member, card or studio.
            VisitToCome: if ``at`` is to come.
            PermissionDenied: if staff override without the permission.
        """
        wanted = CheckIn(member=member, studio=studio, service=service, at=at, override_note=override_note)
        return self._runner.run(CHECK_IN, wanted, idempotency_key, self.check_in_step)

    def check_in_step(self, uow: ContractsWork, actor: Actor, wanted: CheckIn) -> CheckedIn:
        """Checking in, inside a unit of work."""
        member = present(uow.members.locked(named(uow, wanted.member).id), "be checked in")
        studio, at = uow.studios.get(wanted.studio), wanted.at or uow.now
        organization = self._runner.organization
        door = attending.at_the_door(uow, organization, member, studio, wanted.service, at, self._parts.notices)
        outcome = checking_in.check_in(door, wanted, actor, uow.now, self._runner.new_id)
        attending.keep(uow, outcome.facts, outcome.events, at)
        publish(uow, actor, self._parts, outcome.events, at)
        return outcome.result

    def undo_check_in(self, visit: VisitId, *, reason: str, idempotency_key: str | None = None) -> Visit:
        """A check-in was a mistake, for a reason code: it counts no more, and a visitor pass gets its visit back. On
        the day of the visit only, which is the studio's.

        Raises:
            NotFound: if there is no such visit.
            RuleViolation: if nobody was let in, it was undone before, or it is of another day.
        """
        wanted = UndoCheckIn(visit=visit, reason=reason)
        return self._runner.run(UNDO_CHECK_IN, wanted, idempotency_key, self.undo_check_in_step)

    def undo_check_in_step(self, uow: ContractsWork, actor: Actor, wanted: UndoCheckIn) -> Visit:
        """Undoing, inside a unit of work."""
        visit = attending.visit_held(uow, wanted.visit)
        studio, visitor_pass = uow.studios.get(visit.studio), attending.pass_of(uow, visit)
        outcome = checking_in.undo_check_in(visit, visitor_pass, studio, wanted, uow.now)
        attending.keep(uow, outcome.facts, outcome.events, uow.now)
        publish(uow, actor, self._parts, outcome.events)
        return outcome.result

    def notices(self, member: MemberId | ExternalId | str, *, studio: str, service: str | None = None) -> NoticesTold:
        """What :meth:`check_in` would answer now, with nothing written down: for the desk, the till, and the member
        themself.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member, card or studio.
        """
        wanted = AskNotices(member=member, studio=studio, service=service)
        return self._runner.ask(NOTICES, wanted, self.notices_step)

    def notices_step(self, uow: ContractsWork, actor: Actor, wanted: AskNotices) -> NoticesTold:
        """Telling, inside a unit of work."""
        member = named(uow, wanted.member)
        require_own(actor, member.id)
        studio = uow.studios.get(wanted.studio)
        organization = self._runner.organization
        door = attending.at_the_door(uow, organization, member, studio, wanted.service, uow.now, self._parts.notices)
        return checking_in.tell(door)

    def visits(self, member: MemberId, *, since: date, until: date) -> tuple[Visit, ...]:
        """Everything that was written down of a member at the door on the business days ``[since, until)``, refused and
        undone ones too, in order. Raises ``NotFound``.
        """
        return self._runner.ask(VISITS, OfVisits(member=member, since=since, until=until), self.visits_step)

    def visits_step(self, uow: ContractsWork, actor: Actor, wanted: OfVisits) -> tuple[Visit, ...]:
        """Listing visits, inside a unit of work."""
        member = uow.members.get(wanted.member)
        require_own(actor, member.id)
        return tuple(uow.visits.over(member.id, wanted.days))

    def visit(self, visit: VisitId) -> VisitTold:
        """What was written down at the door once, with what staff noted when they let somebody in. Raises ``NotFound``,
        also for a member who asks for another's.
        """
        return self._runner.ask(VISIT, OfVisit(visit=visit), self.visit_step)

    def visit_step(self, uow: ContractsWork, actor: Actor, wanted: OfVisit) -> VisitTold:
        """Looking a visit up, inside a unit of work."""
        return attending.with_note(uow, attending.reachable(uow.visits.get(wanted.visit), actor))

    def visits_at(self, studio: str, *, on: date | None = None) -> Iterator[Visit]:
        """Everything that was written down at the door of a studio on a business day, refused and undone visits too,
        the latest first, read as far as it is looked at.

        Args:
            on: the studio's business day; its today if left out.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such studio.
        """

        def read(last: Visit | None) -> tuple[Visit, ...]:
            wanted = PageOfVisits(studio=studio, on=on, after=None if last is None else (last.at, last.id))
            return self._runner.ask(VISITS_AT, wanted, self.visits_at_step).visits

        return one_by_one(read)

    def visits_at_step(self, uow: ContractsWork, _: Actor, wanted: PageOfVisits) -> VisitsPage:
        """One page, inside a unit of work."""
        studio = uow.studios.get(wanted.studio)
        on = wanted.on or local_day(uow.now, studio.zone)
        return VisitsPage(tuple(uow.visits.at(studio.code, on, after=wanted.after, limit=wanted.size)))

    def services_on(self, member: MemberId, *, on: date | None = None) -> ServicesOn:
        """Which services and facilities a member may use on a day, past or future: the union over their contracts, each
        in its status of that day at its own studio; today if left out. Raises ``NotFound``.
        """
        return self._runner.ask(SERVICES_ON, OfServices(member=member, on=on), self.services_on_step)

    def services_on_step(self, uow: ContractsWork, actor: Actor, wanted: OfServices) -> ServicesOn:
        """Telling, inside a unit of work."""
        member = uow.members.get(wanted.member)
        require_own(actor, member.id)
        return serving.services_on(member.id, uow.contracts.of([member.id]).values(), wanted.on, uow.now)
