"""CARE-9: the home studio is the one on the record: it is set when a contract is drafted that is the newest open one of
somebody on it. A transfer, a switch and whoever comes onto a contract later change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from memberlogic.calendar import local_day
from memberlogic.contracts.model import FINAL, Contract
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.spanning import status
from memberlogic.ids import MemberId
from memberlogic.members.homing import at_home

__all__ = ["newest_of", "settle_in"]


def settle_in(uow: ContractsWork, facts: Sequence[Changed], others: Iterable[Contract]) -> None:
    """Queue the home studio of everybody of whom a new contract is the newest open one."""
    known = tuple(others)
    for new in (each.contract for each in facts if each.drafted):
        whose = newest_of(new, known, uow.now)
        outcome = at_home(uow.people.several(whose), whose, new.studio.code)
        uow.people.change(outcome.facts)
        uow.put(outcome.events)


def newest_of(new: Contract, others: Iterable[Contract], now: datetime) -> Sequence[MemberId]:
    """Those of whom a contract is the one signed last of all that are open; of a day, the one drafted last."""
    if not _open(new, now):
        return ()
    later = {
        member for each in others if each.signed_on > new.signed_on and _open(each, now) for member in each.members
    }
    return [each for each in sorted(set(new.members)) if each not in later]


def _open(contract: Contract, now: datetime) -> bool:
    return status(contract, local_day(now, contract.studio.zone)) not in (None, *FINAL)
