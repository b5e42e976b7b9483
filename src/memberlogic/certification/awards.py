"""What a store promises of awards (PTS-4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve

from memberlogic.calendar import Days, Term
from memberlogic.certification.base import Certification
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import AwardId, ExternalId, MemberId, new_id
from memberlogic.ledger.model import After, Move, WalletId
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.programme import AwardRule, Earning
from memberlogic.loyalty.progression import DayTotals
from memberlogic.storing import Command, Storage
from memberlogic.testing.worlds import World

__all__ = ["AwardsPromises"]

_DAY = date(2026, 1, 15)
_EARNING = Earning(
    awards=[
        AwardRule(key="one", event="quiz", points=3),
        AwardRule(key="two", event="quiz", points=4, schemes=["gold"]),
    ]
)


class AwardsPromises(Certification):
    """The port ``Awards``."""

    @pytest.fixture
    def world(self, storage: Storage) -> World:  # type: ignore[type-arg]
        """A club with awards."""
        schemes = [Scheme(code="standard", name="Standard"), Scheme(code="gold", name="Gold", threshold=1)]
        return World(storage, earning=_EARNING, schemes=schemes, expiry=After(Term.of_days(30)))

    def test_it_comes_back_as_it_was(self, world: World) -> None:
        """All of it, by the host's id; one that is not there, or is another organization's, is none."""
        account, reference = world.account(), ExternalId("host", "Ä 7")
        at = world.clock.now() - timedelta(days=2, microseconds=1)
        done = world.org.loyalty.award(account, event="quiz", reference=reference, at=at)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            found = uow.awards.known(reference)
            assert uow.awards.known(ExternalId("host", "8")) is None
        assert found is not None
        assert (found.id, found.entry, found.account, found.member) == (done.award, done.entry, account, done.member)
        assert (found.event, found.external_id, found.at, found.club) == ("quiz", reference, at, world.club.id)
        days = (found.business_day, found.earned_on)
        assert (*days, found.scheme) == (_DAY - timedelta(days=2), _DAY, "standard")
        assert (found.given, found.points, found.available, found.because) == ({"one": 3}, 3, 3, done.because)
        assert (found.expires_at, found.recorded_at) == (done.expires_at, world.clock.now())
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow:
            assert uow.awards.known(reference) is None

    def test_what_a_rule_gave_is_counted(self, world: World) -> None:
        """By member, rule and day of the event, over all accounts; what gave nothing is not."""
        member = world.member()
        account = world.account(member=member)
        for number, ago in enumerate((0, 0, 1, 9)):
            at = world.clock.now() - timedelta(days=ago)
            world.org.loyalty.award(account, event="quiz", reference=ExternalId("host", str(number)), at=at)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            times, club = uow.awards.times, world.club.id
            assert times(club, member, "one", None) == 4
            assert times(club, member, "one", Days(_DAY, _DAY + timedelta(days=1))) == 2
            assert times(club, member, "one", Days(_DAY - timedelta(days=1), _DAY)) == 1
            assert times(club, member, "two", None) == 0
            assert times(club, MemberId(new_id()), "one", None) == 0

    def test_an_id_is_used_once(self, world: World) -> None:
        """COM-9: what was decided without knowing of another is not written."""
        account, reference = world.account(), ExternalId("host", "1")
        world.org.loyalty.award(account, event="quiz", reference=reference)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            taken = uow.awards.known(reference)
        assert taken is not None
        again = evolve(taken, id=AwardId(new_id()))
        command = Command(organization=world.organization.id, name="test", actor="system")
        with pytest.raises(ConcurrencyConflict), world.storage.work(command, world.clock) as uow:
            uow.wallets.moving([Move(WalletId(account))])
            uow.awards.add([again])
            uow.finish(None)

    def test_what_events_earn_counts_as_earned_on_the_day_on_which_it_arrived(self, world: World) -> None:
        """SCH-2: beside purchases of the same day; it is no purchase."""
        account = world.account()
        for number in range(2):
            at = world.clock.now() - timedelta(days=number)
            world.org.loyalty.award(account, event="quiz", reference=ExternalId("host", str(number)), at=at)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            (totals,) = uow.measures.daily([account], _DAY)[account]
            assert list(uow.measures.daily([account], _DAY + timedelta(days=1))[account]) == []
        assert totals == DayTotals(_DAY, 0, 0, 6)
