"""What a host calls to know where accounts stand among schemes. :class:`~memberlogic.loyalty.service.LoyaltyService` is
one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.ids import AccountId, ClubId
from memberlogic.ledger.counting import counted
from memberlogic.ledger.model import Wallet, WalletId
from memberlogic.ledger.outstanding import OfClubsUnit, outstanding
from memberlogic.ledger.settling import Settle
from memberlogic.loyalty import changing, closing, foreseeing, moving, opening, reporting, trying, valuing
from memberlogic.loyalty.foreseeing import Progress
from memberlogic.loyalty.gathering import candidates
from memberlogic.loyalty.model import Account
from memberlogic.loyalty.moving import Moved, MoveScheme, MovingFacts
from memberlogic.loyalty.opening import OfAccount, OfClub
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progression import Pin, SchemeChange
from memberlogic.loyalty.reporting import (
    AccountsByScheme,
    Closest,
    ClosestTo,
    Migration,
    MigrationOf,
    OnDay,
    SchemeHistory,
)
from memberlogic.loyalty.reviewing_at_once import Reviewed, ReviewTogether, review_at_once
from memberlogic.loyalty.settling import AccountsSettled, due_in, settle_accounts, settle_reviewing, settled, write
from memberlogic.loyalty.trying import DryRun, TryReviews
from memberlogic.loyalty.valuing import Liability, LiabilityOf
from memberlogic.organizations.model import Feature
from memberlogic.running import Asks, Runner

__all__ = ["SchemeService"]

SETTLE = Asks("loyalty.settle", "jobs:update", AccountsSettled)
REVIEW = Asks("loyalty.review_together", "jobs:update", Reviewed)
MOVE_SCHEME = Asks("loyalty.move_scheme", "members.schemes:update", Moved, Feature.LOYALTY)
PROGRESS = Asks("loyalty.progress", "members.accounts:read", Progress, Feature.LOYALTY)
DRY_RUN = Asks("loyalty.dry_run", "reports.loyalty:read", DryRun, Feature.LOYALTY)
SCHEME_ON = Asks("loyalty.scheme_on", "members.accounts:read", str, Feature.LOYALTY)
SCHEME_HISTORY = Asks("loyalty.scheme_history", "members.accounts:read", SchemeHistory, Feature.LOYALTY)
ACCOUNTS_BY_SCHEME = Asks("loyalty.accounts_by_scheme", "reports.loyalty:read", AccountsByScheme, Feature.LOYALTY)
MIGRATION = Asks("loyalty.migration", "reports.loyalty:read", Migration, Feature.LOYALTY)
LIABILITY = Asks("loyalty.liability", "reports.points:read", Liability, Feature.LOYALTY)
CLOSEST = Asks("loyalty.closest", "reports.loyalty:read", Closest, Feature.LOYALTY)


class SchemeService:
    """Accounts among the schemes of their clubs. Every answer counts in the reviews that are due, run or not."""

    def __init__(self, runner: Runner[LoyaltyWork]) -> None:
        self._runner = runner

    def settle(
        self, wallets: Sequence[WalletId], *, as_of: datetime | None = None, idempotency_key: str | None = None
    ) -> AccountsSettled:
        """Write down what fell due in these wallets, and the reviews of their accounts that did (SCH-6), and nobody
        touched: what any later command would write first. Done twice, or by two at once, it writes nothing more.

        Args:
            as_of: only what was due by then (inclusive); everything due by now if left out.

        Raises:
            InvalidInput: for no wallet, one twice, or a naive ``as_of``.
            NotFound: if there is no such account.
        """
        wanted = Settle(wallets=wallets, as_of=as_of)
        return self._runner.run(SETTLE, wanted, idempotency_key, self.settle_step)

    def settle_step(self, uow: LoyaltyWork, _: Actor, wanted: Settle) -> AccountsSettled:
        """Settling, inside a unit of work."""
        return settle_accounts(uow, wanted.moves, self._runner.new_id, wanted.until(uow.now))

    def review_together(
        self,
        club: ClubId,
        *,
        due: datetime,
        as_of: datetime | None = None,
        after: AccountId | None = None,
        limit: int = 500,
        idempotency_key: str | None = None,
    ) -> Reviewed:
        """Hold the reviews of a club's accounts that fell due at one instant (SCH-6), of those accounts for which
        nothing else is due: a page of them all at once. What is left alone is for :meth:`settle`: accounts that missed
        another review, that a pin or a grace holds or that get a grace; and every account of a club that looks at more
        of them than their scheme and one window.

        Args:
            due: the instant, as the jobs' agenda has it.
            as_of: nothing else may be due by then (inclusive); by now if left out.
            after: the last account of the page before; the first page if left out.
            limit: how many accounts a page has, 1 to 1,000.

        Raises:
            InvalidInput: for a naive instant, or a limit beyond its range.
            NotFound: if there is no such club.
        """
        wanted = ReviewTogether(club=club, due=due, as_of=as_of, after=after, limit=limit)
        return self._runner.run(REVIEW, wanted, idempotency_key, self.review_together_step)

    def review_together_step(self, uow: LoyaltyWork, _: Actor, wanted: ReviewTogether) -> Reviewed:
        """Reviewing a page, inside a unit of work."""
        reviewed, moved = review_at_once(uow, wanted, self._runner.new_id)
        write(uow, moved, self._runner.new_id)
        return reviewed

    def move_scheme(
        self,
        account: AccountId,
        scheme: str,
        *,
        reason: str,
        pin: Pin | None = None,
        idempotency_key: str | None = None,
    ) -> Moved:
        """Move an account to a scheme by hand, for a reason code, and pin it there if asked (SCH-7). Without a pin
        nothing takes it lower until the end of the minimum stay or the next yearly review, whichever the club has; in a
        club that has neither, the next review decides.

        Args:
            pin: what it keeps from happening by itself, until which business day of the club (not included).

        Raises:
            InvalidInput: for a reason that is no code, or a pin that is none.
            NotFound: if there is no such account.
            RuleViolation: the first of a closed account, a scheme the club does not have, a pin that is over.
        """
        wanted = MoveScheme(account=account, scheme=scheme, reason=reason, pin=pin)
        return self._runner.run(MOVE_SCHEME, wanted, idempotency_key, self.move_scheme_step)

    def move_scheme_step(self, uow: LoyaltyWork, actor: Actor, wanted: MoveScheme) -> Moved:
        """Moving an account, inside a unit of work."""
        facts, wallets = self._moving_facts(uow, wanted)
        outcome = moving.move(facts, actor, self._runner.new_id)
        uow.wallets.post([moving.in_wallet(wallet, outcome.facts.account) for wallet in wallets], ())
        write(uow, (outcome.facts,), self._runner.new_id)
        return outcome.result

    def _moving_facts(self, uow: LoyaltyWork, wanted: MoveScheme) -> tuple[MovingFacts, Sequence[Wallet]]:
        """The account, locked and settled, with what its purchases come to, and its wallets."""
        stored = uow.accounts.locked(wanted.account)
        club = uow.clubs.get(stored.club)
        settled, after = settle_reviewing(uow, closing.moves(stored, club), self._runner.new_id)
        account = after.get(stored.id, stored)
        totals = uow.measures.daily((account.id,), moving.moved_since(club, account, uow.now))
        facts = MovingFacts(wanted=wanted, account=account, club=club, totals=tuple(totals[account.id]), now=uow.now)
        return facts, settled.facts

    def progress(self, account: AccountId) -> Progress:
        """How far an account is (SCH-9): what is counted, what is still needed for the next scheme, what is needed to
        keep this one and by when, or where it will fall; as things stand, if nothing more is bought.

        Raises:
            NotFound: if there is no such account, or a member asks who does not hold it.
            NoProgression: if the club counts nothing for its schemes.
        """
        return self._runner.ask(PROGRESS, OfAccount(account=account), self.progress_step)

    def progress_step(self, uow: LoyaltyWork, actor: Actor, wanted: OfAccount) -> Progress:
        """Looking ahead, inside a unit of work."""
        stored = opening.reachable(uow.accounts.get(wanted.account), actor)
        account, _ = self._now(uow, stored)
        club = uow.clubs.get(account.club)
        totals = uow.measures.daily((account.id,), foreseeing.foreseen_since(club, account, uow.now))
        return foreseeing.progress(club, account, totals[account.id], uow.now)

    def dry_run(
        self, club: ClubId, *, thresholds: Mapping[str, int] | None = None, as_of: date | None = None
    ) -> DryRun:
        """Who would go where in the reviews to come, with the club's thresholds or with others, if nothing more is
        bought (SCH-10). Nothing is changed.

        Args:
            thresholds: by scheme code; a scheme that is not named keeps its own.
            as_of: every review that falls due by the start of this business day of the club, which is to come; the
                next review of each account if left out.

        Raises:
            InvalidInput: for thresholds that do not begin at 0 and rise or name no scheme of the club, or a day that is
                not to come.
            NotFound: if there is no such club.
            NoProgression: if the club counts nothing for its schemes.
        """
        wanted = TryReviews(club=club, thresholds=thresholds, as_of=as_of)
        return self._runner.ask(DRY_RUN, wanted, self.dry_run_step)

    def dry_run_step(self, uow: LoyaltyWork, _: Actor, wanted: TryReviews) -> DryRun:
        """Trying reviews, inside a unit of work."""
        trial = wanted.of(uow.clubs.get(wanted.club), uow.now)
        accounts = uow.schemes.everyone(wanted.club)
        totals = uow.measures.of_club(wanted.club, trying.tried_since(trial, accounts))
        return trying.dry_run(trial, accounts, totals)

    def scheme_on(self, account: AccountId, day: date) -> str:
        """The code of the scheme in which an account ended a business day of its club, or stands now if it is today
        (SCH-8).

        Raises:
            InvalidInput: for a day before the account was opened, or one that is still to come.
            NotFound: if there is no such account, or a member asks who does not hold it.
        """
        return self._runner.ask(SCHEME_ON, OnDay(account=account, day=day), self.scheme_on_step)

    def scheme_on_step(self, uow: LoyaltyWork, actor: Actor, wanted: OnDay) -> str:
        """Looking a scheme up, inside a unit of work."""
        account, changes = self._history(uow, actor, wanted.account)
        return changing.scheme_on(account, uow.clubs.get(account.club), changes, wanted.day, uow.now)

    def scheme_history(self, account: AccountId) -> SchemeHistory:
        """The scheme of an account now, since when, its next review, and every change that led there, with what
        decided it (SCH-8). Raises ``NotFound``, also for a member who does not hold the account.
        """
        return self._runner.ask(SCHEME_HISTORY, OfAccount(account=account), self.scheme_history_step)

    def scheme_history_step(self, uow: LoyaltyWork, actor: Actor, wanted: OfAccount) -> SchemeHistory:
        """Reading a history, inside a unit of work."""
        account, changes = self._history(uow, actor, wanted.account)
        return reporting.history(account, changes)

    def accounts_by_scheme(self, club: ClubId) -> AccountsByScheme:
        """How many accounts that are not closed are in each scheme of a club, in rank order. Raises ``NotFound``."""
        return self._runner.ask(ACCOUNTS_BY_SCHEME, OfClub(club=club), self.accounts_by_scheme_step)

    def accounts_by_scheme_step(self, uow: LoyaltyWork, _: Actor, wanted: OfClub) -> AccountsByScheme:
        """Counting accounts, inside a unit of work."""
        club = uow.clubs.get(wanted.club)
        due = due_in(uow, club.id, uow.now, self._runner.new_id)
        return reporting.by_scheme(club, uow.schemes.counted(club.id), due)

    def migration(self, club: ClubId, since: date, until: date) -> Migration:
        """Who went from which scheme to which, month by month, over the business days from ``since`` to before
        ``until`` (SCH-8).

        Raises:
            InvalidInput: if ``until`` is before ``since``.
            NotFound: if there is no such club.
        """
        wanted = MigrationOf(club=club, since=since, until=until)
        return self._runner.ask(MIGRATION, wanted, self.migration_step)

    def migration_step(self, uow: LoyaltyWork, _: Actor, wanted: MigrationOf) -> Migration:
        """Counting changes, inside a unit of work."""
        club = uow.clubs.get(wanted.club)
        due = due_in(uow, club.id, uow.now, self._runner.new_id)
        return reporting.migration(wanted, club, uow.schemes.migrated(club.id, wanted.days), due)

    def liability(self, club: ClubId, *, as_of: datetime | None = None) -> Liability:
        """What a club owes its members (PTS-17): outstanding points and their money value, what expires in which month,
        breakage so far; now, or at a past instant as it was known then.

        Raises:
            InvalidInput: for an ``as_of`` that is naive or after now.
            NotFound: if there is no such club.
        """
        return self._runner.ask(LIABILITY, LiabilityOf(club=club, as_of=as_of), self.liability_step)

    def liability_step(self, uow: LoyaltyWork, _: Actor, wanted: LiabilityOf) -> Liability:
        """Valuing, inside a unit of work."""
        facts = counted(uow, OfClubsUnit(club=wanted.club, as_of=wanted.as_of), self._runner.new_id)
        return valuing.liability(uow.clubs.get(wanted.club), outstanding(facts, wanted.as_of or uow.now))

    def closest(self, club: ClubId, scheme: str, limit: int = 20) -> Closest:
        """The open accounts below a scheme that miss the least of its threshold, over the window that a review
        tomorrow would use; accounts with nothing in it are left out.

        Raises:
            NotFound: if there is no such club.
            SchemeUnknown: if the club has no such scheme.
            NoProgression: if the club counts nothing for its schemes.
        """
        return self._runner.ask(CLOSEST, ClosestTo(club=club, scheme=scheme, limit=limit), self.closest_step)

    def closest_step(self, uow: LoyaltyWork, _: Actor, wanted: ClosestTo) -> Closest:
        """Finding the closest accounts, inside a unit of work."""
        facts = reporting.ClosestFacts.of(wanted, uow.clubs.get(wanted.club), uow.now)
        due = {before.id: after.account for before, after in due_in(uow, wanted.club, uow.now, self._runner.new_id)}
        return reporting.closest(facts, *candidates(uow, facts, due))

    def _history(self, uow: LoyaltyWork, actor: Actor, id: AccountId) -> tuple[Account, Sequence[SchemeChange]]:
        """An account as it is now, and its changes."""
        stored = opening.reachable(uow.accounts.get(id), actor)
        account, due = self._now(uow, stored)
        return account, (*uow.schemes.changes(id), *due)

    def _now(self, uow: LoyaltyWork, account: Account) -> tuple[Account, Sequence[SchemeChange]]:
        """An account after the reviews that are due, in memory, and what they came to."""
        due = settled(uow, (account,), uow.now, self._runner.new_id)
        return (due[0].account, due[0].changes) if due else (account, ())
