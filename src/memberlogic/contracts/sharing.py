"""CON-11: who is on a contract: its holder and those covered beside, each from a day and until one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.contracts.drafting import AFTER_THE_FACT, CoveredTwice, CoversTooMany
from memberlogic.contracts.handing_on import handed_on
from memberlogic.contracts.lifecycle import require_taken
from memberlogic.contracts.model import FINAL, CancellationKind, Contract, ContractStatus, Coverage
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans, status
from memberlogic.errors import MemberLogicError, PermissionDenied, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, CoverageId, MemberId, NewId
from memberlogic.inputs import a_day, an_id, instance, optional
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CHANGING_HOLDER",
    "COVERING",
    "UNCOVERING",
    "ChangeHolder",
    "ContractCovered",
    "ContractLeft",
    "Cover",
    "CoverageChanged",
    "HolderChanged",
    "Uncover",
    "change_holder",
    "cover",
    "uncover",
]

Others = Mapping[ContractId, Contract]
Result = Outcome[tuple[Changed, ...], Event | OfItself, "CoverageChanged"]


@frozen(kw_only=True)
class Cover:
    """A member comes onto a contract beside its holder; today where no day is given."""

    contract: ContractId = field(validator=an_id)
    member: MemberId = field(validator=an_id)
    since: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class Uncover:
    """A covered member leaves; today where no day is given."""

    contract: ContractId = field(validator=an_id)
    member: MemberId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class ChangeHolder:
    """Somebody else holds the contract; today where no day is given."""

    contract: ContractId = field(validator=an_id)
    to: MemberId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))
    leaving: bool = field(default=False, validator=instance(bool, "true or false"))


@frozen(kw_only=True)
class ContractCovered(Event):
    """A member comes onto a contract."""

    type: ClassVar[str] = "contract.covered"
    contract: ContractId
    member: MemberId
    since: date


@frozen(kw_only=True)
class ContractLeft(Event):
    """A covered member leaves a contract; ``on`` is the first day without it."""

    type: ClassVar[str] = "contract.left"
    contract: ContractId
    member: MemberId
    on: date


@frozen(kw_only=True)
class HolderChanged(Event):
    """Another member holds a contract from a day on."""

    type: ClassVar[str] = "contract.holder_changed"
    contract: ContractId
    before: MemberId
    after: MemberId
    on: date
    leaving: bool
    """Whether the one before left the contract."""


@frozen(kw_only=True)
class CoverageChanged:
    """Who is on a contract on the day of the change, the holder first, and what the contract is today."""

    contract: ContractId
    on: date
    covered: tuple[Coverage, ...]
    status: ContractStatus

    def explain(self) -> Explanation:
        """Whose contract it is."""
        on, covered = self.on.isoformat(), len(self.covered)
        because = Because("CON-11", "contract.covers", {"on": on, "covered": covered, "status": self.status.value})
        return Explanation(f"On {on} the contract covers {covered} members, its holder included.", (because,))


@frozen(kw_only=True)
class SharingFacts:
    """What the rules look at: a member who comes, leaves or becomes the holder on a day."""

    before: Settled
    course: Course
    others: Others
    actor: Actor
    member: MemberId
    day: date
    after: tuple[Coverage, ...]
    """Who would be on the contract, and when."""

    @property
    def end(self) -> date | None:
        """The day on which the contract is over, as far as it is known."""
        return next((each.since for each in spans(self.course) if each.status in FINAL), None)


class DayOutsideContract(RuleViolation):
    """Nobody is on a contract before it was signed or after it is over."""

    code = "contract.day_outside"
    rule = "CON-11"
    sentence = "The contract runs from {first_day} until {end}; {day} lies outside."


class NotCovered(RuleViolation):
    """Whoever is not on a contract cannot leave it."""

    code = "contract.not_covered"
    rule = "CON-11"
    sentence = "The member {member} is not covered by the contract on {day}, or has left it."


class HolderCannotLeave(RuleViolation):
    """A contract has a holder."""

    code = "contract.holder_stays"
    rule = "CON-11"
    sentence = "The member {member} holds the contract: change its holder, or cancel it."


class AlreadyHolder(RuleViolation):
    """Nothing would change."""

    code = "contract.already_holder"
    rule = "CON-11"
    sentence = "The member {member} holds the contract on {day} already."


class HolderChangesLater(RuleViolation):
    """One change at a time."""

    code = "contract.holder_changes_later"
    rule = "CON-11"
    sentence = "The holder changes on {later} already; a change on {day} would come before."


@policy("CON-12", "Who is on a contract does not change while a switch of it is on file.")
def must_not_be_switched(s: SharingFacts) -> MemberLogicError | None:
    """The switch is withdrawn first: it says who is on the contract that follows."""
    filed = s.before.contract.cancellation
    if filed is not None and filed.kind is not CancellationKind.SWITCHED:
        return None
    return handed_on(s.before.contract, s.others, s.before.today)


@policy("CON-2", "What is entered after the fact needs a permission of its own.")
def past_must_be_permitted(s: SharingFacts) -> MemberLogicError | None:
    """From today on everybody may who may at all."""
    if s.day >= s.before.today or s.actor.may(AFTER_THE_FACT):
        return None
    return PermissionDenied(permission=AFTER_THE_FACT)


@policy("CON-11", "People come and go while the contract is open, from the day of signing on.")
def day_must_lie_in_the_contract(s: SharingFacts) -> MemberLogicError | None:
    """Up to the day before its end."""
    first_day = s.before.contract.first_day
    if first_day <= s.day and (s.end is None or s.day < s.end):
        return None
    end = "further notice" if s.end is None else s.end.isoformat()
    return DayOutsideContract(first_day=first_day.isoformat(), end=end, day=s.day.isoformat())


@policy("CON-11", "Everybody is on a contract once at a time.")
def must_be_on_it_once(s: SharingFacts) -> MemberLogicError | None:
    """Whoever left may come again."""
    mine = sorted((each for each in _real(s.after) if each.member == s.member), key=lambda each: each.since)
    for one, next_ in pairwise(mine):
        if one.until is None or next_.since < one.until:
            return CoveredTwice(member=str(s.member))
    return None


@policy("CON-11", "A rate covers as many members as it says, on every day on which somebody comes.")
def must_not_cover_too_many(s: SharingFacts) -> MemberLogicError | None:
    """The holder is not counted; the rate of that day says how many. Nobody has to leave because it changes."""
    beside = [each for each in _real(s.after) if not each.holder]
    for day in sorted({s.day, *(each.since for each in beside if each.since > s.day)}):
        most, asked = s.course.rate_on(day).terms.most_covered, sum(day in each for each in beside)
        if asked > most and asked > sum(day in each for each in s.before.contract.coverage if not each.holder):
            return CoversTooMany(most=most, asked=asked)
    return None


@policy("CON-11", "The holder does not leave.")
def must_not_be_the_holder(s: SharingFacts) -> MemberLogicError | None:
    """Another has to hold it first."""
    return HolderCannotLeave(member=str(s.member)) if _holder(s.before.contract).member == s.member else None


@policy("CON-11", "Whoever leaves is on the contract.")
def must_be_covered(s: SharingFacts) -> MemberLogicError | None:
    """Today or to come, and not for a day before they came; a leaving that is to come can be put on another day."""
    last = _last(s.before.contract, s.member)
    if last is not None and last.since <= s.day and (last.until is None or last.until > s.before.today):
        return None
    return NotCovered(member=str(s.member), day=s.day.isoformat())


@policy("CON-11", "Another member becomes the holder.")
def must_be_another(s: SharingFacts) -> MemberLogicError | None:
    """Nothing is changed to what it is."""
    if _holder(s.before.contract).member != s.member:
        return None
    return AlreadyHolder(member=str(s.member), day=s.day.isoformat())


@policy("CON-11", "Changes of the holder are made in the order of their days.")
def must_be_the_last_change(s: SharingFacts) -> MemberLogicError | None:
    """A change that is to come stands."""
    later = _holder(s.before.contract).since
    if later <= s.day:
        return None
    return HolderChangesLater(later=later.isoformat(), day=s.day.isoformat())


COVERING: Policies[SharingFacts] = Policies(
    past_must_be_permitted,
    day_must_lie_in_the_contract,
    must_not_be_switched,
    must_be_on_it_once,
    must_not_cover_too_many,
)
UNCOVERING: Policies[SharingFacts] = Policies(
    past_must_be_permitted,
    day_must_lie_in_the_contract,
    must_not_be_switched,
    must_not_be_the_holder,
    must_be_covered,
)
CHANGING_HOLDER: Policies[SharingFacts] = Policies(
    past_must_be_permitted,
    day_must_lie_in_the_contract,
    must_not_be_switched,
    must_be_the_last_change,
    must_be_another,
    must_be_on_it_once,
    must_not_cover_too_many,
)


def _real(coverage: tuple[Coverage, ...]) -> list[Coverage]:
    """Whoever left on the day on which they came was never on it."""
    return [each for each in coverage if each.since != each.until]


def _last(contract: Contract, member: MemberId) -> Coverage | None:
    mine = [each for each in _real(contract.coverage) if each.member == member and not each.holder]
    return max(mine, key=lambda each: each.since, default=None)


def _holder(contract: Contract) -> Coverage:
    return next(each for each in contract.coverage if each.holder and each.until is None)


def _with(contract: Contract, new: tuple[Coverage, ...], different: tuple[Coverage, ...]) -> tuple[Coverage, ...]:
    other = {each.id: each for each in different}
    return (*(other.get(each.id, each) for each in contract.coverage), *new)


def _decided(
    policies: Policies[SharingFacts],
    facts: SharingFacts,
    filed: Event,
    new: tuple[Coverage, ...],
    different: tuple[Coverage, ...],
) -> Result:
    policies.require(facts)
    after = evolve(facts.before.contract, coverage=facts.after)
    now_is = status(after, facts.before.today)
    assert now_is is not None, "it is signed"
    told = CoverageChanged(contract=after.id, on=facts.day, covered=after.covered_on(facts.day), status=now_is)
    return changed(facts.before, after, filed, told, new=new, different=different)


def cover(contract: Contract, others: Others, wanted: Cover, actor: Actor, now: datetime, new_id: NewId) -> Result:
    """A member more, beside the holder.

    Raises:
        IllegalTransition: if the contract has ended.
        MemberLogicError: the first of :data:`COVERING` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "cover")
    day = wanted.since or before.today
    new = Coverage(id=CoverageId(new_id()), member=wanted.member, holder=False, since=day)
    facts = SharingFacts(
        before=before,
        course=Course.of(before.contract),
        others=others,
        actor=actor,
        member=wanted.member,
        day=day,
        after=_with(contract, (new,), ()),
    )
    people = tuple(sorted({*contract.members, wanted.member}))
    filed = ContractCovered(members=people, contract=contract.id, member=wanted.member, since=day)
    return _decided(COVERING, facts, filed, (new,), ())


