"""CON-15: checking in: whoever comes is answered and written down, refused or not; a mistake is undone on its day."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.contracts.admitting import Admission, AtTheDoor, admit
from memberlogic.contracts.notices import Notice, Severity
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.visits import Visit
from memberlogic.errors import MemberLogicError, PermissionDenied, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ContractId, MemberId, NewId, NoteId, PassId, VisitId
from memberlogic.inputs import a_note, an_id, an_instant, code, optional, to_utc_or_none
from memberlogic.members.naming import Who, somebody
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CHECKING_IN",
    "OVERRIDING",
    "UNDOING",
    "AskNotices",
    "CheckIn",
    "CheckedIn",
    "Noted",
    "NoticesTold",
    "UndoCheckIn",
    "VisitRecorded",
    "VisitRefused",
    "VisitUndone",
    "Written",
    "check_in",
    "tell",
    "undo_check_in",
]

OVERRIDING = "members.visits.override:create"
"""The permission to let somebody in whom nothing else lets in."""


@frozen(kw_only=True)
class CheckIn:
    """Somebody stands at the door of a studio, now or, for a turnstile that was offline, before."""

    member: Who = field(converter=somebody)
    studio: str = field(validator=code("a studio's code"))
    service: str | None = field(default=None, validator=optional(code("a service's code")))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    override_note: str | None = field(default=None, validator=optional(a_note))


@frozen(kw_only=True)
class AskNotices:
    """What would be told at the door of a studio now."""

    member: Who = field(converter=somebody)
    studio: str = field(validator=code("a studio's code"))
    service: str | None = field(default=None, validator=optional(code("a service's code")))


@frozen(kw_only=True)
class UndoCheckIn:
    """A check-in was a mistake."""

    visit: VisitId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))


@frozen(kw_only=True)
class VisitRecorded(Event):
    """Somebody was let in."""

    type: ClassVar[str] = "visit.recorded"
    visit: VisitId
    member: MemberId
    studio: str
    service: str | None
    day: date
    contract: ContractId | None
    visitor_pass: PassId | None
    overridden: bool


@frozen(kw_only=True)
class VisitRefused(Event):
    """Somebody was not let in; ``codes`` are those of what they were told."""

    type: ClassVar[str] = "visit.refused"
    visit: VisitId
    member: MemberId
    studio: str
    service: str | None
    day: date
    codes: tuple[str, ...]


@frozen(kw_only=True)
class VisitUndone(Event):
    """A check-in was a mistake."""

    type: ClassVar[str] = "visit.undone"
    visit: VisitId
    member: MemberId
    reason: str


@frozen(kw_only=True)
class NoticesTold:
    """What would be told at the door."""

    member: MemberId
    studio: str
    service: str | None
    at: datetime
    allowed: bool
    notices: tuple[Notice, ...]

    def explain(self) -> Explanation:
        """Every notice, as data and as a sentence."""
        return _explained(self.allowed, self.notices)


@frozen(kw_only=True)
class CheckedIn:
    """The answer at the door, and the visit that it is written down as."""

    visit: VisitId
    member: MemberId
    studio: str
    service: str | None
    at: datetime
    day: date
    allowed: bool
    notices: tuple[Notice, ...]
    contract: ContractId | None
    """The contract that let them in."""
    visitor_pass: PassId | None
    """The visitor pass that let them in."""
    same_visit: bool
    """Whether this was a second scan of a visit that is written down already."""
    overridden: bool
    """Whether staff let them in."""

    def explain(self) -> Explanation:
        """Every notice, as data and as a sentence."""
        return _explained(self.allowed, self.notices)


def _explained(allowed: bool, notices: tuple[Notice, ...]) -> Explanation:
    said = " ".join(["Come in." if allowed else "No access.", *(each.text() for each in notices)])
    return Explanation(said, tuple(Because("CON-15", each.code, each.parameters) for each in notices))


@frozen(kw_only=True)
class CheckingInFacts:
    """What the rules of checking in look at."""

    wanted: CheckIn
    actor: Actor
    now: datetime


class VisitToCome(RuleViolation):
    """Nobody came yet."""

    code = "visit.to_come"
    rule = "CON-15"
    sentence = "The check-in is of {at}, and it is {now}."


@policy("CON-15", "A check-in is of now, or of before.")
def must_have_come(c: CheckingInFacts) -> MemberLogicError | None:
    """What a turnstile wrote down while it was offline may be told later."""
    if c.wanted.at is None or c.wanted.at <= c.now:
        return None
    return VisitToCome(at=c.wanted.at.isoformat(), now=c.now.isoformat())


@policy("CON-15", "Staff who let somebody in against the rules have a permission of its own.")
def overriding_must_be_permitted(c: CheckingInFacts) -> MemberLogicError | None:
    """Also where nothing is overridden in the end."""
    if c.wanted.override_note is None or c.actor.may(OVERRIDING):
        return None
    return PermissionDenied(permission=OVERRIDING)


CHECKING_IN: Policies[CheckingInFacts] = Policies(must_have_come, overriding_must_be_permitted)


@frozen(kw_only=True)
class Noted:
    """What staff noted when they let somebody in."""

    id: NoteId
    member: MemberId
    text: str


@frozen(kw_only=True)
class Written:
    """What a check-in, or undoing one, leaves behind: nothing where it was a second scan."""

    new: tuple[Visit, ...] = ()
    different: tuple[Visit, ...] = ()
    passes: tuple[VisitorPass, ...] = ()
    """Visitor passes whose visits are counted anew."""
    note: Noted | None = None


def check_in(
    door: AtTheDoor, wanted: CheckIn, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Written, Event, CheckedIn]:
    """Answer whoever stands at the door, and write the visit down.

    Raises:
        VisitToCome: if it is of an instant that is to come.
        PermissionDenied: if staff override without the permission.
    """
    CHECKING_IN.require(CheckingInFacts(wanted=wanted, actor=actor, now=now))
    admission = admit(door)
    if admission.same is not None:
        return Outcome(Written(), (), _checked_in(door, admission, admission.same, same=True))
    note = None
    if not admission.allowed and wanted.override_note is not None:
        note = Noted(id=NoteId(new_id()), member=door.member.id, text=wanted.override_note)
        told = (*(each.lowered() for each in admission.notices), _OVERRIDDEN)
        admission = Admission(allowed=True, notices=told)
    taken = admission.visitor_pass
    visit = Visit(
        id=VisitId(new_id()),
        member=door.member.id,
        studio=door.studio.code,
        service=door.service,
        at=door.at,
        day=door.day,
        recorded_at=now,
        actor=actor.label,
        allowed=admission.allowed,
        contract=admission.contract,
        visitor_pass=None if taken is None else taken.id,
        told=tuple(each.code for each in admission.notices),
        overridden=note is not None,
        note=None if note is None else note.id,
    )
    written = Written(
        new=(visit,),
        passes=() if taken is None else (evolve(taken, used=taken.used + 1),),
        note=note,
    )
    return Outcome(written, (_event(visit),), _checked_in(door, admission, visit))


_OVERRIDDEN = Notice(code="checkin.overridden", severity=Severity.INFO)


def _event(visit: Visit) -> Event:
    if not visit.allowed:
        return VisitRefused(
            members=(visit.member,),
            visit=visit.id,
            member=visit.member,
            studio=visit.studio,
            service=visit.service,
            day=visit.day,
            codes=visit.told,
        )
    return VisitRecorded(
        members=(visit.member,),
        visit=visit.id,
        member=visit.member,
        studio=visit.studio,
        service=visit.service,
        day=visit.day,
        contract=visit.contract,
        visitor_pass=visit.visitor_pass,
        overridden=visit.overridden,
    )


def _checked_in(door: AtTheDoor, admission: Admission, visit: Visit, *, same: bool = False) -> CheckedIn:
    return CheckedIn(
        visit=visit.id,
        member=visit.member,
        studio=visit.studio,
        service=visit.service,
        at=door.at,
        day=visit.day,
        allowed=admission.allowed,
        notices=admission.notices,
        contract=visit.contract,
        visitor_pass=visit.visitor_pass,
        same_visit=same,
        overridden=visit.overridden,
    )


def tell(door: AtTheDoor) -> NoticesTold:
    """What would be told, and nothing written down."""
    admission = admit(door)
    return NoticesTold(
        member=door.member.id,
        studio=door.studio.code,
        service=door.service,
        at=door.at,
        allowed=admission.allowed,
        notices=admission.notices,
    )


@frozen(kw_only=True)
class UndoingFacts:
    """What the rules of undoing look at."""

    visit: Visit
    today: date
    """The business day of the visit's studio."""


