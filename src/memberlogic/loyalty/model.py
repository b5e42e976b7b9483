"""The facts of clubs and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import Term
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ClubId, MemberId
from memberlogic.inputs import (
    a_zone,
    as_member_types,
    as_tuple,
    checked,
    code,
    instance,
    optional,
    sequence_of,
    text,
    whole,
)
from memberlogic.ledger.model import AccountState, AdjustingPolicy, Expiry, Order, Shortfall, Terms, TransferPolicy
from memberlogic.loyalty.programme import Earning, EarningRule, Redeeming, check_awards, check_rules, currency_problem
from memberlogic.loyalty.progression import Grace, Pinned, Progression
from memberlogic.warning import lead_times

__all__ = ["Account", "AccountState", "Club", "Scheme"]


@frozen(kw_only=True)
class Scheme:
    """A rank of a club (SCH-1): an account is in exactly one."""

    code: str = field(validator=code("a scheme code"))
    name: str = field(validator=text(100))
    threshold: int = field(default=0, validator=whole(least=0))
    """From which metric on it is reached; the lowest rank's is 0."""
    earning: tuple[EarningRule, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(EarningRule, "an earning rule", most=500)
    )
    """Rules of its own: one beats the club's of the same key (PTS-2)."""


@frozen(kw_only=True)
class Club:
    """A loyalty programme with its own rules (PTS): where its days begin, whom it takes, its schemes in rank order,
    and what it says of points. A changed club is a new version; what was stamped under an older one stays.
    """

    id: ClubId
    name: str = field(validator=text(200))
    zone: ZoneInfo = field(validator=a_zone)
    member_types: frozenset[str] = field(converter=as_member_types)
    schemes: tuple[Scheme, ...] = field(
        converter=as_tuple, validator=sequence_of(Scheme, "a scheme", least=1, most=100)
    )
    expiry: Expiry
    transfer: TransferPolicy
    currency: str = field(default="EUR", validator=checked(currency_problem))
    earning: Earning = field(default=Earning(), validator=instance(Earning, "earning rules"))
    redeeming: Redeeming | None = field(default=None, validator=optional(instance(Redeeming, "a value of points")))
    """None if points do not pay here."""
    progression: Progression | None = field(default=None, validator=optional(instance(Progression, "a progression")))
    """How accounts go up and down; None if nothing automatic moves them."""
    grace: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """Points that come back live at least so long from then (PTS-10); None if only as long as they would have."""
    shortfall: Shortfall = field(default=Shortfall.DEBT, validator=instance(Shortfall, "debt or clamp"))
    """What becomes of points that have to be taken back and are not there (PTS-10)."""
    warnings: tuple[Term, ...] = field(default=(), converter=as_tuple, validator=lead_times)
    """How long before points expire their holders are told (PTS-13)."""
    order: Order = field(default=Order.SOONEST_EXPIRY, validator=instance(Order, "soonest_expiry or oldest_first"))
    """Which points are used up first (PTS-7)."""
    adjusting: AdjustingPolicy = field(
        default=AdjustingPolicy(), validator=instance(AdjustingPolicy, "an adjusting policy")
    )
    """How far a member of staff adjusts points alone (PTS-14)."""
    reinstating: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """For how long after they expired points can be revived, for the grace term; not at all if None (PTS-14)."""
    version: int = 1

    def __attrs_post_init__(self) -> None:
        if self.reinstating is not None and self.grace is None:
            raise InvalidInput(path="grace", expected="a term, as points can be reinstated for it", got="None")
        codes = [scheme.code for scheme in self.schemes]
        for index, scheme in enumerate(self.schemes):
            path = f"schemes[{index}]"
            if scheme.code in codes[:index]:
                raise InvalidInput(path=f"{path}.code", expected="a code of its own", got=scheme.code)
            least = self.schemes[index - 1].threshold + 1 if index else 0
            if scheme.threshold < least or (not index and scheme.threshold):
                wanted = f"a threshold above {least - 1}" if index else "0 for the lowest rank"
                raise InvalidInput(path=f"{path}.threshold", expected=wanted, got=str(scheme.threshold))
        offers = [offer.code for offer in self.earning.offers]
        check_awards(self.earning.awards, "earning.awards", schemes=codes, offers=offers)
        check_rules(self.earning.rules, "earning.rules", schemes=codes, offers=offers, of_scheme=False)
        for index, scheme in enumerate(self.schemes):
            check_rules(scheme.earning, f"schemes[{index}].earning", schemes=codes, offers=offers, of_scheme=True)

    @property
    def lowest(self) -> Scheme:
        """The scheme that an account starts in."""
        return self.schemes[0]

    @property
    def thresholds(self) -> Mapping[str, int]:
        """The entry threshold of each scheme, in rank order."""
        return {scheme.code: scheme.threshold for scheme in self.schemes}

    def rank(self, scheme: str) -> int:
        """Where a scheme stands, 0 for the lowest."""
        return next(rank for rank, each in enumerate(self.schemes) if each.code == scheme)

    @cached_property
    def programmes(self) -> dict[str, Any]:
        """The earning rules of each scheme, made ready when first asked for: a memory of :mod:`.earning`, no fact."""
        return {}

    @cached_property
    def terms(self) -> Mapping[Unit, Terms]:
        """What the club says of each unit."""
        points = Terms(
            zone=self.zone,
            expiry=self.expiry,
            transfer=self.transfer,
            grace=self.grace,
            shortfall=self.shortfall,
            warnings=self.warnings,
            order=self.order,
            adjusting=self.adjusting,
            reinstating=self.reinstating,
        )
        return MappingProxyType({POINTS: points})


@frozen(kw_only=True)
class Account:
    """A membership in one club, held by one or more members (PTS-1)."""

    id: AccountId
    club: ClubId
    owner: MemberId
    """The member whose own account it is; further holders joined it."""
    holders: tuple[MemberId, ...]
    scheme: str
    scheme_since: datetime
    """Since when the account has been in its scheme: every change starts a new since (SCH-8)."""
    next_review: datetime | None
    """The start of the next review day (SCH-6); None if there will be none."""
    state: AccountState
    blocked_for: str | None = None
    blocked_at: datetime | None = None
    """Since when it is blocked, where it is and that was kept."""
    opened_at: datetime
    effective_at: datetime
    version: int = 0
    pin: Pinned | None = None
    """What a manual move keeps from happening by itself (SCH-7)."""
    grace: Grace | None = None
    """Until when a review that found it below its scheme lets it stay (SCH-5)."""
    next_warning: datetime | None = None
    """No later than the next moment at which the holders may have to be told that it will fall (SCH-9); None if there
    is nothing to tell.
    """
    warned_at: datetime | None = None
    """Up to when they have been told."""
    counts_from: date | None = None
    """The first business day after the windows of the changes of its scheme; None if it was never changed."""
