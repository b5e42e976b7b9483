"""What a host calls for its care tool (CARE-13): the work list, and what staff does with an action.
:class:`~memberlogic.care.service.CareService` is one of these.
"""

from __future__ import annotations

from datetime import date

from memberlogic.actors import Actor
from memberlogic.care import handing_over, noting, surveying, working
from memberlogic.care.flows import Surface
from memberlogic.care.gathering import CareDesk
from memberlogic.care.handing_over import ActionsReassigned, HandOver
from memberlogic.care.ports import CareWork
from memberlogic.care.telling import OfRun
from memberlogic.care.work_list import ActionNotes, PageOfWork, WorkKey, WorkPage
from memberlogic.care.working import (
    ActionWorked,
    CompleteAction,
    Given,
    PostponeAction,
    ReassignAction,
    SkipAction,
    TakeAction,
)
from memberlogic.ids import CareRunId, CareStepId
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["ToolService"]

WORK_LIST = Asks("care.work_list", "members.care:read", WorkPage, tier=Tier.PRO)
ACTION_NOTES = Asks("care.action_notes", "members.care:read", ActionNotes, tier=Tier.PRO)
TAKE = Asks("care.take", "members.care:update", ActionWorked, tier=Tier.PRO)
REASSIGN = Asks("care.reassign", "members.care:update", ActionWorked, tier=Tier.PRO)
REASSIGN_ALL = Asks("care.reassign_all", "members.care:update", ActionsReassigned, tier=Tier.PRO)
COMPLETE = Asks("care.complete", "members.care:update", ActionWorked, tier=Tier.PRO)
SKIP = Asks("care.skip", "members.care:update", ActionWorked, tier=Tier.PRO)
POSTPONE = Asks("care.postpone", "members.care:update", ActionWorked, tier=Tier.PRO)


