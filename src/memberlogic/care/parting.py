"""CARE-8, CARE-16: what Member Care does in the transaction in which contracts are sold or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.care import assigning
from memberlogic.care.assigning import CHOSEN, Assignment
from memberlogic.care.choosing import Chosen, choose, had_one_before
from memberlogic.care.configurations import Configuration
from memberlogic.care.events import CareAssignmentSkipped
from memberlogic.care.gathering import CareDesk
from memberlogic.care.keeping import posted
from memberlogic.care.pausing import repaused
from memberlogic.care.ports import CareWork
from memberlogic.contracts.checking_in import VisitUndone
from memberlogic.contracts.model import Contract
from memberlogic.contracts.parts import Heard, Sale
from memberlogic.ids import CareRunId, MemberId
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import Member, MemberState
from memberlogic.organizations.model import Tier

__all__ = ["CareOfContracts"]

ANONYMISED = "member.anonymised"


@frozen
class CareOfContracts:
    """The ports ``SalePart``, ``MembershipPart`` and ``Subscriber``."""

    desk: CareDesk

    def sold(self, uow: CareWork, _: Actor, sale: Sale) -> None:
        """Assign the flow that the contract chooses to everybody on it."""
        if not self.desk.organization.tier.covers(Tier.PRO):
            return
        configuration = uow.care_configurations.active_at(sale.contract.studio.code)
        if configuration is None:
            return
        today = local_day(uow.now, sale.contract.studio.zone)
        members = uow.members.several(_on(sale.contract, today))
        for member in members.values():
            self._assign(uow, sale, configuration, member)

    def _assign(self, uow: CareWork, sale: Sale, configuration: Configuration, member: Member) -> None:
        stored = self.desk.held(uow, member.id)
        running = stored is not None and self.desk.settled(uow, stored).run.active
        earlier = had_one_before(member.id, sale.others.values())
        chosen = choose(sale.kind, sale.contract, configuration, earlier=earlier, running=running)
        if not isinstance(chosen, Chosen):
            return
        flow = uow.care_flows.get(chosen.flow)
        spans = sale.spans.get(member.id, ())
        facts = self.desk.assigning(uow, member, flow, sale.contract.studio, spans, restart=True)
        refusal = CHOSEN.first(facts)
        if member.state is MemberState.ANONYMISED:
            refusal = None
            reason: str | None = ANONYMISED
        else:
            reason = None if refusal is None else refusal.code
        if reason is not None:
            event = CareAssignmentSkipped(
                members=(member.id,),
                contract=sale.contract.id,
                rate=sale.contract.rate.rate,
                flow=chosen.flow,
                reason=reason,
                missing={} if refusal is None else refusal.details,
            )
            uow.put([event])
            return
        how = Assignment(id=CareRunId(self.desk.new_id()), by=chosen.by, contract=sale.contract.id)
        self.desk.keep(uow, assigning.begin(facts, how).facts)

    def written(self, uow: CareWork, _: Actor, spans: Mapping[MemberId, Sequence[MembershipSpan]]) -> None:
        """Settle what runs for these people by what was known, then let time stand still by what is known now."""
        for member, run in uow.care_runs.held(sorted(spans)).items():
            (lapsing,) = self.desk.lapsing([run])
            advanced = self.desk.settled(uow, lapsing)
            after = repaused(advanced.run, spans[member], uow.now) if advanced.run.active else advanced.run
            self.desk.keep(uow, posted(lapsing, evolve(advanced, run=after), uow.now))

    def happened(self, uow: CareWork, _: Actor, events: Sequence[Heard]) -> None:
        """A visit that was undone may have put something off: what waits for no visit is due to be looked at again, as
        the history tells of it from now on (CARE-2).
        """
        undone = {member for each in events if isinstance(each.event, VisitUndone) for member in each.event.members}
        for run in uow.care_runs.held(sorted(undone)).values() if undone else ():
            (lapsing,) = self.desk.lapsing([run])
            advanced = self.desk.settled(uow, lapsing)
            written = posted(lapsing, evolve(advanced, run=evolve(advanced.run, effective_at=uow.now)), uow.now)
            changes = tuple(evolve(each, next_change=uow.now) for each in written.changes if each.run.active)
            self.desk.keep(uow, evolve(written, changes=changes or written.changes))


def _on(contract: Contract, today: date) -> Sequence[MemberId]:
    """Everybody on a contract who has not left it."""
    return sorted({each.member for each in contract.coverage if each.until is None or each.until > today})
