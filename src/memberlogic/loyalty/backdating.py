"""COM-21: an account as of the instant of a purchase that is recorded late, and what became of its scheme since.

The account's path through the schemes is walked again from that instant with the purchase counted. If nothing in its
history contradicts it, the path is written down as it would have been, each change as of its own instant: so it does
not matter when the jobs ran. If the account has changed its scheme since, what was announced stands: with the last such
change the account is raised once if it would have stood higher, and its path since is walked again. Nothing goes down
by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import first_day_after, local_day, start_of_day
from memberlogic.ids import AccountId, NewId, SchemeChangeId
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.ledger.past import Past
from memberlogic.loyalty.measuring import Tally, measure, with_purchase
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Cause, Pinned, SchemeChange, SinceChange
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.reviewing import review, reviews
from memberlogic.loyalty.scheduling import next_review, pin_without_term
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.upgrading import raised, upgrade
from memberlogic.loyalty.windowing import window_before

__all__ = ["Late", "account_at", "after_late_purchase", "counted_then", "late_in", "scheme_at", "state_at"]

_SYSTEM = Actor.system()


@frozen(kw_only=True)
class Late:
    """What has to be known beyond wallet and standing when a purchase comes late."""

    changes: tuple[SchemeChange, ...]
    """The account's history, in order."""
    past: Past = Past()  # noqa: RUF009 - frozen
    """What became of its points since; nothing where points do not pay."""


def late_in(
    wallets: Sequence[Wallet], instants: Mapping[AccountId, Sequence[datetime]]
) -> Mapping[AccountId, datetime]:
    """The accounts on which something took effect after a purchase that is still to come, by the earliest such
    purchase; ``instants`` are those of the purchases of each account in the order in which they come.
    """
    late: dict[AccountId, datetime] = {}
    for wallet in wallets:
        latest = wallet.effective_at
        for at in instants.get(wallet.id.account, ()):
            if at < latest:
                late[wallet.id.account] = min(at, late.get(wallet.id.account, at))
            else:
                latest = at
    return late


def scheme_at(account: Account, changes: Sequence[SchemeChange], at: datetime) -> str:
    """The scheme of an account at an instant, from its history: what takes effect at it is in effect."""
    later = next((each for each in changes if each.effective_at > at), None)
    return account.scheme if later is None else later.from_scheme


def state_at(account: Account, at: datetime) -> AccountState:
    """The state of an account at an instant: before the block that still stands it was open, as far as is known."""
    if account.state is AccountState.BLOCKED and account.blocked_at is not None and at < account.blocked_at:
        return AccountState.OPEN
    return account.state


def after_late_purchase(
    standing: Standing, club: Club, wallet: Wallet, late: Late, purchase: Purchase, now: datetime, new_id: NewId
) -> tuple[Standing, Wallet]:
    """The account and its wallet after a late purchase: where its path through the schemes leads with it."""
    after = evolve(standing, totals=with_purchase(standing.totals, purchase))
    history = (*late.changes, *standing.changes)
    since = [each for each in history if each.effective_at > purchase.at]
    stood = account_at(after, club, history, purchase.at)
    until = since[-1].effective_at if since else wallet.effective_at
    path, then = _path(after, club, wallet, history, stood, (purchase.at, until), now, new_id)
    if since:
        decisive = (*since, *path)[-1]
        path, then = _since_announced(after, club, wallet, history, then.scheme, decisive, now, new_id)
    if not path or club.rank(then.scheme) < club.rank(wallet.scheme):
        return after, wallet
    account = evolve(
        after.account,
        scheme=then.scheme,
        scheme_since=then.scheme_since,
        counts_from=then.counts_from,
        grace=then.grace,
        next_review=then.next_review,
    )
    return (
        evolve(after, account=account, changes=(*after.changes, *path)),
        evolve(wallet, scheme=account.scheme, next_review=account.next_review),
    )


def counted_then(club: Club, account: Account, at: datetime) -> date:
    """The first day whose purchases matter to what an account was at an instant, and since."""
    day = local_day(at, club.zone)
    if club.progression is None:
        return day
    if isinstance(club.progression.window, SinceChange):
        return min(day, local_day(account.opened_at, club.zone))
    return window_before(club, account, _grace_before(club, day)).start


def _grace_before(club: Club, day: date) -> date:
    """The first day on which a grace may have begun that is not over on a day."""
    grace = None if club.progression is None else club.progression.grace
    return day if grace is None else grace.before(day)


def account_at(standing: Standing, club: Club, history: Sequence[SchemeChange], at: datetime) -> Account:
    """An account as it was at an instant, by its history: what takes effect at it is in effect. A grace is what the
    reviews since the last change come to.
    """
    known = [each for each in history if each.effective_at <= at]
    since = known[-1].effective_at if known else standing.account.opened_at
    then = evolve(
        standing.account,
        scheme=scheme_at(standing.account, history, at),
        scheme_since=since,
        counts_from=max((each.window.end for each in known), default=None),
        grace=None,
        pin=_pin_at(standing.account, club, history, known),
        effective_at=at,
    )
    if club.progression is not None and club.progression.grace is not None:
        first = max(since, start_of_day(_grace_before(club, local_day(at, club.zone)), club.zone))
        tally = Tally.of(club.progression.metric, standing.totals)
        for held in reviews(evolve(then, next_review=next_review(club, then, first)), club, tally, at):
            if held.after.scheme_since != since:
                break
            then = evolve(then, grace=held.after.grace)
    return evolve(then, next_review=next_review(club, then, at))


