"""PTS-8: redeeming is a payment at the point of sale. ``quote`` answers the most that can be redeemed and why not
more; redeeming refuses by the same rules.
"""

from __future__ import annotations

from math import lcm

from attrs import evolve, field, frozen

from memberlogic.amounts import POINTS
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.ids import AccountId, MemberId
from memberlogic.inputs import an_id, checked, optional, whole
from memberlogic.ledger.acting import somebody_may_send
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.ledger.refusals import (
    AccountNotOpen,
    InsufficientPoints,
    WalletInDebt,
)
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.programme import Redeeming, currency_problem
from memberlogic.outcomes import Because, Explanation
from memberlogic.rules import Policies, policy

__all__ = ["REDEEMING", "Ask", "OtherCurrency", "Quote", "RedeemBlocks", "RedeemingFacts", "blocks", "quote"]


@frozen(kw_only=True)
class Ask:
    """Ask what points could pay of a purchase."""

    account: AccountId = field(validator=an_id)
    total: int = field(validator=whole(least=0))
    currency: str = field(validator=checked(currency_problem))
    paid_with_stored_value: int = field(default=0, validator=whole(least=0))
    """What other payments leave out of the points' reach."""
    holder: MemberId | None = field(default=None, validator=optional(an_id))

    def __attrs_post_init__(self) -> None:
        if self.paid_with_stored_value > self.total:
            got = str(self.paid_with_stored_value)
            raise InvalidInput(path="paid_with_stored_value", expected=f"at most the total of {self.total}", got=got)


@frozen(kw_only=True)
class Quote:
    """The most that can be redeemed at a purchase: ``points``, what they pay, and why not more."""

    account: AccountId
    total: int
    currency: str
    points: int
    value: int
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What stands in the way of more."""
        return Explanation(f"At most {self.points} points pay {self.value} of {self.total}.", self.because)


@frozen(kw_only=True)
class RedeemBlocks:
    """An import's rule of redeeming: at each purchase whose total reaches ``minimum_total``, as many blocks of
    ``points`` as the club's own rules allow, ``most_blocks`` at most.
    """

    points: int = field(validator=whole(least=1))
    minimum_total: int = field(default=0, validator=whole(least=0))
    most_blocks: int = field(default=1, validator=whole(least=1))


@frozen(kw_only=True)
class RedeemingFacts:
    """What the rules of redeeming look at; the wallet is settled."""

    wallet: Wallet
    club: Club
    points: int
    total: int
    """What the purchase comes to before payment."""
    left_to_pay: int
    """What other payments leave of it."""
    asking: MemberId | None
    unverified_may_spend: bool

    @property
    def spending(self) -> Wallet:
        """Where the points come from."""
        return self.wallet

    @property
    def terms(self) -> Redeeming:
        """The club's terms, where it has some."""
        assert self.club.redeeming is not None
        return self.club.redeeming

    @property
    def most_value(self) -> int:
        """What points may pay of the purchase, in minor units."""
        return min(self.share, self.left_to_pay)

    @property
    def share(self) -> int:
        """The club's share of the total, floored to minor units."""
        share = self.terms.maximum_share
        return self.total * share.numerator // share.denominator


class OtherCurrency(RuleViolation):
    """A club counts one currency."""

    code = "purchase.other_currency"
    rule = "COM-6"
    sentence = "The club counts {expected}; the purchase is in {currency}."


class RedeemingNotOffered(RuleViolation):
    """Points do not pay in this club."""

    code = "redeem.not_offered"
    rule = "PTS-8"
    sentence = "In this club points do not pay."


class RedeemBelowMinimumTotal(RuleViolation):
    """The purchase is too small."""

    code = "redeem.total_below_minimum"
    rule = "PTS-8"
    sentence = "The purchase comes to {total}; points pay from {minimum} on."


class RedeemBelowMinimum(RuleViolation):
    """Too few points."""

    code = "redeem.below_minimum"
    rule = "PTS-8"
    sentence = "{asked} points were asked for; at least {minimum} are redeemed at once."


