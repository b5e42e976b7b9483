"""What a host calls when something happened that may earn points (PTS-4).
:class:`~memberlogic.loyalty.service.LoyaltyService` is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId
from memberlogic.ledger.model import Entry, Wallet
from memberlogic.loyalty import awarding
from memberlogic.loyalty.awarding import Awarded, AwardingFacts, BirthdaysKept, GiveAward, Given, OfBirthdays
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.settling import standings, write
from memberlogic.members import Member
from memberlogic.members.lifecycle import present
from memberlogic.organizations.model import Feature
from memberlogic.outcomes import Outcome
from memberlogic.running import Asks, Runner

__all__ = ["AwardService"]

AWARD = Asks("loyalty.award", "members.awards:create", Awarded, Feature.LOYALTY)
BIRTHDAYS = Asks("loyalty.birthdays", "members.awards:read", BirthdaysKept, Feature.LOYALTY)


class AwardService:
    """Events other than purchases."""

    _runner: Runner[LoyaltyWork]

    def award(
        self,
        account: AccountId,
        *,
        event: str,
        reference: ExternalId,
        at: datetime | None = None,
        member: MemberId | None = None,
        idempotency_key: str | None = None,
    ) -> Awarded:
        """Something happened that may earn points (PTS-4): a registration, a check-in, a birthday, a referral. It earns
        what the club's rules for the event give; 0, with its explanation, where a limit is reached.

        Args:
            reference: the host's own id of what happened; the same id answers the first result, for ever.
            at: when it took place, now if left out; limits and rules look at its business day, the points arrive now.
            member: whom it concerns, the account's owner if left out; limits count for each member.

        Raises:
            InvalidInput: for an event that is no code, or an ``at`` that is naive.
            NotFound: if there is no such account, or the member does not hold it.
            AwardDiffers: if the id was used for another content.
            RuleViolation: if the account is closed, the club has no rule for the event, or it is still to come.
        """
        wanted = GiveAward(account=account, event=event, reference=reference, at=at, member=member)
        return self._runner.run(AWARD, wanted, idempotency_key, self.award_step)

    def award_step(self, uow: LoyaltyWork, actor: Actor, wanted: GiveAward) -> Awarded:
        """Awarding, inside a unit of work: the member is locked first, because limits count for each member."""
        member = awarding.concerned(wanted, uow.accounts.get(wanted.account))
        locked = uow.members.locked(member)
        wallets = uow.wallets.moving(wanted.moves)
        decide = partial(self._given, uow, actor, wanted, locked, wallets)
        outcome = awarding.once(wanted, uow.awards.known(wanted.reference), decide)
        uow.wallets.post([each.wallet for each in outcome.facts], outcome.events, awarding.lapsed(outcome.facts))
        uow.put(awarding.happened(outcome.facts))
        uow.awards.add([each.award for each in outcome.facts])
        write(uow, [each.standing for each in outcome.facts], self._runner.new_id)
        return outcome.result

    def _given(
        self, uow: LoyaltyWork, actor: Actor, wanted: GiveAward, concerned: Member, wallets: Sequence[Wallet]
    ) -> Outcome[tuple[Given, ...], Entry, Awarded]:
        (wallet,) = wallets
        member = present(concerned, "be awarded").id
        club = uow.clubs.get(wallet.club)
        facts = AwardingFacts(
            wanted=wanted,
            wallet=wallet,
            club=club,
            member=member,
            times=self._times(uow, club, member, wanted),
            standing=standings(uow, wallets, {club.id: club}, (uow.now,), {}).get(wanted.account),
            now=uow.now,
        )
        return awarding.award(facts, actor, self._runner.new_id)

    def _times(self, uow: LoyaltyWork, club: Club, member: MemberId, wanted: GiveAward) -> Mapping[str, int]:
        """How often each rule with a limit gave, in the period of the event."""
        day = local_day(wanted.at or uow.now, club.zone)
        return {
            rule.key: uow.awards.times(club.id, member, rule.key, most.days(day))
            for rule, most in awarding.limited(club, wanted.event)
        }

    def birthdays(self, club: ClubId, *, on: date | None = None) -> BirthdaysKept:
        """Whose birthday is kept on a day in a club, today if left out (PTS-4): for a job of the host's, which knows
        who was born when and awards each. Raises ``NotFound``.
        """
        return self._runner.ask(BIRTHDAYS, OfBirthdays(club=club, on=on), self.birthdays_step)

    def birthdays_step(self, uow: LoyaltyWork, _: Actor, wanted: OfBirthdays) -> BirthdaysKept:
        """Looking birthdays up, inside a unit of work."""
        return awarding.birthdays(wanted, uow.clubs.get(wanted.club), uow.now)