class ToolService:
    """The care tool."""

    _runner: Runner[CareWork]
    desk: CareDesk

    def work_list(
        self,
        *,
        surface: Surface | None = Surface.CARE_TOOL,
        assignee: str | None = None,
        competence: str | None = None,
        studio: str | None = None,
        overdue: bool | None = None,
        after: WorkKey | None = None,
        size: int = 100,
    ) -> WorkPage:
        """The next open actions of all members, by the day on which they are to be done (CARE-13), as they are now:
        also those that came about by waiting and that nobody wrote down yet. Those of a run that is paused are among
        them, and say so.

        Args:
            surface: those of the care tool, if left out; conversations that are shown at check-in are found there
                (CARE-12). None for all.
            assignee: what one employee has.
            competence: what is open to whoever has a competence: what somebody has is found by ``assignee``; with both,
                what is for the competence of all that one employee has.
            overdue: True for what should have been done on a day that is over, False for the rest.
            after: the ``last`` of the page before.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such studio.
        """
        wanted = PageOfWork(
            surface=surface,
            assignee=assignee,
            competence=competence,
            studio=studio,
            overdue=overdue,
            after=after,
            size=size,
        )
        return self._runner.ask(WORK_LIST, wanted, self.work_list_step)

    def work_list_step(self, uow: CareWork, _: Actor, wanted: PageOfWork) -> WorkPage:
        """Listing open actions, inside a unit of work."""
        return surveying.work(self.desk, uow, wanted)

    def action_notes(self, run: CareRunId) -> ActionNotes:
        """What staff noted of the actions of a run, as far as it was not erased. Raises ``NotFound``."""
        return self._runner.ask(ACTION_NOTES, OfRun(run=run), self.action_notes_step)

    def action_notes_step(self, uow: CareWork, _: Actor, wanted: OfRun) -> ActionNotes:
        """Looking notes up, inside a unit of work."""
        return surveying.noted(uow, uow.care_runs.get(wanted.run))

    def take(
        self, step: CareStepId, *, employee: str | None = None, idempotency_key: str | None = None
    ) -> ActionWorked:
        """Take an open action that nobody has: by whoever acts, or for an employee of the catalogue. Taking one's own
        changes nothing. Nobody is asked for the competence that it is for; the action keeps it.

        Raises:
            InvalidInput: naming the field; ``employee``, if none is named and it is no staff who acts.
            NotFound: if there is no such action.
            IllegalTransition: if it is not open.
            RuleViolation: if the employee is not in the catalogue or not in use, or another one has the action.
        """
        return self._runner.run(TAKE, TakeAction(step=step, employee=employee), idempotency_key, self.take_step)

    def take_step(self, uow: CareWork, actor: Actor, wanted: TakeAction) -> ActionWorked:
        """Taking an action, inside a unit of work."""
        facts = surveying.at_hand(self.desk, uow, wanted.step, employee=wanted.employee)
        outcome = working.take(facts, working.taker(actor, wanted))
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def reassign(
        self,
        step: CareStepId,
        *,
        employee: str | None = None,
        competence: str | None = None,
        everybody: bool = False,
        idempotency_key: str | None = None,
    ) -> ActionWorked:
        """Give an open action to an employee, or to whoever has a competence. Without either it is taken from whoever
        has it, and is open to the competence that it is for, or to everybody if it is for none.

        Args:
            competence: it is for this one from now on. An employee who gets it is not asked for theirs: a competence
                says for whom an action is meant, and whoever helps out may do it.
            everybody: whether it is for no competence from now on, and for no employee.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such action.
            IllegalTransition: if it is not open.
            RuleViolation: if the employee or competence is not in the catalogue or not in use.
        """
        wanted = ReassignAction(step=step, employee=employee, competence=competence, everybody=everybody)
        return self._runner.run(REASSIGN, wanted, idempotency_key, self.reassign_step)

    def reassign_step(self, uow: CareWork, _: Actor, wanted: ReassignAction) -> ActionWorked:
        """Reassigning an action, inside a unit of work."""
        facts = surveying.at_hand(self.desk, uow, wanted.step, employee=wanted.employee, competence=wanted.competence)
        outcome = working.give(facts, Given(wanted.employee, wanted.competence, everybody=wanted.everybody))
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def reassign_all(
        self, employee: str, *, to: str, size: int = 200, idempotency_key: str | None = None
    ) -> ActionsReassigned:
        """Give every open action that one employee has to another, as when somebody is absent: wherever it is shown,
        those of paused runs too. Milestones that have not started stay with whom the flow says.

        Args:
            size: in how many runs at most. Call it again while the answer says that there is ``more``: what was given
                is not given twice, so it can be stopped and run again at any time.

        Raises:
            InvalidInput: naming the field.
            RuleViolation: if the other employee is not in the catalogue or not in use.
        """
        wanted = HandOver(employee=employee, to=to, size=size)
        return self._runner.run(REASSIGN_ALL, wanted, idempotency_key, self.reassign_all_step)

    def reassign_all_step(self, uow: CareWork, _: Actor, wanted: HandOver) -> ActionsReassigned:
        """Reassigning all of somebody's actions, inside a unit of work."""
        outcome = handing_over.hand_over(surveying.to_hand_over(self.desk, uow, wanted))
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def complete(
        self, step: CareStepId, *, outcome: str, note: str | None = None, idempotency_key: str | None = None
    ) -> ActionWorked:
        """An open action was done. What follows counts from now, or from the day on which time goes on, where its run
        is paused; with the last action the run is completed. Of two who complete it at once one is refused.

        Args:
            outcome: what came of it, as a code of the host's.
            note: about it. It is kept apart, and erased with the member.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such action.
            IllegalTransition: if it is not open.
        """
        wanted = CompleteAction(step=step, outcome=outcome, note=note)
        return self._runner.run(COMPLETE, wanted, idempotency_key, self.complete_step)

    def complete_step(self, uow: CareWork, _: Actor, wanted: CompleteAction) -> ActionWorked:
        """Completing an action, inside a unit of work."""
        facts = surveying.at_hand(self.desk, uow, wanted.step)
        note = noting.note(uow, facts.run.member, wanted.note, self._runner.new_id)
        outcome = working.complete(facts, wanted, note, self._runner.new_id)
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def skip(self, step: CareStepId, *, reason: str, idempotency_key: str | None = None) -> ActionWorked:
        """An open action is not going to be done; what follows counts as if it were.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such action.
            IllegalTransition: if it is not open.
        """
        return self._runner.run(SKIP, SkipAction(step=step, reason=reason), idempotency_key, self.skip_step)

    def skip_step(self, uow: CareWork, _: Actor, wanted: SkipAction) -> ActionWorked:
        """Skipping an action, inside a unit of work."""
        outcome = working.skip(surveying.at_hand(self.desk, uow, wanted.step), wanted, self._runner.new_id)
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def postpone(self, step: CareStepId, *, to: date, idempotency_key: str | None = None) -> ActionWorked:
        """An open action is to be done on another day, today or later where the studio is. It is overdue, and counts as
        completed by itself, by that day.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such action.
            IllegalTransition: if it is not open.
            RuleViolation: for a day that is over.
        """
        return self._runner.run(POSTPONE, PostponeAction(step=step, to=to), idempotency_key, self.postpone_step)

    def postpone_step(self, uow: CareWork, _: Actor, wanted: PostponeAction) -> ActionWorked:
        """Postponing an action, inside a unit of work."""
        outcome = working.postpone(surveying.at_hand(self.desk, uow, wanted.step), wanted.to)
        self.desk.keep(uow, outcome.facts)
        return outcome.result