def _pin_at(
    account: Account, club: Club, history: Sequence[SchemeChange], known: Sequence[SchemeChange]
) -> Pinned | None:
    """The pin of the last move by hand; before the first, of the scheme in which the account was opened."""
    moved = next((each for each in reversed(known) if each.cause is Cause.MANUAL), None)
    if moved is not None:
        return pin_of(club, account, moved)
    scheme = history[0].from_scheme if history else account.scheme
    return (
        None
        if scheme == club.lowest.code
        else pin_without_term(club, evolve(account, scheme=scheme), account.opened_at)
    )


def pin_of(club: Club, account: Account, moved: SchemeChange) -> Pinned | None:
    """How a move by hand holds."""
    if moved.pin is None:
        return pin_without_term(club, evolve(account, scheme=moved.to_scheme), moved.effective_at)
    return Pinned(kind=moved.pin.kind, scheme=moved.to_scheme, until=moved.pin.until)


def _since_announced(
    standing: Standing,
    club: Club,
    wallet: Wallet,
    history: Sequence[SchemeChange],
    scheme: str,
    decisive: SchemeChange,
    now: datetime,
    new_id: NewId,
) -> tuple[tuple[SchemeChange, ...], Account]:
    """What follows on the last change that was announced: the account is raised with it if it would have stood in a
    higher scheme, and its path since, of which nothing was announced, is walked again.
    """
    last = history[-1]
    stood = account_at(standing, club, history, last.effective_at)
    corrected: tuple[SchemeChange, ...] = ()
    if club.rank(scheme) > club.rank(stood.scheme):
        corrected = (_raised(standing, club, last, scheme, decisive, now, new_id),)
        stood = raised(club, stood, corrected[0])
    settled = (last.effective_at, wallet.effective_at)
    path, then = _path(standing, club, wallet, history, stood, settled, now, new_id, announced=True)
    return (*corrected, *path), then


def _raised(
    standing: Standing,
    club: Club,
    last: SchemeChange,
    scheme: str,
    decisive: SchemeChange,
    now: datetime,
    new_id: NewId,
) -> SchemeChange:
    """The correction of an account whose history went another way: from where its last change led, since that change,
    with what the review that decides finds now: the last one that raises, or the one that lowered and would not have.
    """
    assert decisive.metric is not None, "a club that counts nothing corrects nothing"
    return evolve(
        decisive,
        id=SchemeChangeId(new_id()),
        from_scheme=last.to_scheme,
        to_scheme=scheme,
        cause=Cause.CORRECTION,
        measured=measure(decisive.metric, decisive.window, standing.totals),
        thresholds=club.thresholds,
        day=last.day,
        effective_at=last.effective_at,
        recorded_at=now,
        actor=_SYSTEM.label,
        reason=None,
        pin=None,
    )


def _path(
    standing: Standing,
    club: Club,
    wallet: Wallet,
    history: Sequence[SchemeChange],
    then: Account,
    settled: tuple[datetime, datetime],
    now: datetime,
    new_id: NewId,
    *,
    announced: bool = False,
) -> tuple[tuple[SchemeChange, ...], Account]:
    """The changes of scheme between two instants, had everything been known that is known now, and where they lead. A
    purchase that raises at once does so at its instant; those of later days, of which only the day is looked at, at the
    start of that day; the day of what was announced is over. What staff moved stands.
    """
    account, (at, until) = standing.account, settled
    changes: list[SchemeChange] = []
    stands = [
        each for each in history if each.cause in (Cause.CORRECTION, Cause.MANUAL) and at < each.effective_at <= until
    ]
    today = local_day(at, club.zone)
    first = first_day_after(today) if announced else today
    bought = {max(at, start_of_day(each.day, club.zone)) for each in standing.totals if each.day >= first}
    blocked = {account.blocked_at} if account.blocked_at is not None and account.blocked_at > at else set()
    for instant in sorted(
        {at, until, *(each.effective_at for each in stands), *(each for each in (*bought, *blocked) if each <= until)}
    ):
        reviewed = review(then, club, standing.totals, instant, now, new_id)
        changes += [_decided_again(each, club) for each in reviewed.events]
        then = evolve(reviewed.facts, state=state_at(account, instant))
        if instant in bought:
            as_it_was = evolve(wallet, scheme=then.scheme, state=then.state)
            up = upgrade(as_it_was, then, club, standing.totals, _SYSTEM, instant, now, new_id)
            if up is not None:
                changes.append(up if instant == at else evolve(up, cause=Cause.CORRECTION))
                then = raised(club, then, up)
        for change in (each for each in stands if each.effective_at == instant):
            then = _as_it_stands(club, then, change)
    return tuple(changes), then


def _as_it_stands(club: Club, then: Account, change: SchemeChange) -> Account:
    """After a move by hand, or a correction that was made before, which raises only."""
    if change.cause is Cause.MANUAL:
        return raised(club, evolve(then, pin=pin_of(club, then, change)), change)
    return raised(club, then, change) if club.rank(change.to_scheme) > club.rank(then.scheme) else then


def _decided_again(change: SchemeChange, club: Club) -> SchemeChange:
    up = club.rank(change.to_scheme) > club.rank(change.from_scheme)
    return evolve(change, cause=Cause.CORRECTION) if up else change
