"""The front door: ``MemberLogic`` gives a handle for one organization and one actor, with a service per capability."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from memberlogic import jobs, relaying
from memberlogic.actors import Actor
from memberlogic.care.catalogues import Catalogues
from memberlogic.care.exporting import CareOfMember
from memberlogic.care.forgetting import MembersCare
from memberlogic.care.merging import MembersRunsMerged
from memberlogic.care.noticing import CareAtTheDoor
from memberlogic.care.parting import CareOfContracts
from memberlogic.care.ports import CareWork
from memberlogic.care.profiling import care_profile
from memberlogic.care.rechecking import care_looks
from memberlogic.care.service import CareService
from memberlogic.clock import Clock, SystemClock
from memberlogic.contracts.exporting import ContractsOfMember
from memberlogic.contracts.merging import MembersContractsMerged
from memberlogic.contracts.parting import MembersContracts
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.profiling import CONTRACTS_ACTIVITY, CONTRACTS_PROFILE
from memberlogic.contracts.service import ContractsService
from memberlogic.engagement.cataloguing import with_templates
from memberlogic.engagement.ports import EngagementWork
from memberlogic.engagement.service import MessagesService
from memberlogic.engagement.telling import placeholder_parts
from memberlogic.errors import InvalidInput, MemberLogicError, RuleViolation
from memberlogic.ids import NewId, OrganizationId, new_id
from memberlogic.inputs import (
    describe,
    require_callback,
    require_id,
    require_instance,
    require_instant,
    require_whole,
)
from memberlogic.jobs import JobsRun, Progress
from memberlogic.ledger.service import LedgerService
from memberlogic.loyalty.exporting import AccountsOfMember
from memberlogic.loyalty.merging import MembersAccountsMerged
from memberlogic.loyalty.parting import MembersPoints
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.profiling import LOYALTY_ACTIVITY, loyalty_profile
from memberlogic.loyalty.rechecking import warnings_looks
from memberlogic.loyalty.service import LoyaltyService
from memberlogic.loyalty.settling import settle_moving, settle_viewing
from memberlogic.members import uniting
from memberlogic.members.keying import require_normaliser
from memberlogic.members.normalising import ContactNormaliser, default_normaliser
from memberlogic.members.ports import MemberParts
from memberlogic.members.rekeying import ContactsRekeyed, rekey_step
from memberlogic.members.service import MembersService
from memberlogic.notifying import Look, Notifier
from memberlogic.organizations import opening, tiering
from memberlogic.organizations.model import Feature, Organization, Tier
from memberlogic.organizations.service import SettingsService
from memberlogic.organizations.tiering import ChangeTier
from memberlogic.relaying import RelayRun
from memberlogic.running import Asks, Runner
from memberlogic.storing import Storage

__all__ = ["AsyncMemberLogic", "AsyncStorage", "Handle", "MemberLogic", "Work"]

R = TypeVar("R")

OPEN_ORGANIZATION = Asks("organizations.open", "organizations:create", Organization)

CHANGE_TIER = Asks("organizations.change_tier", "organizations:update", Organization)

REKEY_CONTACTS = Asks("organizations.rekey_contacts", "settings.organization:update", ContactsRekeyed)


NO_CATALOGUES = Catalogues()
"""Where the host brings none of its own."""


class Work(LoyaltyWork, CareWork, EngagementWork, Protocol):
    """A unit of work that reaches every capability: what an adapter's units are."""


class Handle:
    """One organization, one actor (COM-1, COM-13). It sees the organization's tier and features as they were when it
    was opened: open one for each request.
    """

    def __init__(
        self, runner: Runner[Work], normaliser: ContactNormaliser, catalogues: Catalogues = NO_CATALOGUES
    ) -> None:
        self.organization = runner.organization
        self.actor = runner.actor
        self.settings = SettingsService(runner)
        points = MembersPoints(runner.new_id)
        profile = (*CONTRACTS_PROFILE, *loyalty_profile(runner.new_id))
        self.care = CareService(runner, with_templates(catalogues))
        desk = self.care.desk
        # In the order in which locks are taken: contracts, what runs, accounts.
        parts = MemberParts(
            blocking=(points,),
            erasing=(MembersContracts(), MembersCare(desk), points),
            merging=(
                MembersContractsMerged(runner.new_id),
                MembersRunsMerged(desk),
                MembersAccountsMerged(runner.new_id),
            ),
            exporting=(ContractsOfMember(), CareOfMember(desk), AccountsOfMember()),
            profile=(*profile, *care_profile(desk)),
            activity=(*CONTRACTS_ACTIVITY, *LOYALTY_ACTIVITY),
        )
        self.members = MembersService(runner, normaliser, parts)
        care = CareOfContracts(desk)
        told = ContractParts(notices=(CareAtTheDoor(desk),), selling=(care,), memberships=(care,), hearing=(care,))
        self.contracts = ContractsService(runner, told)
        self.loyalty = LoyaltyService(runner)
        # An account's reviews fall due with its points: the ledger settles them too, without knowing them.
        self.ledger = LedgerService(runner, settle_moving, settle_viewing)
        self.messages = MessagesService(runner, placeholder_parts(profile))
        self.looks: Mapping[str, Look] = {
            **warnings_looks(self.loyalty, self.ledger),
            **care_looks(self.care),
        }
        """What the relay asks about a kind of message at the moment of sending (COM-17)."""