class RedeemNotInMultiples(RuleViolation):
    """Not in the club's steps."""

    code = "redeem.not_in_multiples"
    rule = "PTS-8"
    sentence = "{asked} points were asked for; points are redeemed in multiples of {multiples}."


class RedeemAboveShare(RuleViolation):
    """They would pay more than they may."""

    code = "redeem.above_maximum_share"
    rule = "PTS-8"
    sentence = "{asked} points are worth more than the {most} that points may pay of {total}."


class RedeemWorthNothing(RuleViolation):
    """They would pay nothing."""

    code = "redeem.worth_nothing"
    rule = "PTS-8"
    sentence = "{asked} points are worth less than the smallest coin."


@policy("PTS-8", "Only where the club says what points are worth.")
def club_must_offer_it(r: RedeemingFacts) -> MemberLogicError | None:
    """A club can do without redeeming."""
    return None if r.club.redeeming is not None else RedeemingNotOffered()


@policy("PTS-1", "A blocked or closed account does not move.")
def account_must_be_open(r: RedeemingFacts) -> MemberLogicError | None:
    """Redeeming is a movement."""
    if r.wallet.state is AccountState.OPEN:
        return None
    return AccountNotOpen(account=str(r.wallet.id.account), state=r.wallet.state.value)


@policy("PTS-1", "A holder who is blocked cannot act on a joint account, the others can.")
def somebody_may_redeem(r: RedeemingFacts) -> MemberLogicError | None:
    """Whoever asks is not blocked, and verified unless the organization lets the others spend too."""
    return somebody_may_send.refuses(r)


@policy("PTS-8", "Not while in debt.")
def account_must_not_owe(r: RedeemingFacts) -> MemberLogicError | None:
    """While debt is above 0, nothing is available."""
    if not r.wallet.debt:
        return None
    return WalletInDebt(account=str(r.wallet.id.account), debt=r.wallet.debt, unit=POINTS)


@policy("PTS-8", "From the club's minimum purchase on.")
def total_must_reach_the_minimum(r: RedeemingFacts) -> MemberLogicError | None:
    """The minimum looks at the total before payment."""
    if r.total >= r.terms.minimum_total:
        return None
    return RedeemBelowMinimumTotal(total=r.total, minimum=r.terms.minimum_total)


@policy("PTS-8", "At least the club's minimum.")
def points_must_reach_the_minimum(r: RedeemingFacts) -> MemberLogicError | None:
    """So many points at once."""
    if r.points >= r.terms.minimum:
        return None
    return RedeemBelowMinimum(asked=r.points, minimum=r.terms.minimum)


@policy("PTS-8", "In the club's multiples.")
def points_must_be_a_multiple(r: RedeemingFacts) -> MemberLogicError | None:
    """By default of the points that the value is stated for."""
    if r.points % r.terms.multiples == 0:
        return None
    return RedeemNotInMultiples(asked=r.points, multiples=r.terms.multiples)


@policy("PTS-8", "At most the club's share of the purchase.")
def points_must_stay_within_the_share(r: RedeemingFacts) -> MemberLogicError | None:
    """Both are floored to minor units: the share of the total, and what the points are worth."""
    if r.terms.worth(r.points) <= r.most_value:
        return None
    return RedeemAboveShare(asked=r.points, most=r.most_value, total=r.total)


@policy("PTS-8", "The value is floored to minor units.")
def points_must_be_worth_something(r: RedeemingFacts) -> MemberLogicError | None:
    """Points that pay nothing are not taken."""
    return None if r.terms.worth(r.points) else RedeemWorthNothing(asked=r.points)


@policy("PTS-8", "Not more than is available.")
def points_must_be_available(r: RedeemingFacts) -> MemberLogicError | None:
    """Held, pending and expired points are not available."""
    if r.points <= r.wallet.available:
        return None
    return InsufficientPoints(asked=r.points, available=r.wallet.available, unit=POINTS)


