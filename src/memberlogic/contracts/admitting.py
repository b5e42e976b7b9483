"""CON-15: who comes in: one pure function of everything that is known at the door, for check-in and ``notices``.

A contract lets a member in if its rate gives the service in the status of the day, it is not suspended, and no limit of
visits is reached; else a visitor pass may. Nobody comes in who is blocked or suspended themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from attrs import evolve, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts.handing_on import took_over
from memberlogic.contracts.model import Contract
from memberlogic.contracts.notices import Notice, Severity, days
from memberlogic.contracts.noticing import ending, standing
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.serving import Entitlement, entitlements
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.contracts.visits import Tally, Visit
from memberlogic.errors import JSON
from memberlogic.ids import ContractId
from memberlogic.members.model import Member, MemberState
from memberlogic.organizations.model import Studio

__all__ = ["Admission", "AtTheDoor", "admit"]


@frozen(kw_only=True)
class AtTheDoor:
    """Everything that is known of somebody who stands at the door of a studio."""

    member: Member
    studio: Studio
    service: str | None
    """What they came for; None to come in."""
    at: datetime
    contracts: tuple[Contract, ...]
    suspensions: tuple[Suspension, ...]
    passes: tuple[VisitorPass, ...]
    billing: Billing
    around: tuple[Visit, ...]
    """Their visits shortly before and after."""
    tallies: tuple[Tally, ...]
    """Their visits of the periods that a limit looks at."""
    second_scan: timedelta
    """How long a further scan is the same visit; 0 if every scan is one."""
    above: tuple[Notice, ...] = ()
    """What the rooms above have to tell."""

    @property
    def day(self) -> date:
        """The studio's business day."""
        return local_day(self.at, self.studio.zone)

    def sale(self, id: ContractId, *, switched: bool = False) -> frozenset[ContractId]:
        """A contract with those that it took over from at other studios: one sale, which limits follow (CON-12). With
        those that were switched to it, too, as suspensions do: another rate is no way back in.
        """
        found, known = {id}, {each.id: each for each in self.contracts}
        while (contract := known.get(id)) is not None and contract.predecessor in known:
            before = known[contract.predecessor]
            if not took_over(contract, before) or (contract.begins_on is None and not switched):
                break
            id = before.id
            found.add(id)
        return frozenset(found)


@frozen(kw_only=True)
class Admission:
    """Whether somebody comes in, by what, and what is told."""

    allowed: bool
    notices: tuple[Notice, ...]
    contract: ContractId | None = None
    visitor_pass: VisitorPass | None = None
    same: Visit | None = None
    """The visit that this is a second scan of."""


@frozen(kw_only=True)
class _Ground:
    """An open contract at the door: what is told of it anyway, and what it lacks to let the member in."""

    given: Entitlement
    told: tuple[Notice, ...]
    lacks: tuple[Notice, ...]
    closed: bool
    """Whether it does not let them in."""


def admit(door: AtTheDoor) -> Admission:
    """Whether somebody comes in. A second scan takes no limit and no visit of a pass; but who may not come in any more
    is refused: also whom staff let in, for what they were not told then.
    """
    same = _same_visit(door)
    if same is None:
        return _admission(door)
    passes = tuple(evolve(each, used=each.used - (each.id == same.visitor_pass)) for each in door.passes)
    once_more = _admission(evolve(door, tallies=(), passes=passes))
    shown = _shown(door)
    if same.overridden and _told_of({each.code for each in shown}, once_more, same):
        return Admission(allowed=True, notices=_sorted((_again(same, door.studio), *shown)), same=same)
    if not once_more.allowed:
        return once_more
    return evolve(once_more, notices=_sorted((_again(same, door.studio), *once_more.notices)), same=same)


def _told_of(shown: Collection[str], admission: Admission, visit: Visit) -> bool:
    """Whether staff were told of everything that keeps somebody out when they let them in."""
    against = {each.code for each in admission.notices if each.severity is not Severity.INFO}
    return admission.allowed or against - set(shown) <= set(visit.told)


def _admission(door: AtTheDoor) -> Admission:
    grounds = [_ground(door, *each) for each in entitlements(door.contracts, door.member.id, door.at)]
    # A contract without a limit first: visits are not used up where they need not be.
    opens = min(
        (each.given for each in grounds if not each.closed),
        key=lambda given: (bool(given.limits), given.contract),
        default=None,
    )
    covering = [each for each in door.passes if each.covers(door.day, door.at, door.studio.code, door.service)]
    valid = min((each for each in covering if each.left != 0), key=lambda each: (each.until, each.id), default=None)
    taken = valid if opens is None else None
    kept_out = (*_blocked(door), *_banned(door))
    told = [notice for ground in grounds for notice in ground.told]
    if opens is not None or taken is not None:
        told = [each.lowered() for each in told]
    else:
        told += [notice for ground in grounds for notice in ground.lacks]
        told += [_used_up(each) for each in covering]
    if not grounds:
        told += ending(door.contracts, door.member.id, door.at) or _without_contract(covering)
    if taken is not None and not kept_out:
        told.append(_by_pass(taken))
    allowed = not kept_out and (opens is not None or taken is not None)
    return Admission(
        allowed=allowed,
        notices=_sorted((*kept_out, *told, *_shown(door))),
        contract=opens.contract if allowed and opens is not None else None,
        visitor_pass=taken if allowed else None,
    )


