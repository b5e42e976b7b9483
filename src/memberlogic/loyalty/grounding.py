"""COM-8, COM-21: what a purchase is decided on: the account settled to its instant, or, where it comes late, the
account as it was then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict

from attrs import evolve

from memberlogic.changing import changed
from memberlogic.errors import JSON
from memberlogic.ids import LotId, NewId
from memberlogic.ledger import settling
from memberlogic.ledger.backdating import as_of
from memberlogic.ledger.expiring import at_least, expires_at
from memberlogic.ledger.idling import kept_alive_since
from memberlogic.ledger.model import Entry, Hold, Lot, Wallet
from memberlogic.ledger.reviving import revived
from memberlogic.loyalty import backdating, progressing
from memberlogic.loyalty.backdating import Late
from memberlogic.loyalty.progression import SchemeChange
from memberlogic.loyalty.standing import Standing
from memberlogic.outcomes import Because

if TYPE_CHECKING:
    from memberlogic.loyalty.recording import RecordingFacts

__all__ = ["Grounds", "circumstances", "grounds", "happened_since", "lived_on", "lives_until", "told_late"]

Grounds = tuple["RecordingFacts", Wallet, Wallet, list[Entry], tuple[Hold, ...], Standing | None]
"""What is known after settling, the wallet that entries go to, the one that points are taken from, what fell due
before, and the standing.
"""


def grounds(facts: RecordingFacts, new_id: NewId) -> Grounds:
    """What the purchase is decided on."""
    return in_order(facts, new_id) if facts.late is None else as_it_was(facts, facts.late, new_id)


def in_order(facts: RecordingFacts, new_id: NewId) -> Grounds:
    """The account settled to the purchase's instant."""
    wallet, entries, lapsed, standing = _settled(facts, facts.at, new_id)
    return facts, wallet, wallet, entries, lapsed, standing


def _settled(
    facts: RecordingFacts, until: datetime, new_id: NewId
) -> tuple[Wallet, list[Entry], tuple[Hold, ...], Standing | None]:
    settled = settling.settle(facts.wallet, until, new_id, recorded_at=facts.now)
    wallet, entries, standing = settled.facts, list(settled.events), facts.standing
    if standing is not None:
        standing = progressing.reviewed(standing, facts.club, until, facts.now, new_id)
        wallet = progressing.after_reviews(wallet, standing)
        entries = [progressing.in_scheme(each, standing.changes) for each in entries]
    return wallet, entries, settled.result, standing


def as_it_was(facts: RecordingFacts, late: Late, new_id: NewId) -> Grounds:
    """The account settled to now, as if the jobs had just run, in the scheme of the purchase's instant, and what could
    have been spent then (COM-21).
    """
    settled, entries, lapsed, standing = _settled(facts, facts.now, new_id)
    assert standing is not None, "a late purchase comes with its account"
    past = late.past.after(facts.wallet, entries, lapsed)
    then = evolve(facts, wallet=settled, standing=standing, late=evolve(late, past=past))
    scheme = backdating.scheme_at(standing.account, _history(then), facts.at)
    wallet = changed(settled, scheme=scheme)
    spendable = changed(as_of(wallet, past, facts.at), state=facts.state)
    return then, wallet, spendable, entries, lapsed, standing


def _history(facts: RecordingFacts) -> tuple[SchemeChange, ...]:
    """The account's history, with what this unit adds to it."""
    assert facts.late is not None, "a late purchase comes with what it looks back at"
    assert facts.standing is not None, "a late purchase comes with its account"
    return (*facts.late.changes, *facts.standing.changes)


class ToldLate(TypedDict, total=False):
    """What posting has to know of a late purchase (PTS-6)."""

    arrived: Collection[LotId]
    """The lots that came to the wallet after it: they do not live by it."""
    followed: Collection[datetime]
    """The activity since: the rest may live by that, too, after all."""


def told_late(facts: RecordingFacts, wallet: Wallet) -> ToldLate:
    """What posting has to know of a purchase; nothing, unless it comes late."""
    if facts.late is None:
        return {}
    past = facts.late.past
    followed = tuple(each for each in past.active if each > facts.at)
    return {"arrived": past.arrived_after(wallet.lots, facts.at), "followed": followed}


def lived_on(facts: RecordingFacts, opened: Sequence[Lot]) -> tuple[Lot, ...]:
    """What a purchase earned, as it lives by the activity that is known to have followed (PTS-6)."""
    late = facts.late
    return tuple(opened) if late is None else kept_alive_since(opened, late.past.active, facts.wallet.terms.zone)


def circumstances(facts: RecordingFacts) -> tuple[Because, ...]:
    """Why the purchase is not decided on the account as it is, or its points live longer than by its own day."""
    at, said = facts.at.isoformat(), []
    if facts.wanted.afterwards:
        by_policy, until = _by_policy(facts), lives_until(facts)
        figures: dict[str, JSON] = {
            "at": at,
            "by_policy": by_policy.isoformat() if by_policy else "never",
            "expires_at": until.isoformat() if until else "never",
        }
        said.append(Because("PTS-3", "purchase.credited_afterwards", figures))
    if facts.late is not None:
        since = facts.wallet.effective_at.isoformat()
        said.append(Because("COM-21", "purchase.late", {"at": at, "changed_since": since}))
    return tuple(said)


def _by_policy(facts: RecordingFacts, since: date | None = None) -> datetime | None:
    terms = facts.wallet.terms
    return expires_at(terms.expiry, since or facts.day, terms.zone)


def lives_until(facts: RecordingFacts, since: date | None = None) -> datetime | None:
    """Until when what the purchase earns lives: by the club's policy from its business day, or from the one since which
    it is available; at least the grace term from now where it is credited afterwards.
    """
    terms, expires = facts.wallet.terms, _by_policy(facts, since)
    return at_least(expires, terms.grace, facts.now, terms.zone) if facts.wanted.afterwards else expires


def happened_since(
    facts: RecordingFacts, wallet: Wallet, made: Sequence[Entry], new_id: NewId
) -> tuple[Wallet, Sequence[Entry]]:
    """What a late purchase kept alive, and what fell due of that and of what was earned late, by the instant to which
    the account is settled: each at its own.
    """
    assert facts.late is not None, "a late purchase comes with what it looks back at"
    if not made:
        return wallet, ()
    wallet, again = revived(wallet, facts.late.past, made, facts.wanted.purchase.value, new_id)
    outcome = settling.settle(wallet, wallet.effective_at, new_id, recorded_at=facts.now)
    assert not outcome.result, "holds that ran out by then are resolved"
    return outcome.facts, [*again, *(progressing.in_scheme(each, _history(facts)) for each in outcome.events)]
