"""PTS-1, SCH-1: opening clubs and accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Term
from memberlogic.errors import MemberLogicError, NotFound, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId
from memberlogic.inputs import (
    a_zone,
    an_id,
    as_member_types,
    as_tuple,
    checked,
    code,
    instance,
    optional,
    sequence_of,
    text,
)
from memberlogic.ledger.model import AdjustingPolicy, Expiry, Never, Order, Shortfall, TransferPolicy, an_expiry
from memberlogic.loyalty.lifecycle import ACCOUNT_STATES
from memberlogic.loyalty.model import Account, Club, Scheme
from memberlogic.loyalty.programme import Earning, Redeeming, currency_problem
from memberlogic.loyalty.progression import Progression
from memberlogic.loyalty.scheduling import first_review, pin_without_term
from memberlogic.loyalty.watching import watched
from memberlogic.members import Member, MemberState
from memberlogic.members.classifying import of_nobody_known
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy
from memberlogic.warning import lead_times

__all__ = [
    "OPENING",
    "AccountOpened",
    "ClubOpened",
    "OfAccount",
    "OfClub",
    "OpenAccount",
    "OpenClub",
    "open_account",
    "open_club",
    "reachable",
]

STANDARD = Scheme(code="standard", name="Standard")


@frozen(kw_only=True)
class OpenClub:
    """Open a club with its rules."""

    name: str = field(validator=text(200))
    zone: ZoneInfo = field(validator=a_zone)
    member_types: frozenset[str] = field(converter=as_member_types)
    schemes: tuple[Scheme, ...] = field(
        default=(STANDARD,), converter=as_tuple, validator=sequence_of(Scheme, "a scheme", least=1, most=100)
    )
    expiry: Expiry = field(default=Never(), validator=an_expiry)
    transfer: TransferPolicy = field(default=TransferPolicy(), validator=instance(TransferPolicy, "a transfer policy"))
    currency: str = field(default="EUR", validator=checked(currency_problem))
    earning: Earning = field(default=Earning(), validator=instance(Earning, "earning rules"))
    redeeming: Redeeming | None = field(default=None, validator=optional(instance(Redeeming, "a value of points")))
    progression: Progression | None = field(default=None, validator=optional(instance(Progression, "a progression")))
    grace: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    shortfall: Shortfall = field(default=Shortfall.DEBT, validator=instance(Shortfall, "debt or clamp"))
    warnings: tuple[Term, ...] = field(default=(), converter=as_tuple, validator=lead_times)
    order: Order = field(default=Order.SOONEST_EXPIRY, validator=instance(Order, "soonest_expiry or oldest_first"))
    adjusting: AdjustingPolicy = field(
        default=AdjustingPolicy(), validator=instance(AdjustingPolicy, "an adjusting policy")
    )
    reinstating: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class OpenAccount:
    """Open an account of a member's own in a club, in the lowest scheme or one named by staff."""

    club: ClubId = field(validator=an_id)
    member: MemberId = field(validator=an_id)
    scheme: str | None = field(default=None, validator=optional(code("a scheme code")))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class OfClub:
    """A club by id."""

    club: ClubId = field(validator=an_id)


@frozen(kw_only=True)
class OfAccount:
    """An account by id."""

    account: AccountId = field(validator=an_id)


@frozen(kw_only=True)
class ClubOpened(Event):
    """A club began."""

    type: ClassVar[str] = "club.opened"
    club: ClubId


@frozen(kw_only=True)
class AccountOpened(Event):
    """A member joined a club."""

    type: ClassVar[str] = "account.opened"
    account: AccountId
    club: ClubId
    scheme: str


@frozen(kw_only=True)
class OpeningFacts:
    """What the rules of opening an account look at."""

    wanted: OpenAccount
    club: Club
    member: Member
    own_accounts: Sequence[AccountId]
    """The member's own accounts in this club that are not closed."""


class MemberTypeNotAccepted(RuleViolation):
    """The club is for others."""

    code = "account.member_type_not_accepted"
    rule = "PTS-1"
    sentence = "The club takes {accepted}; the member is of type {member_type}."


class MemberIsBlocked(RuleViolation):
    """A blocked member takes no part."""

    code = "account.member_blocked"
    rule = "PTS-1"
    sentence = "The member {member} is blocked and cannot open an account."


