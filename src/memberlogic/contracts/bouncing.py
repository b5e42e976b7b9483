"""CON-12, CON-3: a fee of a switch that bounces before the day of the switch. The contract before goes on, and the
switch waits for its fee again. What had been filed of the contract to come is not lost with it: a cancellation holds
for the contract before, and a switch or transfer that was to follow is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from memberlogic.calendar import first_day_after, local_day
from memberlogic.contracts.cancellations import CancellationFiled
from memberlogic.contracts.handing_on import SwitchWithdrawn, TransferWithdrawn, voided
from memberlogic.contracts.model import BY_NOTICE, FOLLOWED, Cancellation, CancellationKind, Contract
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.switching import last_day_to_pay, unpaid
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId
from memberlogic.outcomes import Outcome

__all__ = ["SwitchReopened", "lapses_again", "reopened"]

R = TypeVar("R")


@frozen(kw_only=True)
class SwitchReopened(Event):
    """The fee of a switch is not paid any more: it waits for it again, and lapses on a day."""

    type: ClassVar[str] = "contract.switch_reopened"
    contract: ContractId
    successor: ContractId
    day: date
    lapses_on: date


def lapses_again(contract: Contract, others: Mapping[ContractId, Contract], now: datetime) -> Cancellation | None:
    """The end of a switch that was paid for and has not taken effect, if a payment is reversed: on the day on which it
    would have lapsed, today if that is over, or if the member cancelled. None for every other contract.
    """
    old = None if contract.predecessor is None else others.get(contract.predecessor)
    today = local_day(now, contract.studio.zone)
    if old is None or old.successor != contract.id or old.cancellation is None:
        return None
    if old.cancellation.kind is not CancellationKind.SWITCHED or today >= contract.start_on:
        return None
    filed = contract.cancellation
    if filed is not None and filed.kind not in BY_NOTICE | FOLLOWED:
        return None
    # Its day is to come: it is still the one of filing, and the contract was signed when the switch was filed.
    course = Course.of(evolve(old, cancellation=None))
    paths = (each.terms.path_to(contract.rate.rate) for each in (course.rate_on(contract.start_on), *old.rates))
    path = next((each for each in paths if each is not None and each.fee == contract.switch_fee), None)
    if path is None or path.fee is None:
        return None
    if filed is not None and filed.kind in BY_NOTICE:
        return unpaid(today, today)
    return unpaid(today, max(today, first_day_after(last_day_to_pay(path, contract.signed_on, course.expires_on))))


def reopened(
    wrong: Outcome[tuple[Changed, ...], Event | OfItself, R],
    before: Contract,
    others: Mapping[ContractId, Contract],
    now: datetime,
) -> Outcome[tuple[Changed, ...], Event | OfItself, R]:
    """A payment reversed on a contract that :func:`lapses_again`, and with it the cancellation of the one before, which
    goes on until the fee is paid again.

    Args:
        before: the contract with the payment, as it was.
    """
    (change,) = wrong.facts
    next_ = change.contract
    assert next_.predecessor is not None, "it came by a switch"
    assert next_.cancellation is not None, "it lapses again"
    gone, withdrawn = _withdrawn(before, others, now)
    if gone:
        change = evolve(change, contract=evolve(next_, successor=None))
    old = settled(others[next_.predecessor], now)
    passes = _for_the_one_before(old, before.cancellation)
    after = evolve(old.contract, cancellation=passes)
    filed: Event
    if passes is None:
        filed = SwitchReopened(
            members=after.members,
            contract=after.id,
            successor=next_.id,
            day=next_.start_on,
            lapses_on=next_.cancellation.effective_on,
        )
    else:
        filed = CancellationFiled(
            members=after.members,
            contract=after.id,
            kind=passes.kind,
            reason=passes.reason,
            received_on=passes.received_on,
            effective_on=passes.effective_on,
            replaces=None,
            note_id=passes.note,
        )
    outcome = changed(old, after, filed, wrong.result)
    return Outcome((change, *gone, *outcome.facts), (*wrong.events, *withdrawn, *outcome.events), wrong.result)


def _for_the_one_before(old: Settled, filed: Cancellation | None) -> Cancellation | None:
    """A cancellation of the contract to come, for the one before: to its day, or to the end of that one if sooner."""
    if filed is None or filed.kind not in BY_NOTICE:
        return None
    ends = Course.of(evolve(old.contract, cancellation=None)).expires_on
    return filed if ends is None else evolve(filed, effective_on=min(filed.effective_on, ends))


def _withdrawn(
    contract: Contract, others: Mapping[ContractId, Contract], now: datetime
) -> tuple[Sequence[Changed], Sequence[Event | OfItself]]:
    """What was to follow a contract that does not come: each voided."""
    gone: list[Changed] = []
    events: list[Event | OfItself] = []
    while (filed := contract.cancellation) is not None and filed.kind in FOLLOWED and contract.successor is not None:
        next_ = settled(others[contract.successor], now)
        void, announced = voided(next_)
        gone.append(void)
        called = SwitchWithdrawn if filed.kind is CancellationKind.SWITCHED else TransferWithdrawn
        day, successor = filed.effective_on, next_.contract.id
        events.append(called(members=contract.members, contract=contract.id, successor=successor, day=day))
        events += announced
        contract = next_.contract
    return gone, events
