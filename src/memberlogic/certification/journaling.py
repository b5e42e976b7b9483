"""The Hypothesis machine over the ledger, with journals that are drafted, validated, posted and discarded (PTS-15):
among holds, corrections, late purchases and expiry, against the plain model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from memberlogic.certification.correcting import CorrectingMachine
from memberlogic.certification.machine import ModelLot
from memberlogic.errors import Conflict, IllegalTransition, RuleViolation
from memberlogic.ids import AccountId, JournalId, new_id
from memberlogic.ledger.journals import JournalRow, LineKind

__all__ = ["JournalingMachine"]

_NOBODY = 3
"""The place of an account that does not exist."""

_KINDS = st.sampled_from(("earn", "earn", "redeem", "up", "down", "transfer", "expire"))
_PLACES = st.sampled_from((0, 1, 2, 0, 1, 2, 0, 1, 2, _NOBODY))
_LINES = st.lists(
    st.tuples(_KINDS, _PLACES, st.integers(0, 25), st.integers(0, 2), st.none() | st.integers(1, 200)), max_size=6
)
"""What a line does, for whom, with how many points, to whom they go, for how many hours what arrives lives."""

Line = tuple[str, int, int, int, datetime | None]


@define(eq=False)
class ModelJournal:
    """A journal that the model knows of."""

    id: JournalId
    reference: str
    lines: list[Line]
    rows: Sequence[JournalRow]
    state: str = "draft"


class JournalingMachine(CorrectingMachine):
    """The same accounts, with journals."""

    settings: Mapping[str, Any] = CorrectingMachine.settings

    def __init__(self) -> None:
        super().__init__()
        self.journals: list[ModelJournal] = []
        self.nobody = AccountId(new_id())

    def row(self, line: Line) -> JournalRow:
        """A line as the library wants it."""
        kind, place, points, to, until = line
        kinds = {"up": LineKind.ADJUST, "down": LineKind.ADJUST}
        return JournalRow(
            kinds[kind] if kind in kinds else LineKind(kind),
            [*self.accounts, self.nobody][place],
            -points if kind == "down" else points,
            target=self.accounts[to] if kind == "transfer" else None,
            reason="goodwill",
            expires_at=until,
        )

    def expire(self, index: int, points: int) -> None:
        """The model lets points expire by name, in order of consumption."""
        now, lots = self.world.clock.now(), self.spendable(index)
        before = [lot.points for lot in lots]
        self.take(index, points)
        for lot, had in zip(lots, before, strict=True):
            if had > lot.points:
                self.set_apart(index, lot, had - lot.points, now, counted=False)

    def is_formal(self, line: Line) -> bool:
        """Whether a line is wrong whatever is on the accounts: posting tells such lines first."""
        return not line[2] or line[1] == _NOBODY

    def wrong(self, lines: Sequence[Line]) -> list[tuple[int, str]]:
        """Which lines cannot be posted, and why: each is looked at as the good ones before it leave the accounts."""
        now = self.world.clock.now()
        available = [self.available(index) for index in range(3)]
        debt, found = list(self.debt), []

        def receive(index: int, points: int) -> None:
            settled = min(points, debt[index])
            debt[index] -= settled
            available[index] += points - settled

        for number, (kind, place, points, to, until) in enumerate(lines, 1):
            problem = None
            if not points:
                problem = "input.invalid"
            elif place == _NOBODY:
                problem = "not_found"
            elif kind in ("earn", "up"):
                problem = "input.invalid" if until is not None and until <= now else None
            elif kind == "transfer" and to == place:
                problem = "transfer.to_itself"
            elif kind == "transfer" and debt[place]:
                problem = "points.in_debt"
            elif points > available[place]:
                problem = "points.insufficient"
            if problem is not None:
                found.append((number, problem))
                continue
            if kind in ("earn", "up"):
                receive(place, points)
            else:
                available[place] -= points
                if kind == "transfer":
                    receive(to, points)
        return found

    @rule(lines=_LINES, careful=st.booleans())
    def draft(self, lines: list[tuple[str, int, int, int, int | None]], careful: bool) -> None:
        """Lines come in; nothing moves. Who is careful leaves out what could not be posted now."""
        now = self.world.clock.now()
        said: list[Line] = []
        for kind, place, points, to, hours in lines:
            named = hours is not None and kind in ("earn", "up")
            said.append((kind, place, points, to, now + timedelta(hours=hours or 0) if named else None))
        if careful:
            wrong = {number for number, _ in self.wrong(said)}
            said = [line for number, line in enumerate(said, 1) if number not in wrong]
        reference = f"journal-{len(self.journals)}"
        rows = [self.row(line) for line in said]
        drafted = self.world.org.ledger.draft_journal(reference, rows)
        assert drafted.lines == len(rows)
        assert drafted.malformed == sum(1 for line in said if not line[2])
        self.journals.append(ModelJournal(drafted.id, reference, said, rows))

    @precondition(lambda self: self.journals)
    @rule(data=st.data())
    def validate(self, data: st.DataObject) -> None:
        """Each bad line is told. Drafted again it is the same journal, and its reference is not for other lines."""
        journal = data.draw(st.sampled_from(self.journals))
        again = self.world.org.ledger.draft_journal(journal.reference, journal.rows)
        assert (again.id, again.state.value) == (journal.id, journal.state)
        others = [*journal.rows, JournalRow(LineKind.EARN, self.nobody, 1)]
        with pytest.raises(Conflict):
            self.world.org.ledger.draft_journal(journal.reference, others)
        checked = self.world.org.ledger.validate_journal(journal.id)
        assert [(each.line, each.code) for each in checked.problems] == self.wrong(journal.lines)

    @precondition(lambda self: self.journals)
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        """Entirely or not at all, once."""
        journal = data.draw(st.sampled_from(self.journals))
        if journal.state == "discarded":
            with pytest.raises(IllegalTransition):
                self.world.org.ledger.post_journal(journal.id)
            return
        self.lapsed()
        if journal.state == "draft":
            wrong = self.wrong(journal.lines)
            if wrong:
                with pytest.raises(RuleViolation) as refusal:
                    self.world.org.ledger.post_journal(journal.id)
                details = refusal.value.details
                formal = [each for each in wrong if self.is_formal(journal.lines[each[0] - 1])]
                assert (details["line"], details["reason"]) == (formal or wrong)[0]
                return
        posted = self.world.org.ledger.post_journal(journal.id)
        transfers = sum(1 for line in journal.lines if line[0] == "transfer")
        assert (posted.lines, posted.entries) == (len(journal.lines), len(journal.lines) + transfers)
        if journal.state == "draft":
            journal.state = "posted"
            for line in journal.lines:
                self.move(*line)

    def move(self, kind: str, index: int, points: int, to: int, until: datetime | None) -> None:
        """What a line does."""
        now = self.world.clock.now()
        if kind in ("earn", "up"):
            self.arrive(index, ModelLot(until, points, now) if until else self.by_policy(points, now))
        elif kind == "transfer":
            self.send(index, to, points)
        elif kind == "down":
            self.take(index, points)
        elif kind == "expire":
            self.expire(index, points)
        else:
            self.drain(self.spendable(index), points)

    @precondition(lambda self: self.journals)
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        """Given up, unless it is posted or given up."""
        journal = data.draw(st.sampled_from(self.journals))
        if journal.state != "draft":
            with pytest.raises(IllegalTransition):
                self.world.org.ledger.discard_journal(journal.id)
            return
        assert self.world.org.ledger.discard_journal(journal.id).state.value == "discarded"
        journal.state = "discarded"
