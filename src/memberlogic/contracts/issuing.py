"""CON-15: visitor passes: day passes, guests of members, trials, visits that a network sends. They make no members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.calendar import first_day_after, local_day
from memberlogic.contracts.passes import PassKind, VisitorPass
from memberlogic.contracts.services import AllServices, OnlyServices, Usable
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ExternalId, MemberId, PassId
from memberlogic.inputs import a_day, an_id, as_tuple, code, instance, many, optional, sequence_of, whole
from memberlogic.members.membership import MembershipSpan, MembershipStatus
from memberlogic.members.standing import membership_at
from memberlogic.organizations.model import Organization
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = ["ISSUING", "EndPass", "IssuePass", "OfPass", "PassEnded", "PassIssued", "end_pass", "issue_pass"]


@frozen(kw_only=True)
class IssuePass:
    """Let somebody in without a contract: today, where no days are given."""

    member: MemberId = field(validator=an_id)
    kind: PassKind = field(validator=instance(PassKind, "a kind (PassKind)"))
    since: date | None = field(default=None, validator=optional(a_day))
    until: date | None = field(default=None, validator=optional(a_day))
    visits: int | None = field(default=None, validator=optional(whole(least=1, most=10_000)))
    studios: tuple[str, ...] = field(
        default=(), converter=as_tuple, validator=many(code("a studio's code"), "a studio's code", most=100)
    )
    services: Usable = field(
        default=AllServices(), validator=instance((AllServices, OnlyServices), "AllServices or OnlyServices")
    )
    host: MemberId | None = field(default=None, validator=optional(an_id))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )

    def __attrs_post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())

    @property
    def people(self) -> Sequence[MemberId]:
        """Who is concerned, in the order in which they are locked."""
        return sorted({self.member} | ({self.host} if self.host is not None else set()))


@frozen(kw_only=True)
class OfPass:
    """A visitor pass by id."""

    visitor_pass: PassId = field(validator=an_id)


@frozen(kw_only=True)
class EndPass:
    """Take a visitor pass back."""

    visitor_pass: PassId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))


@frozen(kw_only=True)
class PassIssued(Event):
    """Somebody may come in without a contract."""

    type: ClassVar[str] = "pass.issued"
    visitor_pass: PassId
    member: MemberId
    kind: PassKind
    since: date
    until: date
    visits: int | None
    host: MemberId | None


@frozen(kw_only=True)
class PassEnded(Event):
    """A visitor pass was taken back."""

    type: ClassVar[str] = "pass.ended"
    visitor_pass: PassId
    member: MemberId
    reason: str


@frozen(kw_only=True)
class IssuingFacts:
    """What the rules of issuing look at."""

    wanted: IssuePass
    since: date
    until: date
    host_is: MembershipStatus | None


class PassEndsBeforeItBegins(RuleViolation):
    """It would be for no day."""

    code = "pass.without_days"
    rule = "CON-15"
    sentence = "The visitor pass would begin on {since} and end before {until}."


class GuestWithoutHost(RuleViolation):
    """Somebody brings a guest."""

    code = "pass.host_needed"
    rule = "CON-15"
    sentence = "A guest pass names the member whose guest it is; other passes name none."


class HostIsNoMember(RuleViolation):
    """Only members bring guests."""

    code = "pass.host_is_no_member"
    rule = "CON-15"
    sentence = "Guests are brought by members; {host} is none now."


class GuestOfOneself(RuleViolation):
    """A guest is somebody else."""

    code = "pass.guest_of_oneself"
    rule = "CON-15"
    sentence = "Nobody is their own guest."


class PassAlreadyEnded(RuleViolation):
    """It was taken back already."""

    code = "pass.already_ended"
    rule = "CON-15"
    sentence = "The visitor pass was taken back at {at}."


@policy("CON-15", "A visitor pass is for at least one day.")
def must_have_days(i: IssuingFacts) -> MemberLogicError | None:
    """The first day is inclusive, the end exclusive."""
    if i.since < i.until:
        return None
    return PassEndsBeforeItBegins(since=i.since.isoformat(), until=i.until.isoformat())


@policy("CON-15", "A guest pass names whose guest somebody is, and no other pass does.")
def guests_must_have_a_host(i: IssuingFacts) -> MemberLogicError | None:
    """Of all the kinds one."""
    return None if (i.wanted.kind is PassKind.GUEST) == (i.wanted.host is not None) else GuestWithoutHost()


@policy("CON-15", "Nobody is their own guest.")
def must_not_be_ones_own_guest(i: IssuingFacts) -> MemberLogicError | None:
    """A guest is somebody else."""
    return GuestOfOneself() if i.wanted.host == i.wanted.member else None


@policy("CON-15", "Guests are brought by members.")
def host_must_be_a_member(i: IssuingFacts) -> MemberLogicError | None:
    """On the day on which the pass is issued."""
    if i.wanted.host is None or i.host_is is MembershipStatus.MEMBER:
        return None
    return HostIsNoMember(host=str(i.wanted.host))


ISSUING: Policies[IssuingFacts] = Policies(
    must_have_days, guests_must_have_a_host, must_not_be_ones_own_guest, host_must_be_a_member
)


def issue_pass(
    wanted: IssuePass, host: Sequence[MembershipSpan], organization: Organization, id: PassId, now: datetime
) -> Outcome[VisitorPass, Event, VisitorPass]:
    """A new visitor pass. Today, where no first day is given, is the organization's.

    Raises:
        RuleViolation: the first of :data:`ISSUING` that refuses.
    """
    since = wanted.since or local_day(now, organization.zone)
    until = wanted.until or first_day_after(since)
    span = membership_at(host, now)
    ISSUING.require(
        IssuingFacts(wanted=wanted, since=since, until=until, host_is=None if span is None else span.status)
    )
    made = VisitorPass(
        id=id,
        member=wanted.member,
        kind=wanted.kind,
        since=since,
        until=until,
        visits=wanted.visits,
        studios=wanted.studios,
        services=wanted.services,
        host=wanted.host,
        issued_at=now,
    )
    event = PassIssued(
        members=tuple(wanted.people),
        visitor_pass=id,
        member=made.member,
        kind=made.kind,
        since=since,
        until=until,
        visits=made.visits,
        host=made.host,
    )
    return Outcome(made, (event,), made)


def end_pass(before: VisitorPass, wanted: EndPass, now: datetime) -> Outcome[VisitorPass, Event, VisitorPass]:
    """A visitor pass lets nobody in from now on; visits that were made stand.

    Raises:
        PassAlreadyEnded: if it was taken back before.
    """
    if before.ended_at is not None:
        raise PassAlreadyEnded(at=before.ended_at.isoformat())
    ended = evolve(before, ended_at=now)
    event = PassEnded(members=(before.member,), visitor_pass=before.id, member=before.member, reason=wanted.reason)
    return Outcome(ended, (event,), ended)