class CannotRelay(RuleViolation):
    """The store lives in a transaction of the host's."""

    code = "relay.inside_transaction"
    rule = "COM-17"
    sentence = "Messages leave only after commit: relay over a store that owns its transactions, not a joined one."


class MemberLogic:
    """The library over one store.

    Args:
        storage: an adapter: ``memberlogic_memory.MemoryStorage``, ``memberlogic_sqlalchemy.SqlAlchemyStorage``.
        clock: what says the time (COM-2).
        new_id: what makes ids; ascending UUIDv7 unless a test wants others.
        normaliser: what tells whether two ways to write an e-mail address or phone number are the same (MEM-2); that of
            ``memberlogic[contacts]`` where it is installed, else :class:`PlainContacts`.
        catalogues: where the host keeps the templates, services, employees and competences that flows of Member Care
            refer to (CARE-5); what it leaves out the library keeps.
    """

    def __init__(
        self,
        storage: Storage[Work],
        *,
        clock: Clock | None = None,
        new_id: NewId = new_id,
        normaliser: ContactNormaliser | None = None,
        catalogues: Catalogues = NO_CATALOGUES,
    ) -> None:
        require_instance(catalogues, Catalogues, "catalogues", "Catalogues (memberlogic.Catalogues)")
        self.storage = storage
        self.normaliser = normaliser or default_normaliser()
        self.catalogues = catalogues
        self.clock = clock or SystemClock()
        self._new_id = new_id

    def open_organization(
        self,
        *,
        name: str,
        zone: ZoneInfo,
        tier: Tier = Tier.PRO,
        features: Iterable[Feature] = frozenset(Feature),
        unverified_may_spend: bool = False,
        id: OrganizationId | None = None,
        idempotency_key: str | None = None,
    ) -> Organization:
        """A new tenant.

        Args:
            id: its id, where the host makes one; needed with a key, which is the organization's own (COM-9).

        Raises:
            InvalidInput: naming the field.
            Duplicate: if an ``id`` is given that is taken.
        """
        if idempotency_key is not None and id is None:
            raise InvalidInput(path="id", expected="an id, as keys are kept by organization", got="none")
        organization = Organization(
            id=OrganizationId(self._new_id()) if id is None else id,
            name=name,
            zone=zone,
            tier=tier,
            features=_as_set(features),
            unverified_may_spend=unverified_may_spend,
        )
        # A repeat cannot know the secret that the first call made: this one input, in which nobody is named, is
        # fingerprinted under the organization's id.
        runner = Runner(self.storage, self.clock, self._new_id, organization, organization.id.bytes, Actor.system())
        step = partial(_open_step, secrets.token_bytes(32))
        return runner.run(OPEN_ORGANIZATION, organization, idempotency_key, step)

    def change_tier(
        self,
        id: OrganizationId,
        tier: Tier,
        *,
        features: Iterable[Feature] | None = None,
        idempotency_key: str | None = None,
    ) -> Organization:
        """Give an organization another pricing tier (COM-14), and with ``features`` these and no others. It belongs to
        whoever sells the tiers, as opening does: no handle of the organization reaches it. Handles that are opened
        afterwards go by it. How long PRO was gone is kept in ``tier_lapses``: what needs it stands still meanwhile.

        Raises:
            NotFound: if there is no such organization.
            InvalidInput: naming the field.
        """
        require_id(id, "id")
        wanted = ChangeTier(tier=tier, features=None if features is None else _as_set(features))
        with self.storage.reading(id, self.clock) as uow:
            organization, secret = uow.organizations.get(id)
        runner = Runner(self.storage, self.clock, self._new_id, organization, secret, Actor.system())
        return runner.run(CHANGE_TIER, wanted, idempotency_key, _change_tier_step)

    def organization(self, id: OrganizationId, actor: Actor) -> Handle:
        """A handle for one organization and one actor.

        Raises:
            NotFound: if there is no such organization.
            NormaliserDiffers: if its contact points are compared by keys of another normaliser (MEM-2).
        """
        require_id(id, "id")
        require_instance(actor, Actor, "actor", "an Actor (Actor.staff, Actor.member or Actor.system)")
        with self.storage.reading(id, self.clock) as uow:
            organization, secret = uow.organizations.get(id)
            acting = uniting.acting(uow, actor)
        require_normaliser(organization, self.normaliser)
        runner = Runner(self.storage, self.clock, self._new_id, organization, secret, actor, acting, _leads)
        return Handle(runner, self.normaliser, self.catalogues)

    def rekey_contacts(
        self, id: OrganizationId, actor: Actor, *, idempotency_key: str | None = None
    ) -> ContactsRekeyed:
        """Go over to this library's normaliser of contact points (MEM-2): make the keys of an organization anew, by
        which e-mail addresses and phone numbers are compared, in one transaction. It needs the permission
        ``settings.organization:update``. Whoever still works with the other normaliser is refused from then on.

        Raises:
            NotFound: if there is no such organization.
            PermissionDenied: if the actor may not change its settings.
            KeysClash: if contact points that were different would be the same; then nothing changes.
        """
        require_id(id, "id")
        require_instance(actor, Actor, "actor", "an Actor (Actor.staff, Actor.member or Actor.system)")
        with self.storage.reading(id, self.clock) as uow:
            organization, secret = uow.organizations.get(id)
        runner = Runner(self.storage, self.clock, self._new_id, organization, secret, actor)
        step = partial(_rekey_step, self.normaliser)
        return runner.run(REKEY_CONTACTS, self.normaliser.mark, idempotency_key, step)

    @contextmanager
    def rehearsal(self) -> Iterator[MemberLogic]:
        """The library as it is here, with everything that is done by it undone at the end: commands see what
        those before them did, and nobody else sees any of it. What would come of an import, of a batch, of the jobs is
        asked by doing it::

            with ml.rehearsal() as trial:
                print(trial.organization(id, actor).members.import_people(rows, source="old"))

        It is one transaction: on SQLite nobody else writes meanwhile, on a server they wait for the records that it
        touches. No message leaves it.

        Raises:
            ConcurrencyConflict: if another process writes; in a rehearsal nothing is tried again.
        """
        with self.storage.rehearsing() as storage:
            yield MemberLogic(
                storage,
                clock=self.clock,
                new_id=self._new_id,
                normaliser=self.normaliser,
                catalogues=self.catalogues,
            )

    def run_jobs(self, *, as_of: datetime | None = None, chunk: int = 500, progress: Progress | None = None) -> JobsRun:
        """Run the periodic jobs of all organizations (COM-18): settle what fell due by ``as_of`` (inclusive; now, if
        none is given) and nobody touched.

        Status never waits for this (COM-8); it writes down what is so anyway. It can be killed, run again, and run
        twice at once. Run for a past instant it does what a run at that instant would have done.

        Args:
            chunk: how many contracts or wallets are settled in one transaction, 1 to 1000.
            progress: told after each chunk how many contracts and wallets have been settled so far.

        Raises:
            InvalidInput: for an ``as_of`` that is naive or to come.
        """
        now = require_instant(self.clock.now(), "clock.now()")
        at = now if as_of is None else require_instant(as_of, "as_of")
        if at > now:
            raise InvalidInput(path="as_of", expected="an instant that is not after now", got="one that is to come")
        require_whole(chunk, "chunk", least=1, most=1000)
        require_callback(progress, "progress")
        return jobs.run(self, as_of=at, chunk=chunk, progress=progress)

    def relay(self, notifier: Notifier, *, attempts: int = 8, chunk: int = 100) -> RelayRun:
        """Send every message that is due (COM-17), of all organizations, each once at the most; what fails is tried
        again by a later call, after a minute, two, four …, and set aside with its reason after ``attempts`` tries.

        A message to a member who has been blocked since is withheld, unless it is a service message; so is one that
        needs a consent (MEM-5), from whoever has not given it by then or is not verified. May run in several processes
        at once.

        Raises:
            CannotRelay: in a transaction of the host's, or in a rehearsal: what is sent there could be rolled back.
        """
        outbox = getattr(self.storage, "outbox", None) if self.storage.owns_transactions else None
        if outbox is None:
            raise CannotRelay()
        return relaying.relay(self, outbox, notifier, attempts=attempts, chunk=chunk)

    def keep_relaying(
        self,
        notifier: Notifier,
        *,
        stopped: Callable[[float], bool],
        every: timedelta = timedelta(seconds=30),
        told: Callable[[RelayRun | MemberLogicError], object] | None = None,
        attempts: int = 8,
        chunk: int = 100,
    ) -> None:
        """:meth:`relay` again and again, until it is stopped. A database that cannot be reached is tried again at the
        next turn. May run in several processes at once.

        Args:
            stopped: waits for so many seconds, and says whether to end: the ``wait`` of a ``threading.Event``.
            every: how long to wait between two turns, one second to a day.
            told: told after each turn what it did, or why it could do nothing.

        Raises:
            CannotRelay: in a transaction of the host's.
            InvalidInput: naming the parameter.
        """
        require_callback(stopped, "stopped")
        require_callback(told, "told")
        require_instance(every, timedelta, "every", "a timedelta")
        require_whole(round(every.total_seconds()), "every", least=1, most=86_400)
        run = partial(self.relay, notifier, attempts=attempts, chunk=chunk)
        relaying.keep_relaying(run, stopped, every.total_seconds(), told)


