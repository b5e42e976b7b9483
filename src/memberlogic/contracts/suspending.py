"""CON-14: suspensions: no access for a while, for a reason: by one contract (arrears) or for a member (a house ban).
They lie beside the status: terms run on, and freezes do not see them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts.model import Contract
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.suspensions import Suspension
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ContractId, MemberId, SuspensionId
from memberlogic.inputs import a_day, an_id, code, optional
from memberlogic.organizations.model import Organization
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "ENDING",
    "ContractSuspended",
    "EndSuspension",
    "MemberSuspended",
    "OfMember",
    "SuspendContract",
    "SuspendMember",
    "SuspensionEnded",
    "end_suspension",
    "held",
    "suspend_contract",
    "suspend_member",
]


@frozen(kw_only=True)
class _Suspend:
    reason: str = field(validator=code("a reason"))
    since: date | None = field(default=None, validator=optional(a_day))
    until: date | None = field(default=None, validator=optional(a_day))

    def __attrs_post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())


@frozen(kw_only=True)
class SuspendContract(_Suspend):
    """No access by one contract: from today, and without an end, where no days are given."""

    contract: ContractId = field(validator=an_id)


@frozen(kw_only=True)
class SuspendMember(_Suspend):
    """No access for a member, by whatever contract or pass."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class EndSuspension:
    """Give access again from a day on; from today, where none is given."""

    suspension: SuspensionId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class OfMember:
    """What is known of a member."""

    member: MemberId = field(validator=an_id)


@frozen(kw_only=True)
class ContractSuspended(Event):
    """A contract gives no access for a while."""

    type: ClassVar[str] = "contract.suspended"
    contract: ContractId
    suspension: SuspensionId
    reason: str
    since: date
    until: date | None


@frozen(kw_only=True)
class MemberSuspended(Event):
    """A member has no access for a while."""

    type: ClassVar[str] = "member.suspended"
    member: MemberId
    suspension: SuspensionId
    reason: str
    since: date
    until: date | None


@frozen(kw_only=True)
class SuspensionEnded(Event):
    """A suspension ends earlier than it was filed; ``on`` is the first day with access again."""

    type: ClassVar[str] = "suspension.ended"
    suspension: SuspensionId
    contract: ContractId | None
    member: MemberId | None
    on: date


class SuspensionWithoutDays(RuleViolation):
    """It would be for no day."""

    code = "suspension.without_days"
    rule = "CON-14"
    sentence = "The suspension would begin on {since} and end before {until}."


class SuspensionEndsLater(RuleViolation):
    """It is over by then."""

    code = "suspension.over_by_then"
    rule = "CON-14"
    sentence = "The suspension ends on {end} anyway; it can be ended earlier than that."


class AccessInThePast(RuleViolation):
    """Whoever was kept out was kept out."""

    code = "suspension.ends_in_the_past"
    rule = "CON-14"
    sentence = "The suspension would end on {on}, before today, {today}."


@frozen(kw_only=True)
class EndingFacts:
    """What the rules of ending look at."""

    suspension: Suspension
    on: date
    today: date


@policy("CON-14", "A suspension is ended from today on, or later.")
def must_not_end_in_the_past(e: EndingFacts) -> MemberLogicError | None:
    """What was is not changed."""
    if e.on >= e.today:
        return None
    return AccessInThePast(on=e.on.isoformat(), today=e.today.isoformat())


@policy("CON-14", "A suspension is ended earlier than it ends by itself.")
def must_be_earlier(e: EndingFacts) -> MemberLogicError | None:
    """Extending one is filing another."""
    end = e.suspension.end
    return None if end is None or e.on < end else SuspensionEndsLater(end=end.isoformat())


ENDING: Policies[EndingFacts] = Policies(must_not_end_in_the_past, must_be_earlier)


def suspend_contract(
    contract: Contract, wanted: SuspendContract, id: SuspensionId, now: datetime
) -> Outcome[Suspension, Event, Suspension]:
    """A contract gives no access; today is its studio's.

    Raises:
        SuspensionWithoutDays: if it would end before it begins.
    """
    since = wanted.since or local_day(now, contract.studio.zone)
    filed = _filed(wanted, since, id, now, contract=contract.id)
    event = ContractSuspended(
        members=contract.members,
        contract=contract.id,
        suspension=id,
        reason=filed.reason,
        since=since,
        until=filed.until,
    )
    return Outcome(filed, (event,), filed)


def suspend_member(
    wanted: SuspendMember, organization: Organization, id: SuspensionId, now: datetime
) -> Outcome[Suspension, Event, Suspension]:
    """A member has no access anywhere; today is the organization's.

    Raises:
        SuspensionWithoutDays: if it would end before it begins.
    """
    since = wanted.since or local_day(now, organization.zone)
    filed = _filed(wanted, since, id, now, member=wanted.member)
    event = MemberSuspended(
        members=(wanted.member,),
        member=wanted.member,
        suspension=id,
        reason=filed.reason,
        since=since,
        until=filed.until,
    )
    return Outcome(filed, (event,), filed)


def _filed(
    wanted: _Suspend,
    since: date,
    id: SuspensionId,
    now: datetime,
    *,
    member: MemberId | None = None,
    contract: ContractId | None = None,
) -> Suspension:
    if wanted.until is not None and wanted.until <= since:
        raise SuspensionWithoutDays(since=since.isoformat(), until=wanted.until.isoformat())
    return Suspension(
        id=id,
        member=member,
        contract=contract,
        since=since,
        until=wanted.until,
        reason=wanted.reason,
        filed_at=now,
    )


def end_suspension(
    suspension: Suspension, contract: Contract | None, organization: Organization, wanted: EndSuspension, now: datetime
) -> Outcome[Suspension, Event, Suspension]:
    """Access again from a day on; a suspension that has not begun by then never does.

    Args:
        contract: the contract that is suspended; None if it is a member.

    Raises:
        RuleViolation: the first of :data:`ENDING` that refuses.
    """
    today = local_day(now, organization.zone if contract is None else contract.studio.zone)
    on = wanted.on or today
    ENDING.require(EndingFacts(suspension=suspension, on=on, today=today))
    ended = evolve(suspension, ended=max(on, suspension.since))
    members = contract.members if contract is not None else tuple(each for each in (suspension.member,) if each)
    event = SuspensionEnded(
        members=members,
        suspension=suspension.id,
        contract=suspension.contract,
        member=suspension.member,
        on=max(on, suspension.since),
    )
    return Outcome(ended, (event,), ended)


def held(uow: ContractsWork, id: SuspensionId) -> tuple[Suspension, Contract | None]:
    """A suspension, with whoever it keeps out locked; and its contract, if it is of one.

    Raises:
        NotFound: if there is no such suspension.
    """
    known = uow.suspensions.get(id)
    contract = None if known.contract is None else uow.contracts.held(known.contract).contract
    if known.member is not None:
        uow.members.locked(known.member)
    return uow.suspensions.get(id), contract