ALLOWED: Policies[RedeemingFacts] = Policies(
    club_must_offer_it,
    account_must_be_open,
    somebody_may_redeem,
    account_must_not_owe,
    total_must_reach_the_minimum,
)
"""Whether points may pay at all."""

REDEEMING: Policies[RedeemingFacts] = Policies(
    *ALLOWED,
    points_must_reach_the_minimum,
    points_must_be_a_multiple,
    points_must_stay_within_the_share,
    points_must_be_worth_something,
    points_must_be_available,
)


def most(facts: RedeemingFacts) -> tuple[int, tuple[Because, ...]]:
    """The most points that can be redeemed, and why not more."""
    refusal = ALLOWED.first(facts)
    if refusal is not None:
        return 0, (Because(refusal.rule or "PTS-8", refusal.code, dict(refusal.details)),)
    terms, limit = facts.terms, _limit(facts)
    points = limit - limit % terms.multiples
    why = [_limited(facts)]
    if facts.wallet.pending:
        why.append(Because("PTS-5", "redeem.pending", {"pending": facts.wallet.pending}))
    if terms.worth(points) != terms.worth(limit):
        why.append(Because("PTS-8", "redeem.multiples", {"multiples": terms.multiples}))
    if points < terms.minimum or not terms.worth(points):
        why.append(Because("PTS-8", "redeem.minimum", {"minimum": terms.minimum, "most": points}))
        return 0, tuple(why)
    return _fewest(terms, points), tuple(why)


def _limit(facts: RedeemingFacts) -> int:
    """As many points as are available and worth no more than they may pay, both floored to minor units."""
    terms = facts.terms
    return min(facts.wallet.available, ((facts.most_value + 1) * terms.points - 1) // terms.value)


def _limited(facts: RedeemingFacts) -> Because:
    """What limits the points first."""
    terms, available, most = facts.terms, facts.wallet.available, facts.most_value
    if terms.worth(available) <= most:
        return Because("PTS-8", "redeem.available", {"available": available})
    if facts.left_to_pay < facts.share:
        return Because("PTS-8", "redeem.left_to_pay", {"left": most, "rounding": "floor"})
    share = str(terms.maximum_share)
    return Because("PTS-8", "redeem.maximum_share", {"share": share, "pays": most, "rounding": "floor"})


def _fewest(terms: Redeeming, points: int) -> int:
    """The fewest points in the club's steps that pay what these pay: none is taken for a part of a coin."""
    enough = max(-(-terms.worth(points) * terms.points // terms.value), terms.minimum)
    return min(points, -(-enough // terms.multiples) * terms.multiples)


def quote(wanted: Ask, club: Club, wallet: Wallet, asking: MemberId | None, *, unverified_may_spend: bool) -> Quote:
    """What points can pay of a purchase, from a settled wallet.

    Raises:
        OtherCurrency: if the club counts another currency.
    """
    if wanted.currency != club.currency:
        raise OtherCurrency(expected=club.currency, currency=wanted.currency)
    facts = RedeemingFacts(
        wallet=wallet,
        club=club,
        points=0,
        total=wanted.total,
        left_to_pay=wanted.total - wanted.paid_with_stored_value,
        asking=asking,
        unverified_may_spend=unverified_may_spend,
    )
    points, because = most(facts)
    return Quote(
        account=wanted.account,
        total=wanted.total,
        currency=wanted.currency,
        points=points,
        value=club.redeeming.worth(points) if club.redeeming is not None else 0,
        available=wallet.available,
        because=because,
    )


def blocks(facts: RedeemingFacts, policy: RedeemBlocks) -> int:
    """How many points an import redeems at a purchase: as many blocks as fit; 0 if a rule is against any."""
    if facts.total < policy.minimum_total or facts.wallet.available < policy.points or ALLOWED.first(facts):
        return 0
    # Whole blocks that are also in the club's steps; with fewer of them no other rule would be less against it.
    step = lcm(policy.points, facts.terms.multiples)
    points = min(policy.most_blocks * policy.points, _limit(facts)) // step * step
    return points if points and not REDEEMING.refusals(evolve(facts, points=points)) else 0
