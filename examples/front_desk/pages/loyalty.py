"""The loyalty side of a profile: balance, scheme, how far to the next, what expires, the last entries with reasons."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import frozen
from examples.front_desk.asking import Asked
from examples.front_desk.words import after, day, money, word

from memberlogic import Metric
from memberlogic.ids import AccountId
from memberlogic.ledger.reading import Balance
from memberlogic.ledger.stating import Expiring, StatementLine
from memberlogic.loyalty.foreseeing import Progress
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.reporting import NoProgression

__all__ = ["AccountShown", "shown"]

_ENTRIES, _LOOKED_BACK = 5, timedelta(days=365)


@frozen(kw_only=True)
class AccountShown:
    """An account with its club."""

    account: Account
    club: Club
    balance: Balance
    progress: Progress | None
    expiring: tuple[Expiring, ...]
    entries: tuple[StatementLine, ...]

    @property
    def scheme(self) -> str:
        """What its scheme is called."""
        return self._name(self.account.scheme)

    def _name(self, code: str) -> str:
        return next((each.name for each in self.club.schemes if each.code == code), code)

    @property
    def steps(self) -> tuple[str, ...]:
        """How far it is, in sentences."""
        progress = self.progress
        if progress is None:
            return ()
        said = [f"{self._counted(progress.measured)} counted so far."]
        if progress.next is not None:
            coming = progress.next
            said.append(f"{self._counted(coming.missing)} more for {self._name(coming.scheme)}.")
        if progress.keep is not None:
            keep = progress.keep
            said.append(
                f"Falls to {self._name(keep.falls_to)} on {day(keep.falls_on)} unless {self._counted(keep.missing)} "
                f"more come by {day(keep.last_day)}."
            )
        return tuple(said)

    def _counted(self, figure: int) -> str:
        assert self.progress is not None
        metric = self.progress.metric
        return money(figure, self.club.currency) if metric is Metric.MONEY_SPENT else f"{figure} {word(metric)}"


def shown(asked: Asked, accounts: tuple[AccountId, ...]) -> tuple[AccountShown, ...]:
    """What a member holds."""
    return tuple(_shown(asked, each) for each in accounts)


def _shown(asked: Asked, id: AccountId) -> AccountShown:
    loyalty, ledger = asked.org.loyalty, asked.org.ledger
    account = loyalty.account(id)
    club, today = loyalty.club(account.club), asked.desk.today
    return AccountShown(
        account=account,
        club=club,
        balance=ledger.balance(id),
        progress=_progress(asked, id),
        expiring=ledger.expiring(id).days,
        entries=_entries(asked, id, today),
    )


def _progress(asked: Asked, id: AccountId) -> Progress | None:
    try:
        return asked.org.loyalty.progress(id)
    except NoProgression:
        return None


def _entries(asked: Asked, id: AccountId, today: date) -> tuple[StatementLine, ...]:
    """The latest first."""
    statement = asked.org.ledger.statement(id, since=today - _LOOKED_BACK, until=after(after(today)))
    return statement.lines[::-1][:_ENTRIES]
