"""CARE-17: one call tells what runs, what it waits for and until when, or why nothing runs: as data and as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.calendar import first_day_before, local_day
from memberlogic.care.advancing import Advanced
from memberlogic.care.answers import because, sentence
from memberlogic.care.choosing import Chosen, NothingChosen, choose, had_one_before
from memberlogic.care.configurations import Configuration
from memberlogic.care.events import CareAssignmentSkipped
from memberlogic.care.explaining_messages import of_messages
from memberlogic.care.explaining_runs import of_end, of_run
from memberlogic.care.foreseeing import MessageFacts, foresee
from memberlogic.care.model import Run
from memberlogic.care.telling import RunTold
from memberlogic.contracts.model import CancellationKind, Contract
from memberlogic.contracts.parts import SaleKind
from memberlogic.ids import CareRunId, MemberId
from memberlogic.inputs import an_id, code, optional
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import MemberState
from memberlogic.organizations.model import Organization, Studio, Tier
from memberlogic.outcomes import Because, Explanation

__all__ = ["CareExplained", "ExplainCare", "ExplainFacts", "Sold", "explain"]


@frozen(kw_only=True)
class ExplainCare:
    """What runs for a member, or why nothing does; at a studio, or at their home studio."""

    member: MemberId = field(validator=an_id)
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))


@frozen(kw_only=True)
class CareExplained:
    """What runs for a member and what it waits for, or why nothing runs.

    Args:
        studio: the one of which it is told what may be assigned there; None if none is known.
        run: the active run as it is now; None if nothing runs.
        answers: everything there is to say, what decides first; each with a code of ``care.answers.ANSWERS``.
    """

    member: MemberId
    studio: str | None
    run: RunTold | None
    answers: tuple[Because, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the answers, in their order."""
        return tuple(each.code for each in self.answers)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Each answer as a sentence."""
        return tuple(sentence(each) for each in self.answers)

    def explain(self) -> Explanation:
        """All of it as one text, and as data."""
        return Explanation(" ".join(self.sentences), self.answers)


@frozen(kw_only=True)
class Sold:
    """The newest contract of a member, as far as it concerns what it assigned.

    Args:
        configuration: the one that is active at its studio now.
        at: when it was drafted; None if that is not in the member's history.
        joined: the day on which the member came onto it, where that was after it was drafted.
        skipped: that it could not assign what it would have, and when.
        ended_after: runs that were over only after it was drafted, be it at the same instant.
    """

    contract: Contract
    configuration: Configuration | None
    at: datetime | None
    joined: date | None
    skipped: tuple[datetime, CareAssignmentSkipped] | None
    ended_after: Collection[CareRunId] = frozenset()


@frozen(kw_only=True)
class ExplainFacts:
    """What is looked at to explain.

    Args:
        stored: the active run as it is stored, ``advanced`` the same settled to now; None if none is active.
        others: every other run of the member, the latest first.
        contracts: every contract that the member is or was on, in order of their ids.
        studio: where staff acts, with the ``configuration`` that is active there.
        by_hand: how many flows of its manual list may be assigned to the member now; asked where nothing runs.
    """

    organization: Organization
    messages: MessageFacts
    advanced: Advanced | None
    told: RunTold | None
    others: Sequence[Run]
    spans: Sequence[MembershipSpan]
    contracts: Sequence[Contract]
    sold: Sold | None
    studio: Studio | None
    configuration: Configuration | None
    by_hand: int | None
    now: datetime

    @property
    def active(self) -> Run | None:
        """What still runs, settled to now."""
        return self.advanced.run if self.advanced is not None and self.advanced.run.active else None

    @property
    def runs(self) -> Sequence[Run]:
        """Every run, settled to now."""
        return [*([] if self.advanced is None else [self.advanced.run]), *self.others]


def explain(facts: ExplainFacts) -> CareExplained:
    """Everything there is to say of a member's care."""
    active = facts.active
    return CareExplained(
        member=facts.messages.member.id,
        studio=None if facts.studio is None else facts.studio.code,
        run=None if active is None else facts.told,
        answers=_once([*_of_organization(facts), *(_nothing(facts) if active is None else _running(facts, active))]),
    )


def _once(answers: Sequence[Because]) -> tuple[Because, ...]:
    """What is said twice, as of the studio of a contract and of the one that is asked for, is said once."""
    return tuple(each for place, each in enumerate(answers) if each not in answers[:place])


def _of_organization(facts: ExplainFacts) -> Iterator[Because]:
    organization = facts.organization
    if not organization.tier.covers(Tier.PRO):
        lapse = next((each for each in organization.tier_lapses if each.until is None), None)
        since = None if lapse is None else local_day(lapse.since, organization.zone).isoformat()
        yield because("care.no_tier", since=since)
    if facts.messages.member.state is MemberState.ANONYMISED:
        yield because("care.member_anonymised")


def _running(facts: ExplainFacts, run: Run) -> Iterator[Because]:
    assert facts.advanced is not None
    yield from of_run(run, facts.advanced.heard, facts.spans, facts.contracts, facts.now)
    yield from _behind(facts)
    yield from _of_messages(facts, run)
    yield from (of_end(each, facts.runs) for each in facts.others if each.ended is not None and each.ended.by == run.id)
    yield from _sold(facts)


def _of_messages(facts: ExplainFacts, run: Run) -> Iterator[Because]:
    return of_messages(run, facts.messages, foresee(facts.messages, facts.runs, facts.advanced, facts.now), facts.now)


def _behind(facts: ExplainFacts) -> Iterator[Because]:
    if facts.advanced is not None and facts.advanced.events:
        at = facts.advanced.events[0].effective_at
        day = local_day(at, facts.advanced.run.studio.zone).isoformat()
        yield because("care.jobs_behind", since=day, messages=len(facts.advanced.messages) or None)