class AccountAlreadyOpen(RuleViolation):
    """One open account of their own per member and club."""

    code = "account.already_open"
    rule = "PTS-1"
    sentence = "The member {member} has the account {account} in this club."


class SchemeUnknown(RuleViolation):
    """The club has no such scheme."""

    code = "scheme.unknown"
    rule = "SCH-1"
    sentence = "The club has no scheme {asked}; it has {schemes}."


@policy("PTS-1", "An account is opened only for a type the club accepts.")
def type_must_be_accepted(o: OpeningFacts) -> MemberLogicError | None:
    """A club for customers takes no staff."""
    if o.member.type in o.club.member_types:
        return None
    return MemberTypeNotAccepted(accepted=sorted(o.club.member_types), member_type=o.member.type)


@policy("PTS-1", "A blocked member takes no part.")
def member_must_take_part(o: OpeningFacts) -> MemberLogicError | None:
    """Unblock first."""
    return MemberIsBlocked(member=str(o.member.id)) if o.member.state is MemberState.BLOCKED else None


@policy("PTS-1", "One open account of their own per member and club.")
def must_be_the_only_one(o: OpeningFacts) -> MemberLogicError | None:
    """Joining another's account is separate."""
    if not o.own_accounts:
        return None
    return AccountAlreadyOpen(member=str(o.member.id), account=str(o.own_accounts[0]))


@policy("SCH-1", "An account starts in the lowest scheme, or in one named by staff.")
def scheme_must_be_the_clubs(o: OpeningFacts) -> MemberLogicError | None:
    """A named scheme is one of the club's."""
    codes = [scheme.code for scheme in o.club.schemes]
    if o.wanted.scheme is None or o.wanted.scheme in codes:
        return None
    return SchemeUnknown(asked=o.wanted.scheme, schemes=codes)


OPENING: Policies[OpeningFacts] = Policies(
    type_must_be_accepted, member_must_take_part, must_be_the_only_one, scheme_must_be_the_clubs
)


def open_club(id: ClubId, wanted: OpenClub, types: Collection[str]) -> Outcome[Club, ClubOpened, Club]:
    """A new club.

    Args:
        types: the member types that the organization has.

    Raises:
        UnknownMemberType: for the first type that it does not have.
        InvalidInput: for thresholds that do not begin at 0 and rise, or codes that come twice.
    """
    refusal = of_nobody_known(sorted(wanted.member_types), types)
    if refusal is not None:
        raise refusal
    club = Club(
        id=id,
        name=wanted.name,
        zone=wanted.zone,
        member_types=wanted.member_types,
        schemes=wanted.schemes,
        expiry=wanted.expiry,
        transfer=wanted.transfer,
        currency=wanted.currency,
        earning=wanted.earning,
        redeeming=wanted.redeeming,
        progression=wanted.progression,
        grace=wanted.grace,
        shortfall=wanted.shortfall,
        warnings=wanted.warnings,
        order=wanted.order,
        adjusting=wanted.adjusting,
        reinstating=wanted.reinstating,
    )
    return Outcome(club, (ClubOpened(club=id),), club)


def open_account(id: AccountId, facts: OpeningFacts, now: datetime) -> Outcome[Account, AccountOpened, Account]:
    """A new account.

    Raises:
        RuleViolation: the first of :data:`OPENING` that refuses.
    """
    OPENING.require(facts)
    member = facts.member.id
    opened = Account(
        id=id,
        club=facts.club.id,
        owner=member,
        holders=(member,),
        scheme=facts.wanted.scheme or facts.club.lowest.code,
        scheme_since=now,
        next_review=None,
        state=ACCOUNT_STATES.initial,
        opened_at=now,
        effective_at=now,
    )
    named = opened if facts.wanted.scheme is None else evolve(opened, pin=pin_without_term(facts.club, opened, now))
    account = watched(facts.club, None, evolve(named, next_review=first_review(facts.club, named)), now)
    event = AccountOpened(members=(member,), account=id, club=facts.club.id, scheme=account.scheme)
    return Outcome(account, (event,), account)


def reachable(account: Account, actor: Actor) -> Account:
    """The account, if the actor may know of it.

    Raises:
        NotFound: for a member who does not hold it; it does not exist for them (COM-11, COM-13).
    """
    if actor.member_id is not None and actor.member_id not in account.holders:
        raise NotFound(kind="account", id=account.id)
    return account