def uncover(contract: Contract, others: Others, wanted: Uncover, actor: Actor, now: datetime) -> Result:
    """A covered member leaves on a day: the first that the contract does not cover them.

    Raises:
        IllegalTransition: if the contract has ended.
        MemberLogicError: the first of :data:`UNCOVERING` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "uncover")
    day = wanted.on or before.today
    last = _last(contract, wanted.member)
    left = () if last is None else (evolve(last, until=day),)
    facts = SharingFacts(
        before=before,
        course=Course.of(before.contract),
        others=others,
        actor=actor,
        member=wanted.member,
        day=day,
        after=_with(contract, (), left),
    )
    filed = ContractLeft(members=contract.members, contract=contract.id, member=wanted.member, on=day)
    return _decided(UNCOVERING, facts, filed, (), left)


def change_holder(
    contract: Contract, others: Others, wanted: ChangeHolder, actor: Actor, now: datetime, new_id: NewId
) -> Result:
    """Another holder from a day on, who was covered until then or comes anew; the old one stays covered, or leaves.

    Raises:
        IllegalTransition: if the contract has ended.
        MemberLogicError: the first of :data:`CHANGING_HOLDER` that refuses.
    """
    before = settled(contract, now)
    require_taken(before.status, "change_holder")
    day = wanted.on or before.today
    old = _holder(contract)
    ended = [evolve(old, until=day)]
    ended += [evolve(each, until=day) for each in contract.coverage if each.member == wanted.to and day in each]
    new = [Coverage(id=CoverageId(new_id()), member=wanted.to, holder=True, since=day)]
    new += [] if wanted.leaving else [Coverage(id=CoverageId(new_id()), member=old.member, holder=False, since=day)]
    facts = SharingFacts(
        before=before,
        course=Course.of(before.contract),
        others=others,
        actor=actor,
        member=wanted.to,
        day=day,
        after=_with(contract, tuple(new), tuple(ended)),
    )
    people = tuple(sorted({*contract.members, wanted.to}))
    filed = HolderChanged(
        members=people, contract=contract.id, before=old.member, after=wanted.to, on=day, leaving=wanted.leaving
    )
    return _decided(CHANGING_HOLDER, facts, filed, tuple(new), tuple(ended))
