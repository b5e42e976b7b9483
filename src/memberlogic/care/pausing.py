"""CARE-3, CARE-16: when time stands still for a run: while its member is not MEMBER. What is learnt late makes no time
run that stood still: a pause ends when the fact that ended it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.care.model import Pause, Run, united
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus

__all__ = ["pauses_of", "repaused"]


def pauses_of(spans: Sequence[MembershipSpan], since: datetime, *, while_frozen: bool) -> tuple[Pause, ...]:
    """When time stands still from an instant on, by what is known of the member.

    Args:
        spans: the member's, in order (MEM-18); before the first they are a prospect.
        while_frozen: whether time stands still also while the member's contracts are frozen.
    """
    return united(_gaps([each for each in spans if _runs(each, while_frozen=while_frozen)], since))


def _gaps(running: Sequence[MembershipSpan], since: datetime) -> Iterable[Pause]:
    at: datetime | None = since
    for span in running:
        if at is None:
            return
        if span.since > at:
            yield Pause(since=at, until=span.since)
        at = None if span.until is None else max(at, span.until)
    if at is not None:
        yield Pause(since=at, until=None)


def _runs(span: MembershipSpan, *, while_frozen: bool) -> bool:
    if span.status is not MembershipStatus.MEMBER:
        return False
    return not (while_frozen and span.detail is MembershipDetail.FROZEN)


def repaused(run: Run, spans: Sequence[MembershipSpan], now: datetime) -> Run:
    """A run that was settled to now, with what is known now of when its time stands still."""
    told = pauses_of(spans, run.assigned_at, while_frozen=run.flow.terms.pauses_while_frozen)
    stood = (evolve(each, until=min(each.until or now, now)) for each in run.pauses if each.since < now)
    return evolve(run, pauses=united((*stood, *told)))