class AsyncStorage(Protocol):
    """A store whose driver waits on an event loop."""

    async def run(self, use: Callable[[Storage[Work]], R]) -> R:
        """Run code that uses the store; every wait in it is the event loop's."""
        ...


class AsyncMemberLogic:
    """The library over an async store: the same services, run to their end by one ``await``."""

    def __init__(
        self,
        storage: AsyncStorage,
        *,
        clock: Clock | None = None,
        new_id: NewId = new_id,
        normaliser: ContactNormaliser | None = None,
        catalogues: Catalogues = NO_CATALOGUES,
    ) -> None:
        require_instance(catalogues, Catalogues, "catalogues", "Catalogues (memberlogic.Catalogues)")
        self.storage = storage
        self.normaliser = normaliser or default_normaliser()
        self.catalogues = catalogues
        self.clock = clock or SystemClock()
        self._new_id = new_id

    async def run(self, id: OrganizationId, actor: Actor, use: Callable[[Handle], R]) -> R:
        """Use a handle for one organization and actor: ``await ml.run(id, actor, lambda org: org.ledger.balance(a))``.

        Raises:
            NotFound: if there is no such organization; and whatever the services refuse.
        """
        return await self.administer(lambda ml: use(ml.organization(id, actor)))

    async def administer(self, use: Callable[[MemberLogic], R]) -> R:
        """Use the library itself: to open an organization, to run the jobs."""

        def on(storage: Storage[Work]) -> R:
            ml = MemberLogic(
                storage,
                clock=self.clock,
                new_id=self._new_id,
                normaliser=self.normaliser,
                catalogues=self.catalogues,
            )
            return use(ml)

        return await self.storage.run(on)


def _as_set(features: Iterable[Feature]) -> frozenset[Feature]:
    try:
        return frozenset(features)
    except TypeError:
        expected = "a set of features (memberlogic.Feature)"
        raise InvalidInput(path="features", expected=expected, got=describe(features)) from None


def _open_step(secret: bytes, uow: Work, _: Actor, organization: Organization) -> Organization:
    outcome = opening.open_organization(organization)
    uow.organizations.add(outcome.facts, secret)
    uow.put(outcome.events)
    return outcome.result


def _change_tier_step(uow: Work, _: Actor, wanted: ChangeTier) -> Organization:
    outcome = tiering.change_tier(uow.organizations.locked(), wanted, uow.now)
    uow.organizations.change(outcome.facts)
    uow.put(outcome.events)
    if outcome.events:
        uow.care_runs.wake(uow.now)
    return outcome.result


def _leads(uow: Work, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    return {**uow.mergings.leads(ids), **uow.account_mergings.leads(ids)}


def _rekey_step(normaliser: ContactNormaliser, uow: Work, _: Actor, __: str) -> ContactsRekeyed:
    return rekey_step(uow, normaliser)