def _nothing(facts: ExplainFacts) -> Iterator[Because]:
    yield because("care.nothing_runs")
    yield from _last_end(facts)
    yield from _behind(facts)
    if not facts.contracts:
        yield because("care.no_contract")
    yield from _sold(facts)
    yield from _by_hand(facts)


def _last_end(facts: ExplainFacts) -> Iterator[Because]:
    ended = [(each.ended.at, each) for each in facts.runs if each.ended is not None]
    if ended:
        last = max(ended, key=lambda each: (each[0], each[1].id))[1]
        yield of_end(last, facts.runs)
        yield from _of_messages(facts, last)


def _by_hand(facts: ExplainFacts) -> Iterator[Because]:
    """What staff may assign there."""
    if facts.studio is None:
        yield because("care.no_studio")
    elif facts.configuration is None:
        yield because("care.no_configuration", studio=facts.studio.code)
    elif _takes_none(facts):
        return
    elif facts.by_hand:
        yield because("care.may_be_assigned", studio=facts.studio.code, flows=facts.by_hand)
    else:
        yield because("care.none_by_hand", studio=facts.studio.code)


def _takes_none(facts: ExplainFacts) -> bool:
    """Whether nothing can be assigned at all, as was said before: without the tier, and to somebody anonymised."""
    anonymised = facts.messages.member.state is MemberState.ANONYMISED
    return anonymised or not facts.organization.tier.covers(Tier.PRO)


def _sold(facts: ExplainFacts) -> Iterator[Because]:
    """Why the newest contract assigned nothing, if it did not."""
    sold = facts.sold
    if sold is None or any(each.contract == sold.contract.id for each in facts.runs):
        return
    if sold.skipped is not None:
        at, event = sold.skipped
        yield because(
            "care.assignment_skipped",
            contract=str(event.contract),
            flow=None if event.flow is None else str(event.flow),
            reason=event.reason,
            missing=dict(event.missing) or None,
            said=event.said,
            on=local_day(at, sold.contract.studio.zone).isoformat(),
        )
        return
    yield from _not_chosen(facts, sold)


def _not_chosen(facts: ExplainFacts, sold: Sold) -> Iterator[Because]:
    contract, zone = sold.contract, sold.contract.studio.zone
    named = {"contract": str(contract.id)}
    on = contract.signed_on.isoformat() if sold.at is None else local_day(sold.at, zone).isoformat()
    if sold.at is not None and _had_no_tier(facts.organization, sold.at):
        yield because("care.no_tier_then", **named, on=on)
        return
    if sold.joined is not None:
        yield because("care.joined_later", **named, on=sold.joined.isoformat())
        return
    if (unpaid := _unpaid_switch(facts, contract)) is not None:
        yield unpaid
        return
    if contract.predecessor is not None:
        yield because("care.contract_follows", **named)
    if contract.begins_on is not None:
        # A transfer: no rate was sold.
        return
    yield from _by_choice(facts, sold, on)


def _unpaid_switch(facts: ExplainFacts, contract: Contract) -> Because | None:
    """What keeps a contract from following by a switch: its fee, which is awaited or was never paid."""
    filed = contract.cancellation
    if contract.predecessor is None or filed is None or filed.kind is not CancellationKind.LAPSED:
        return None
    named, ends = {"contract": str(contract.id)}, filed.effective_on
    if local_day(facts.now, contract.studio.zone) >= ends:
        return because("care.switch_lapsed", **named, on=ends.isoformat())
    return because("care.switch_unpaid", **named, until=first_day_before(ends).isoformat())


def _had_no_tier(organization: Organization, instant: datetime) -> bool:
    lapses = organization.tier_lapses
    return any(each.since <= instant and (each.until is None or instant < each.until) for each in lapses)


def _by_choice(facts: ExplainFacts, sold: Sold, on: str) -> Iterator[Because]:
    """What the rules say of it by the configuration that is active now."""
    contract, member = sold.contract, facts.messages.member.id
    before = [each for each in facts.contracts if each.id < contract.id]
    day = contract.signed_on if sold.at is None else local_day(sold.at, contract.studio.zone)
    earlier = had_one_before(member, before, day)
    ran = next((each for each in facts.runs if sold.at is not None and _ran_at(each, sold, sold.at)), None)
    chosen = choose(
        SaleKind.DRAFTED if contract.predecessor is None else SaleKind.SWITCHED,
        contract,
        sold.configuration,
        earlier=earlier,
        running=ran is not None,
    )
    named, studio = {"contract": str(contract.id)}, contract.studio.code
    if chosen is NothingChosen.NO_CONFIGURATION:
        yield because("care.no_configuration", studio=studio)
        return
    if isinstance(chosen, Chosen):
        yield because("care.configured_later", **named, flow=str(chosen.flow), on=on)
        return
    yield because("care.no_flow_for_rate", **named, studio=studio, rate=str(contract.rate.rate))
    if chosen is NothingChosen.NOT_FIRST:
        yield because("care.not_first_contract", **named)
    elif chosen is NothingChosen.NO_DEFAULT:
        yield because("care.no_default_flow", studio=studio)
        if earlier:
            yield because("care.not_first_contract", **named)
    elif chosen is NothingChosen.RUNNING and ran is not None:
        yield because("care.another_ran", **named, run=str(ran.id))


def _ran_at(run: Run, sold: Sold, at: datetime) -> bool:
    """Whether a run was active when a contract was drafted. Within one instant, what was recorded first was first."""
    began = run.assigned_at < at or (run.assigned_at == at and run.id < sold.contract.id)
    over = run.ended is not None and (run.ended.at < at or (run.ended.at == at and run.id not in sold.ended_after))
    return began and not over
