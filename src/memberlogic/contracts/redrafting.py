"""CON-4: somebody who left comes back: a new contract like the one that ended, on the rate as it is sold now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.calendar import first_day_before, local_day
from memberlogic.contracts.drafting import Draft
from memberlogic.contracts.lifecycle import require_taken, status_on
from memberlogic.contracts.model import FINAL, FOLLOWED, IN_FORCE, Contract
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans
from memberlogic.errors import RuleViolation
from memberlogic.ids import ContractId, ExternalId, MemberId
from memberlogic.inputs import a_day, an_id, as_tuple, optional, sequence_of
from memberlogic.members.model import Member, MemberState

__all__ = ["Redraft", "as_it_ended"]


@frozen(kw_only=True)
class Redraft:
    """A contract like one that ended; signed today and beginning on the day of signing where nothing else is said."""

    contract: ContractId = field(validator=an_id)
    start_on: date | None = field(default=None, validator=optional(a_day))
    signed_on: date | None = field(default=None, validator=optional(a_day))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


class ContractGoesOn(RuleViolation):
    """Another contract followed: it can be sold again when that one has ended."""

    code = "contract.goes_on"
    rule = "CON-4"
    sentence = "The contract did not end: {successor} follows it."


class NeverTookOver(RuleViolation):
    """A switch or transfer that lapsed or was taken back: nobody was ever on what was to follow."""

    code = "contract.never_took_over"
    rule = "CON-4"
    sentence = "The contract was to follow {predecessor} and never did; it is that one that can be drafted again."


def as_it_ended(contract: Contract, members: Mapping[MemberId, Member], wanted: Redraft, now: datetime) -> Draft:
    """What is to be drafted: the rate and the studio on the last day of a contract, and whoever had not left by then.
    The contract that ended is not touched. Who was covered and has been anonymised is left out; the holder stays.

    Raises:
        IllegalTransition: if it has not ended.
        ContractGoesOn: if another contract follows it.
        NeverTookOver: if it was to follow another and never did.
    """
    course = Course.of(contract)
    require_taken(status_on(course, local_day(now, contract.studio.zone)), "redraft")
    if contract.cancellation is not None and contract.cancellation.kind in FOLLOWED:
        raise ContractGoesOn(successor=str(contract.successor))
    if contract.predecessor is not None and not any(each.status in IN_FORCE for each in spans(course)):
        raise NeverTookOver(predecessor=str(contract.predecessor))
    over = next(each.since for each in spans(course) if each.status in FINAL)
    last_day = max(first_day_before(over), contract.signed_on)
    holder, *beside = contract.covered_on(last_day)
    return Draft(
        holder=holder.member,
        rate=course.rate_on(last_day).rate,
        studio=contract.studio.code,
        signed_on=wanted.signed_on,
        start_on=wanted.start_on,
        covered=[each.member for each in beside if members[each.member].state is not MemberState.ANONYMISED],
        external_ids=wanted.external_ids,
    )
