"""What a host calls to run clubs and accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from memberlogic.actors import Actor
from memberlogic.calendar import Term
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId
from memberlogic.jobs import Progress
from memberlogic.ledger import settling
from memberlogic.ledger.acting import asking
from memberlogic.ledger.model import (
    AdjustingPolicy,
    Entry,
    Expiry,
    Never,
    Order,
    Shortfall,
    TransferPolicy,
    Wallet,
    WalletId,
)
from memberlogic.loyalty import afterwards, closing, importing, joining, opening, recording, redeeming, repeating
from memberlogic.loyalty.afterwards import CreditPurchase
from memberlogic.loyalty.award_service import AwardService
from memberlogic.loyalty.backdating import late_in
from memberlogic.loyalty.closing import AccountFacts, BlockAccount, ToAccount
from memberlogic.loyalty.importing import (
    Chunk,
    ChunkFacts,
    ChunkImported,
    ImportPurchases,
    ImportReport,
    PurchaseRow,
    Reject,
)
from memberlogic.loyalty.joining import Joint, JointFacts
from memberlogic.loyalty.listing import PageOfPurchases, PurchaseSold, PurchasesPage, lazily
from memberlogic.loyalty.model import Account, Club, Scheme
from memberlogic.loyalty.opening import STANDARD, OfAccount, OfClub, OpenAccount, OpenClub, OpeningFacts
from memberlogic.loyalty.parting import account_facts
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.programme import Earning, Redeeming
from memberlogic.loyalty.progression import Progression
from memberlogic.loyalty.purchases import PurchaseFound, PurchaseLine
from memberlogic.loyalty.recording import PurchaseRecorded, Recorded, RecordingFacts, RecordPurchase
from memberlogic.loyalty.redeeming import Ask, Quote, RedeemBlocks
from memberlogic.loyalty.return_service import ReturnService
from memberlogic.loyalty.returns import returned_of
from memberlogic.loyalty.settling import looking_back, standings, write
from memberlogic.members.classifying import types_of_clubs
from memberlogic.members.lifecycle import present
from memberlogic.organizations.model import Feature
from memberlogic.outcomes import Outcome
from memberlogic.running import Asks

__all__ = ["LoyaltyService"]

OPEN_CLUB = Asks("loyalty.open_club", "settings.loyalty:create", Club, Feature.LOYALTY)
CLUB = Asks("loyalty.club", "settings.loyalty:read", Club, Feature.LOYALTY)
OPEN_ACCOUNT = Asks("loyalty.open_account", "members.accounts:create", Account, Feature.LOYALTY)
BLOCK_ACCOUNT = Asks("loyalty.block_account", "members.accounts:update", Account, Feature.LOYALTY)
UNBLOCK_ACCOUNT = Asks("loyalty.unblock_account", "members.accounts:update", Account, Feature.LOYALTY)
CLOSE_ACCOUNT = Asks("loyalty.close_account", "members.accounts:delete", Account, Feature.LOYALTY)
JOIN_ACCOUNT = Asks("loyalty.join_account", "members.accounts:update", Account, Feature.LOYALTY)
LEAVE_ACCOUNT = Asks("loyalty.leave_account", "members.accounts:update", Account, Feature.LOYALTY)
ACCOUNT = Asks("loyalty.account", "members.accounts:read", Account, Feature.LOYALTY)
FIND_ACCOUNT = Asks("loyalty.find_account", "members.accounts:read", Account, Feature.LOYALTY)
RECORD_PURCHASE = Asks("loyalty.record_purchase", "members.purchases:create", PurchaseRecorded, Feature.LOYALTY)
CREDIT_PURCHASE = Asks("loyalty.credit_purchase", "members.purchases:create", PurchaseRecorded, Feature.LOYALTY)
FIND_PURCHASE = Asks("loyalty.find_purchase", "members.purchases:read", PurchaseFound, Feature.LOYALTY)
PURCHASES = Asks("loyalty.purchases", "reports.purchases:read", PurchasesPage, Feature.LOYALTY)
IMPORT_PURCHASES = Asks("loyalty.import_purchases", "members.purchases:create", ChunkImported, Feature.LOYALTY)
QUOTE = Asks("loyalty.quote", "members.points:read", Quote, Feature.LOYALTY)


class LoyaltyService(ReturnService, AwardService):
    """Clubs, the accounts that members hold in them, and their purchases."""

    def open_club(
        self,
        *,
        name: str,
        zone: ZoneInfo,
        member_types: Iterable[str],
        schemes: Sequence[Scheme] = (STANDARD,),
        expiry: Expiry = Never(),  # noqa: B008 - frozen
        transfer: TransferPolicy = TransferPolicy(),  # noqa: B008 - frozen
        currency: str = "EUR",
        earning: Earning = Earning(),  # noqa: B008 - frozen
        redeeming: Redeeming | None = None,
        progression: Progression | None = None,
        grace: Term | None = None,
        shortfall: Shortfall = Shortfall.DEBT,
        warnings: Sequence[Term] = (),
        order: Order = Order.SOONEST_EXPIRY,
        adjusting: AdjustingPolicy = AdjustingPolicy(),  # noqa: B008 - frozen
        reinstating: Term | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Club:
        """Open a club (PTS-1) with its schemes in rank order (SCH-1) and what it says of points: how long they
        live (PTS-6), which are used up first (PTS-7), whether they may be transferred (PTS-11), how purchases earn
        them (PTS-2) and what they pay (PTS-8; without ``redeeming`` nothing); and of going up and down between its
        schemes (SCH-2 to SCH-6; without ``progression`` nothing automatic moves an account); how long points live at
        least that come back (``grace``) and what becomes of points that have to be taken back and are not there
        (``shortfall``, PTS-10); how long before points expire their holders are told (``warnings``, PTS-13); how far
        staff adjusts points alone (``adjusting``), and for how long after they expired points can be revived
        (``reinstating``, PTS-14).

        Raises:
            InvalidInput: naming the field, for thresholds that do not begin at 0 and rise, among others.
            UnknownMemberType: for a member type that the organization does not have (MEM-1).
        """
        wanted = OpenClub(
            name=name,
            zone=zone,
            member_types=member_types,
            schemes=schemes,
            expiry=expiry,
            transfer=transfer,
            currency=currency,
            earning=earning,
            redeeming=redeeming,
            progression=progression,
            grace=grace,
            shortfall=shortfall,
            warnings=warnings,
            order=order,
            adjusting=adjusting,
            reinstating=reinstating,
            external_ids=external_ids,
        )
        return self._runner.run(OPEN_CLUB, wanted, idempotency_key, self.open_club_step)

    def open_club_step(self, uow: LoyaltyWork, _: Actor, wanted: OpenClub) -> Club:
        """Opening a club, inside a unit of work."""
        types = types_of_clubs(uow, self._runner.organization, sorted(wanted.member_types))
        outcome = opening.open_club(ClubId(self._runner.new_id()), wanted, types)
        uow.clubs.add(outcome.facts)
        uow.external_ids.add("club", outcome.facts.id, wanted.external_ids)
        uow.put(outcome.events)
        return outcome.result

    def club(self, club: ClubId) -> Club:
        """One club. Raises ``NotFound``."""
        return self._runner.ask(CLUB, OfClub(club=club), self.club_step)

    def club_step(self, uow: LoyaltyWork, _: Actor, wanted: OfClub) -> Club:
        """Looking a club up, inside a unit of work."""
        return uow.clubs.get(wanted.club)

    def open_account(
        self,
        *,
        club: ClubId,
        member: MemberId,
        scheme: str | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Account:
        """Open an account of the member's own, in the lowest scheme or the one named.

        Raises:
            NotFound: if there is no such club or member.
            RuleViolation: the first of member type, block, second account, unknown scheme.
            Duplicate: if an external id is taken.
        """
        wanted = OpenAccount(club=club, member=member, scheme=scheme, external_ids=external_ids)
        return self._runner.run(OPEN_ACCOUNT, wanted, idempotency_key, self.open_account_step)

    def open_account_step(self, uow: LoyaltyWork, _: Actor, wanted: OpenAccount) -> Account:
        """Opening an account, inside a unit of work."""
        facts = OpeningFacts(
            wanted=wanted,
            member=present(uow.members.locked(wanted.member), "open an account"),
            club=uow.clubs.get(wanted.club),
            own_accounts=uow.accounts.own(wanted.member, wanted.club),
        )
        outcome = opening.open_account(AccountId(self._runner.new_id()), facts, uow.now)
        uow.accounts.add(outcome.facts)
        uow.external_ids.add("account", outcome.facts.id, wanted.external_ids)
        uow.put(outcome.events)
        return outcome.result

    def block_account(self, account: AccountId, *, reason: str, idempotency_key: str | None = None) -> Account:
        """Block an account, for a reason code: nothing moves on it but expiry until it is unblocked (PTS-1).

        Raises:
            NotFound: if there is no such account.
            IllegalTransition: unless it is open.
        """
        wanted = BlockAccount(account=account, reason=reason)
        return self._runner.run(BLOCK_ACCOUNT, wanted, idempotency_key, self.block_account_step)

    def block_account_step(self, uow: LoyaltyWork, _: Actor, wanted: BlockAccount) -> Account:
        """Blocking an account, inside a unit of work."""
        outcome = closing.block(self._account_facts(uow, wanted.account), wanted, uow.now)
        uow.accounts.stand(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def unblock_account(self, account: AccountId, *, idempotency_key: str | None = None) -> Account:
        """Let a blocked account move again (PTS-1); nothing is granted retroactively.

        Raises:
            NotFound: if there is no such account.
            IllegalTransition: unless it is blocked.
        """
        return self._runner.run(UNBLOCK_ACCOUNT, ToAccount(account=account), idempotency_key, self.unblock_account_step)

    def unblock_account_step(self, uow: LoyaltyWork, _: Actor, wanted: ToAccount) -> Account:
        """Unblocking an account, inside a unit of work."""
        outcome = closing.unblock(self._account_facts(uow, wanted.account), uow.now)
        uow.accounts.stand(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def close_account(self, account: AccountId, *, idempotency_key: str | None = None) -> Account:
        """Close an account for good (PTS-1); its owner may open a new one.

        Raises:
            NotFound: if there is no such account.
            IllegalTransition: unless it is open.
            RuleViolation: if anything is held, left or owed.
        """
        return self._runner.run(CLOSE_ACCOUNT, ToAccount(account=account), idempotency_key, self.close_account_step)

    def close_account_step(self, uow: LoyaltyWork, _: Actor, wanted: ToAccount) -> Account:
        """Closing an account, inside a unit of work."""
        outcome = closing.close(self._account_facts(uow, wanted.account), uow.now)
        uow.accounts.stand(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def join_account(self, account: AccountId, member: MemberId, *, idempotency_key: str | None = None) -> Account:
        """Let a member hold an account together with the others (PTS-1). It is not an account of their own.

        Raises:
            NotFound: if there is no such account or member.
            IllegalTransition: unless the account is open.
            RuleViolation: the first of member type, block, already a holder.
        """
        wanted = Joint(account=account, member=member)
        return self._runner.run(JOIN_ACCOUNT, wanted, idempotency_key, self.join_account_step)

    def join_account_step(self, uow: LoyaltyWork, _: Actor, wanted: Joint) -> Account:
        """Joining an account, inside a unit of work."""
        outcome = joining.join(self._joint_facts(uow, wanted), uow.now)
        uow.accounts.join(wanted.account, wanted.member)
        uow.put(outcome.events)
        return outcome.result

    def leave_account(self, account: AccountId, member: MemberId, *, idempotency_key: str | None = None) -> Account:
        """Let a member who joined an account leave it (PTS-1); the points stay. Its owner cannot leave.

        Raises:
            NotFound: if there is no such account or member.
            IllegalTransition: if the account is closed.
            RuleViolation: if the member does not hold it, or owns it.
        """
        wanted = Joint(account=account, member=member)
        return self._runner.run(LEAVE_ACCOUNT, wanted, idempotency_key, self.leave_account_step)

    def leave_account_step(self, uow: LoyaltyWork, _: Actor, wanted: Joint) -> Account:
        """Leaving an account, inside a unit of work."""
        outcome = joining.leave(self._joint_facts(uow, wanted), uow.now)
        uow.accounts.leave(wanted.account, wanted.member)
        uow.put(outcome.events)
        return outcome.result

    def _joint_facts(self, uow: LoyaltyWork, wanted: Joint) -> JointFacts:
        """The member, locked before the account, whose wallets settle."""
        member = present(uow.members.locked(wanted.member), "join or leave an account")
        account = self._account_facts(uow, wanted.account).account
        return JointFacts(account=account, club=uow.clubs.get(account.club), member=member)

    def _account_facts(self, uow: LoyaltyWork, id: AccountId) -> AccountFacts:
        """The account, locked, with its wallets settled; posting them writes its version."""
        return account_facts(uow, id, self._runner.new_id)

    def account(self, account: AccountId) -> Account:
        """One account. Raises ``NotFound``, also for a member who does not hold it."""
        return self._runner.ask(ACCOUNT, OfAccount(account=account), self.account_step)

    def account_step(self, uow: LoyaltyWork, actor: Actor, wanted: OfAccount) -> Account:
        """Looking an account up, inside a unit of work."""
        return self._now(uow, opening.reachable(uow.accounts.get(wanted.account), actor))[0]

    def find_account(self, source: str, value: str) -> Account:
        """The account with an external id (COM-19). Raises ``NotFound``."""
        return self._runner.ask(FIND_ACCOUNT, ExternalId(source, value), self.find_account_step)

    def find_account_step(self, uow: LoyaltyWork, actor: Actor, wanted: ExternalId) -> Account:
        """Looking an account up by external id, inside a unit of work."""
        account = uow.accounts.get(AccountId(uow.external_ids.find("account", wanted)))
        return self._now(uow, opening.reachable(account, actor))[0]

    def record_purchase(
        self,
        *,
        account: AccountId,
        purchase: ExternalId,
        lines: Sequence[PurchaseLine],
        currency: str,
        at: datetime | None = None,
        studio: str | None = None,
        redeem: int = 0,
        paid_with_stored_value: int = 0,
        holder: MemberId | None = None,
        idempotency_key: str | None = None,
    ) -> PurchaseRecorded:
        """Record a purchase of an account: points pay first (``redeem``), the rest earns (PTS-2, PTS-3, PTS-8).

        Args:
            purchase: the till's own id; the same id with the same content answers the first result, for ever.
            at: when it took place, now if left out; it is settled, decided and in effect as of this instant.
            redeem: how many points pay of it; ``quote`` answers how many can.
            paid_with_stored_value: how much of it stored value paid, in minor units.
            holder: the member who pays with points, where staff acts for one.

        Raises:
            InvalidInput: naming the field, as in ``lines[2].amount``.
            NotFound: if there is no such account, or the holder does not hold it.
            PurchaseDiffers: if the till's id was used for another content.
            RuleViolation: the first rule that refuses.
        """
        wanted = RecordPurchase(
            account=account,
            purchase=purchase,
            lines=lines,
            currency=currency,
            at=at,
            studio=studio,
            redeem=redeem,
            paid_with_stored_value=paid_with_stored_value,
            holder=holder,
        )
        return self._runner.run(RECORD_PURCHASE, wanted, idempotency_key, self.record_purchase_step)

    def record_purchase_step(self, uow: LoyaltyWork, actor: Actor, wanted: RecordPurchase) -> PurchaseRecorded:
        """Recording a purchase, inside a unit of work."""
        arriving = uow.purchases.arriving(wanted.moves, (wanted.purchase,))
        formerly = uow.account_mergings.formerly(repeating.doubted((wanted,), arriving.known))
        decide = partial(self._decided, uow, actor, wanted, arriving.wallets)
        outcome = repeating.once(wanted, arriving.known, formerly, decide)
        self._write_recorded(uow, outcome.facts, outcome.events)
        return outcome.result

    def _write_recorded(self, uow: LoyaltyWork, recorded: Sequence[Recorded], entries: Sequence[Entry]) -> None:
        """Queue what purchases leave."""
        uow.wallets.post([each.wallet for each in recorded], entries, recording.lapsed(recorded))
        uow.put(recording.happened(recorded))
        uow.purchases.add([(each.purchase, each.lines) for each in recorded])
        write(uow, [each.standing for each in recorded], self._runner.new_id)

    def _decided(
        self, uow: LoyaltyWork, actor: Actor, wanted: RecordPurchase, wallets: Sequence[Wallet]
    ) -> Outcome[tuple[Recorded, ...], Entry, PurchaseRecorded]:
        facts = self._recording_facts(uow, actor, wanted, wallets)
        return recording.record(facts, actor, self._runner.new_id)

    def _recording_facts(
        self, uow: LoyaltyWork, actor: Actor, wanted: RecordPurchase, wallets: Sequence[Wallet]
    ) -> RecordingFacts:
        """What a purchase looks at, of the past too where it comes late."""
        (wallet,) = wallets
        club, at = uow.clubs.get(wallet.club), wanted.at or uow.now
        earned = uow.purchases.earned((wanted.account,), recording.capped_days(club, at))
        late = late_in(wallets, {wanted.account: (at,)})
        (then,), looked = looking_back(uow, wallets, late, paying=bool(wanted.redeem))
        standing = standings(uow, wallets, {club.id: club}, (at,), late)
        return RecordingFacts(
            wanted=wanted,
            wallet=then,
            club=club,
            at=at,
            now=uow.now,
            asking=asking(wanted.holder, actor, wallet),
            earned=earned[wanted.account],
            standing=standing.get(wanted.account),
            late=looked.get(wanted.account),
            unverified_may_spend=self._runner.organization.unverified_may_spend,
        )

    def credit_purchase(
        self,
        *,
        account: AccountId,
        purchase: ExternalId,
        lines: Sequence[PurchaseLine],
        currency: str,
        at: datetime,
        studio: str | None = None,
        paid_with_stored_value: int = 0,
        idempotency_key: str | None = None,
    ) -> PurchaseRecorded:
        """Credit a purchase that was made without the card, by its receipt (PTS-3): scheme, rules and dates are those
        of its instant, and what it earns lives at least the club's grace term. Staff's to do, not members'.

        Args:
            purchase: the number on the receipt, which is the till's own id; once, for ever.
            at: when it took place, within the club's window (``Earning.afterwards``).

        Raises:
            InvalidInput: naming the field, as in ``lines[2].amount``.
            NotFound: if there is no such account.
            PurchaseAlreadyCredited: if a purchase with this id was recorded before, in whatever way.
            RuleViolation: the first rule that refuses.
        """
        wanted = CreditPurchase(
            account=account,
            purchase=purchase,
            lines=lines,
            currency=currency,
            at=at,
            studio=studio,
            paid_with_stored_value=paid_with_stored_value,
        )
        return self._runner.run(CREDIT_PURCHASE, wanted, idempotency_key, self.credit_purchase_step)

    def credit_purchase_step(self, uow: LoyaltyWork, actor: Actor, wanted: CreditPurchase) -> PurchaseRecorded:
        """Crediting a purchase, inside a unit of work."""
        arriving = uow.purchases.arriving(wanted.moves, (wanted.purchase,))
        afterwards.require_new(wanted, arriving.known)
        facts = self._recording_facts(uow, actor, wanted, arriving.wallets)
        outcome = afterwards.credit(facts, actor, self._runner.new_id)
        self._write_recorded(uow, outcome.facts, outcome.events)
        return outcome.result

    def find_purchase(self, source: str, value: str) -> PurchaseFound:
        """A purchase with its lines and what came back of each, by the till's id (COM-19). Raises ``NotFound``."""
        return self._runner.ask(FIND_PURCHASE, ExternalId(source, value), self.find_purchase_step)

    def find_purchase_step(self, uow: LoyaltyWork, actor: Actor, wanted: ExternalId) -> PurchaseFound:
        """Looking a purchase up, inside a unit of work."""
        purchase = uow.purchases.find(wanted)
        opening.reachable(uow.accounts.get(purchase.account), actor)
        lines = tuple(uow.purchases.lines(purchase.id))
        return PurchaseFound(purchase, lines, returned_of(lines, uow.returns.of(purchase.id)))

    def purchases(self, club: ClubId, *, page: int = 500) -> Iterator[PurchaseSold]:
        """Every purchase of a club with its lines, in the order in which they were recorded, read lazily a page at a
        time (COM-20).

        Raises:
            InvalidInput: for a page that is not from 1 to 1000.
            NotFound: if there is no such club.
        """
        return lazily(
            lambda after: self._runner.ask(
                PURCHASES, PageOfPurchases(club=club, after=after, size=page), self.purchases_step
            ),
            page,
        )

    def purchases_step(self, uow: LoyaltyWork, _: Actor, wanted: PageOfPurchases) -> PurchasesPage:
        """One page of purchases, inside a unit of work."""
        club = uow.clubs.get(wanted.club)
        return PurchasesPage.of(uow.purchases.of_club(club.id, after=wanted.after, limit=wanted.size))

    def quote(
        self,
        account: AccountId,
        *,
        total: int,
        currency: str,
        paid_with_stored_value: int = 0,
        holder: MemberId | None = None,
    ) -> Quote:
        """The most that points can pay of a purchase of ``total`` minor units, and why not more (PTS-8).

        Args:
            paid_with_stored_value: how much of it stored value pays; points pay no more than what that leaves.

        Raises:
            InvalidInput: naming the field, as for more stored value than the total.
            NotFound: if there is no such account, or a member asks who does not hold it.
            OtherCurrency: if the club counts another currency.
        """
        wanted = Ask(
            account=account,
            total=total,
            currency=currency,
            paid_with_stored_value=paid_with_stored_value,
            holder=holder,
        )
        return self._runner.ask(QUOTE, wanted, self.quote_step)

    def quote_step(self, uow: LoyaltyWork, actor: Actor, wanted: Ask) -> Quote:
        """Answering a quote, inside a unit of work."""
        viewed = uow.wallets.viewing((WalletId(wanted.account),))
        (wallet,) = settling.settle_all(viewed, uow.now, self._runner.new_id).facts
        asked = asking(wanted.holder, actor, wallet)
        unverified = self._runner.organization.unverified_may_spend
        return redeeming.quote(wanted, uow.clubs.get(wallet.club), wallet, asked, unverified_may_spend=unverified)

    def import_purchases(
        self,
        rows: Iterable[PurchaseRow],
        *,
        source: str,
        chunk: int = 1000,
        redeem: RedeemBlocks | None = None,
        progress: Progress | None = None,
        on_reject: Callable[[Reject], None] | None = None,
    ) -> ImportReport:
        """Record a stream of purchases of any length (PTS-19), in order, as ``record_purchase`` would one by one.

        A bad row is rejected with its number and reason while the good ones go in; one that is in already is skipped,
        so an import that was interrupted is simply run again.

        Args:
            rows: purchases in order of their instants, at least of each account.
            source: where the rows' ids come from: one till system.
            chunk: how many rows are one transaction.
            redeem: how points pay in these purchases; not at all if left out.
            progress: told after each chunk how many rows have been looked at so far.
            on_reject: told of each rejected row; the report names the first thousand.

        Raises:
            InvalidInput: for a source that is no code, a chunk that is too large; never for a row.
        """
        wanted = ImportPurchases(source=source, chunk=chunk, redeem=redeem)
        return importing.run(rows, wanted, self._import_chunk, progress=progress, on_reject=on_reject)

    def _import_chunk(self, chunk: Chunk) -> ChunkImported:
        return self._runner.run(IMPORT_PURCHASES, chunk, None, self.import_chunk_step)

    def import_chunk_step(self, uow: LoyaltyWork, actor: Actor, chunk: Chunk) -> ChunkImported:
        """Importing some rows, inside a unit of work."""
        facts = self._chunk_facts(uow, chunk)
        outcome = importing.decide(facts, actor, self._runner.new_id)
        done = outcome.facts
        uow.wallets.post(done.wallets, outcome.events, recording.lapsed(done.recorded))
        uow.put(recording.happened(done.recorded))
        uow.purchases.add([(each.purchase, each.lines) for each in done.recorded])
        write(uow, done.standings, self._runner.new_id)
        return outcome.result

    def _chunk_facts(self, uow: LoyaltyWork, chunk: Chunk) -> ChunkFacts:
        named = uow.external_ids.known("account", chunk.named)
        given = {account: account for account in uow.accounts.known(chunk.given)}
        accounts = given | {external: AccountId(id) for external, id in named.items()}
        arriving = uow.purchases.arriving(importing.moves(sorted({*accounts.values()})), chunk.purchases)
        clubs = {wallet.club: uow.clubs.get(wallet.club) for wallet in arriving.wallets}
        late = late_in(arriving.wallets, chunk.instants_of(accounts))
        wallets, looked = looking_back(uow, arriving.wallets, late, paying=chunk.redeem is not None)
        return ChunkFacts(
            chunk=chunk,
            accounts=accounts,
            wallets=wallets,
            late=looked,
            clubs=clubs,
            known=arriving.known,
            formerly=uow.account_mergings.formerly(importing.doubted(chunk, accounts, arriving.known)),
            earned=uow.purchases.earned([*accounts.values()], chunk.days(clubs.values())),
            standings=standings(uow, arriving.wallets, clubs, chunk.instants, late),
            now=uow.now,
            unverified_may_spend=self._runner.organization.unverified_may_spend,
        )