class VisitNotAllowed(RuleViolation):
    """Nobody came in."""

    code = "visit.refused_anyway"
    rule = "CON-15"
    sentence = "The member was not let in; there is nothing to undo."


class VisitAlreadyUndone(RuleViolation):
    """It is no visit any more."""

    code = "visit.already_undone"
    rule = "CON-15"
    sentence = "The check-in was undone before, at {at}."


class VisitOfAnotherDay(RuleViolation):
    """The day is over."""

    code = "visit.of_another_day"
    rule = "CON-15"
    sentence = "The check-in is of {day}, and today is {today}; it can be undone on its own day only."


@policy("CON-15", "What is undone let somebody in.")
def must_have_let_in(u: UndoingFacts) -> MemberLogicError | None:
    """A refusal stands."""
    return None if u.visit.allowed else VisitNotAllowed()


@policy("CON-15", "A check-in is undone once.")
def must_not_be_undone(u: UndoingFacts) -> MemberLogicError | None:
    """Twice is a mistake too."""
    return None if u.visit.undone_at is None else VisitAlreadyUndone(at=u.visit.undone_at.isoformat())


@policy("CON-15", "A check-in is undone on its own day.")
def must_be_of_today(u: UndoingFacts) -> MemberLogicError | None:
    """The studio's day."""
    if u.visit.day == u.today:
        return None
    return VisitOfAnotherDay(day=u.visit.day.isoformat(), today=u.today.isoformat())


UNDOING: Policies[UndoingFacts] = Policies(must_have_let_in, must_not_be_undone, must_be_of_today)


def undo_check_in(
    visit: Visit, visitor_pass: VisitorPass | None, studio: Studio, wanted: UndoCheckIn, now: datetime
) -> Outcome[Written, Event, Visit]:
    """A check-in that was a mistake counts no more, and a pass gets its visit back.

    Raises:
        RuleViolation: the first of :data:`UNDOING` that refuses.
    """
    UNDOING.require(UndoingFacts(visit=visit, today=local_day(now, studio.zone)))
    undone = evolve(visit, undone_at=now, undone_for=wanted.reason)
    back = () if visitor_pass is None else (evolve(visitor_pass, used=visitor_pass.used - 1),)
    event = VisitUndone(members=(visit.member,), visit=visit.id, member=visit.member, reason=wanted.reason)
    return Outcome(Written(different=(undone,), passes=back), (event,), undone)
