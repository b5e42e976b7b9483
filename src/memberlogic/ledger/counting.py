"""PTS-16, PTS-17: what is counted of a club, now or as it was known at a past instant: sums of the database, however
many accounts there are; and the few wallets in which something that nobody had written down settles debt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from memberlogic.ids import NewId
from memberlogic.ledger import recalling, settling
from memberlogic.ledger.model import Wallet, WalletId
from memberlogic.ledger.outstanding import OfClubsUnit, OutstandingFacts
from memberlogic.ledger.ports import LedgerWork

__all__ = ["counted", "recalled"]


def counted(uow: LedgerWork, wanted: OfClubsUnit, new_id: NewId) -> OutstandingFacts:
    """What is outstanding is made from.

    Raises:
        InvalidInput: for an ``as_of`` after now.
        NotFound: if there is no such club or unit.
    """
    recalling.must_have_passed(wanted.as_of, uow.now)
    return _now(uow, wanted, new_id) if wanted.as_of is None else _then(uow, wanted, wanted.as_of, new_id)


def recalled(uow: LedgerWork, wallet: Wallet, at: datetime) -> Wallet:
    """A wallet by what was recorded by an instant, not settled to it."""
    sums = uow.statements
    total = sums.before(wallet.id, at + timedelta(microseconds=1), at).known
    return recalling.recalled(wallet, sums.lots(wallet.id, at), total, sums.holds(wallet.id, at), at)


def _now(uow: LedgerWork, wanted: OfClubsUnit, new_id: NewId) -> OutstandingFacts:
    club, unit, sums = wanted.club, wanted.unit, uow.statements
    terms = sums.terms(club, unit)
    owing = uow.wallets.viewing(sums.owing(club, unit, uow.now))
    return OutstandingFacts(
        wanted=wanted,
        terms=terms,
        kinds=sums.kinds(club, unit),
        free=sums.free(club, unit, uow.now),
        debt=sums.debt(club, unit),
        pending=sums.pending(club, unit, uow.now),
        owing=owing,
        unwritten=settling.settle_all(owing, uow.now, new_id).events,
    )


def _then(uow: LedgerWork, wanted: OfClubsUnit, at: datetime, new_id: NewId) -> OutstandingFacts:
    club, unit, sums = wanted.club, wanted.unit, uow.statements
    terms = sums.terms(club, unit)
    kinds, left = sums.kinds(club, unit, at), sums.left(club, unit, at)
    owing = _owing(uow, sums.owed(club, unit, at), at)
    return OutstandingFacts(
        wanted=wanted,
        terms=terms,
        kinds=kinds,
        free=[(until, remaining - held) for until, remaining, held in left],
        debt=sum(remaining for _, remaining, _ in left) - sum(each.points for each in kinds),
        pending=sums.waited(club, unit, at),
        owing=owing,
        unwritten=settling.settle_all(owing, at, new_id).events,
    )


def _owing(uow: LedgerWork, wallets: Sequence[WalletId], at: datetime) -> Sequence[Wallet]:
    return [recalled(uow, wallet, at) for wallet in uow.wallets.viewing(wallets)]
