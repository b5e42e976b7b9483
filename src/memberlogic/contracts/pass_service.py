"""What a host calls to issue visitor passes (CON-15).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from memberlogic.actors import Actor
from memberlogic.contracts import attending, issuing
from memberlogic.contracts.issuing import EndPass, IssuePass, OfPass
from memberlogic.contracts.passes import PassKind, VisitorPass
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.services import EVERYTHING, Usable
from memberlogic.contracts.suspending import OfMember
from memberlogic.ids import ExternalId, MemberId, PassId
from memberlogic.members.lifecycle import require_present
from memberlogic.members.registering import ByExternalId
from memberlogic.running import Asks, Runner

__all__ = ["PassService"]

ISSUE_PASS = Asks("contracts.issue_pass", "members.passes:create", VisitorPass)
END_PASS = Asks("contracts.end_pass", "members.passes:update", VisitorPass)
VISITOR_PASS = Asks("contracts.visitor_pass", "members.passes:read", VisitorPass)
FIND_PASS = Asks("contracts.find_pass", "members.passes:read", VisitorPass)
PASSES = Asks("contracts.passes", "members.passes:read", tuple[VisitorPass, ...])


class PassService:
    """Visitor passes."""

    _runner: Runner[ContractsWork]

    def issue_pass(
        self,
        member: MemberId,
        kind: PassKind,
        *,
        since: date | None = None,
        until: date | None = None,
        visits: int | None = None,
        studios: Sequence[str] = (),
        services: Usable = EVERYTHING,
        host: MemberId | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> VisitorPass:
        """Let somebody in without a contract. They have a member record by then, and the pass makes no member of them.

        Args:
            since: the first day, inclusive; the organization's today if left out.
            until: the first day after it; the day after the first if left out: a pass for one day.
            visits: how often they may come; as often as they like if left out.
            studios: where, by the studios' codes; everywhere if none is named.
            services: what for; everything if left out.
            host: whose guest they are, for a guest pass; a member at the moment.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such member, host or studio.
            RuleViolation: if the days are in no order, or a guest has no host who is a member.
            Duplicate: if an external id is taken.
        """
        wanted = IssuePass(
            member=member,
            kind=kind,
            since=since,
            until=until,
            visits=visits,
            studios=studios,
            services=services,
            host=host,
            external_ids=external_ids,
        )
        return self._runner.run(ISSUE_PASS, wanted, idempotency_key, self.issue_pass_step)

    def issue_pass_step(self, uow: ContractsWork, _: Actor, wanted: IssuePass) -> VisitorPass:
        """Issuing, inside a unit of work."""
        require_present(uow.members.all_locked(wanted.people).values(), "have a pass")
        attending.require_studios(uow, wanted.studios)
        host, id = attending.host_of(uow, wanted), PassId(self._runner.new_id())
        outcome = issuing.issue_pass(wanted, host, self._runner.organization, id, uow.now)
        uow.external_ids.add("pass", id, wanted.external_ids)
        uow.passes.add(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def end_pass(self, visitor_pass: PassId, *, reason: str, idempotency_key: str | None = None) -> VisitorPass:
        """Take a visitor pass back, for a reason code: it lets nobody in from now on.

        Raises:
            NotFound: if there is no such pass.
            PassAlreadyEnded: if it was taken back before.
        """
        wanted = EndPass(visitor_pass=visitor_pass, reason=reason)
        return self._runner.run(END_PASS, wanted, idempotency_key, self.end_pass_step)

    def end_pass_step(self, uow: ContractsWork, _: Actor, wanted: EndPass) -> VisitorPass:
        """Taking back, inside a unit of work."""
        outcome = issuing.end_pass(attending.pass_held(uow, wanted.visitor_pass), wanted, uow.now)
        uow.passes.change((outcome.facts,))
        uow.put(outcome.events)
        return outcome.result

    def visitor_pass(self, visitor_pass: PassId) -> VisitorPass:
        """One visitor pass. Raises ``NotFound``."""
        return self._runner.ask(VISITOR_PASS, OfPass(visitor_pass=visitor_pass), self.visitor_pass_step)

    def visitor_pass_step(self, uow: ContractsWork, _: Actor, wanted: OfPass) -> VisitorPass:
        """Looking up, inside a unit of work."""
        return uow.passes.get(wanted.visitor_pass)

    def find_pass(self, source: str, value: str) -> VisitorPass:
        """The visitor pass with an external id (COM-19). Raises ``NotFound``."""
        return self._runner.ask(FIND_PASS, ByExternalId(source=source, value=value), self.find_pass_step)

    def find_pass_step(self, uow: ContractsWork, _: Actor, wanted: ByExternalId) -> VisitorPass:
        """Looking up by external id, inside a unit of work."""
        return uow.passes.get(PassId(uow.external_ids.find("pass", ExternalId(wanted.source, wanted.value))))

    def passes(self, member: MemberId) -> tuple[VisitorPass, ...]:
        """Every visitor pass of a person, in the order in which they were issued. Raises ``NotFound``."""
        return self._runner.ask(PASSES, OfMember(member=member), self.passes_step)

    def passes_step(self, uow: ContractsWork, _: Actor, wanted: OfMember) -> tuple[VisitorPass, ...]:
        """Listing, inside a unit of work."""
        return tuple(uow.passes.of(uow.members.get(wanted.member).id))
