"""CON-15: what is told at the door of a contract that is not simply active: of an open one always, of one that is over
only where the member has no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from memberlogic.calendar import local_day
from memberlogic.contracts.model import FINAL, Contract, ContractStatus
from memberlogic.contracts.notices import Notice, Severity, days
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.serving import Entitlement
from memberlogic.contracts.spanning import spans
from memberlogic.errors import JSON
from memberlogic.ids import MemberId

__all__ = ["ending", "standing"]


def standing(contract: Contract, given: Entitlement) -> Sequence[Notice]:
    """What is told of an open contract on a day: a freeze to everybody on it, what is owed, when it begins."""
    about: dict[str, JSON] = {"contract": str(contract.id)}
    match given.status:
        case ContractStatus.FROZEN:
            frozen = Course.of(contract).frozen_on(given.on)
            assert frozen is not None, "a freeze covers the day"
            return (_notice("frozen", Severity.WARNING, about | days(frozen.since, frozen.until)),)
        case ContractStatus.ON_HOLD:
            fee = contract.fee
            assert fee is not None, "something is owed"
            owed: dict[str, JSON] = {"owed": contract.owed_on(given.on), "currency": fee.currency}
            return (_notice("on_hold", Severity.BLOCKING, about | owed),)
        case ContractStatus.PENDING:
            return (_notice("pending", Severity.BLOCKING, about | {"start_on": contract.start_on.isoformat()}),)
        case ContractStatus.ACTIVE | ContractStatus.CANCELLED | ContractStatus.EXPIRED:
            return ()


def ending(contracts: Iterable[Contract], member: MemberId, at: datetime) -> Sequence[Notice]:
    """How the last of a member's contracts ended, where none is open; nothing if there never was one."""
    found = [each for contract in contracts for each in _endings(contract, member, local_day(at, contract.studio.zone))]
    last = max(found, key=lambda each: each[:2], default=None)
    return () if last is None else (last[2],)


def _endings(contract: Contract, member: MemberId, day: date) -> Iterable[tuple[date, str, Notice]]:
    over = next((each for each in spans(Course.of(contract)) if each.status in FINAL), None)
    about: dict[str, JSON] = {"contract": str(contract.id)}
    for coverage in (each for each in contract.coverage if each.member == member):
        if over is not None and over.since <= day and over.since in coverage:
            said = about | {"on": over.since.isoformat()}
            if over.status is ContractStatus.CANCELLED and contract.cancellation is not None:
                said |= {"reason": contract.cancellation.reason}
            yield over.since, str(contract.id), _notice(over.status.value, Severity.WARNING, said)
        elif coverage.until is not None and coverage.since < coverage.until <= day:
            said = about | {"on": coverage.until.isoformat()}
            yield coverage.until, str(contract.id), _notice("left", Severity.WARNING, said)


def _notice(name: str, severity: Severity, parameters: dict[str, JSON]) -> Notice:
    return Notice(code=f"checkin.{name}", severity=severity, parameters=parameters)