def _ground(door: AtTheDoor, contract: Contract, given: Entitlement) -> _Ground:
    sale = door.sale(contract.id, switched=True)
    suspended = [each for each in door.suspensions if each.contract in sale and given.on in each]
    told = (*standing(contract, given), *(_suspended("contract", each) for each in suspended))
    included = given.includes(door.service, door.studio.code)
    lacks: tuple[Notice, ...] = ()
    if included:
        lacks = _reached(door, given)
    elif not told:
        lacks = (_not_included(door, given),)
    closed = bool(suspended) or not included or bool(lacks)
    if not closed:
        # Its rate gives this in this status: what it is told of keeps nobody out.
        told = tuple(each.lowered() for each in told)
    return _Ground(given=given, told=told, lacks=lacks, closed=closed)


def _blocked(door: AtTheDoor) -> Sequence[Notice]:
    if door.member.state is MemberState.ANONYMISED:
        return (_notice("anonymised", Severity.BLOCKING),)
    if door.member.state is not MemberState.BLOCKED:
        return ()
    return (_notice("blocked", Severity.BLOCKING, reason=door.member.blocked_for),)


def _banned(door: AtTheDoor) -> Sequence[Notice]:
    mine = [each for each in door.suspensions if each.member == door.member.id and door.day in each]
    return [_suspended("member", each) for each in mine]


def _suspended(what: str, suspension: Suspension) -> Notice:
    said: dict[str, JSON] = {
        "suspension": str(suspension.id),
        "reason": suspension.reason,
        **days(suspension.since, suspension.end),
    }
    if suspension.contract is not None:
        said["contract"] = str(suspension.contract)
    return _notice(f"{what}_suspended", Severity.BLOCKING, **said)


def _not_included(door: AtTheDoor, given: Entitlement) -> Notice:
    said: dict[str, JSON] = {"contract": str(given.contract), "service": door.service, "studio": door.studio.code}
    return _notice("not_included", Severity.BLOCKING, **said)


def _reached(door: AtTheDoor, given: Entitlement) -> tuple[Notice, ...]:
    """The limits of a contract that leave no visit on this day."""
    found, sale = [], door.sale(given.contract)
    for limit in given.limits:
        period = limit.period.containing(door.day)
        made = sum(
            each.visits
            for each in door.tallies
            if each.contract in sale and each.day in period and limit.counts(each.service)
        )
        if limit.counts(door.service) and made >= limit.visits:
            said: dict[str, JSON] = {
                "contract": str(given.contract),
                "visits": limit.visits,
                "period": limit.period.value,
            }
            found.append(_notice("limit_reached", Severity.BLOCKING, **said, next_on=period.end.isoformat()))
    return tuple(found)


def _without_contract(covering: Sequence[VisitorPass]) -> Sequence[Notice]:
    return () if covering else (_notice("no_contract", Severity.BLOCKING),)


def _used_up(visitor_pass: VisitorPass) -> Notice:
    said: dict[str, JSON] = {
        "visitor_pass": str(visitor_pass.id),
        "kind": visitor_pass.kind.value,
        "visits": visitor_pass.visits,
    }
    return _notice("pass_used_up", Severity.BLOCKING, **said)


def _by_pass(visitor_pass: VisitorPass) -> Notice:
    left = None if visitor_pass.left is None else visitor_pass.left - 1
    said: dict[str, JSON] = {"visitor_pass": str(visitor_pass.id), "kind": visitor_pass.kind.value, "left": left}
    return _notice("by_pass", Severity.INFO, **said)


def _shown(door: AtTheDoor) -> Sequence[Notice]:
    """What is told and decides nothing: what billing says, and what the rooms above have to say."""
    found = []
    billing = door.billing
    as_of = None if billing.as_of is None else billing.as_of.isoformat()
    if billing.owed is not None and billing.owed.minor > 0:
        said: dict[str, JSON] = {"owed": billing.owed.minor, "currency": billing.owed.currency, "as_of": as_of}
        found.append(_notice("owes", Severity.WARNING, **said))
    if billing.status is not None:
        found.append(_notice("billing", Severity.INFO, status=billing.status, as_of=as_of))
    return [*found, *(each.lowered() for each in door.above)]


def _same_visit(door: AtTheDoor) -> Visit | None:
    """The visit that this is a second scan of: at the same studio for the same, shortly before or after; of several
    equally near the one that was written down last.
    """
    near = [
        each
        for each in door.around
        if door.second_scan
        and each.counts
        and (each.studio, each.service) == (door.studio.code, door.service)
        and abs(each.at - door.at) <= door.second_scan
    ]
    return min(near, key=lambda each: (abs(each.at - door.at), -each.id.int), default=None)


def _again(visit: Visit, studio: Studio) -> Notice:
    time = f"{visit.at.astimezone(studio.zone):%H:%M}"
    return _notice("same_visit", Severity.INFO, visit=str(visit.id), at=visit.at.isoformat(), time=time)


def _notice(name: str, severity: Severity, **parameters: JSON) -> Notice:
    return Notice(code=f"checkin.{name}", severity=severity, parameters=parameters)


_WEIGHT = (Severity.BLOCKING, Severity.WARNING, Severity.INFO)


def _sorted(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """What keeps somebody out first."""
    return tuple(sorted(notices, key=lambda each: _WEIGHT.index(each.severity)))
