"""What a host calls to bring contracts over from another system, with their rates, freezes and cancellations (CON-19).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from memberlogic import importing as streams
from memberlogic.actors import Actor
from memberlogic.contracts import cancellation_importing, freeze_importing, importing, rate_importing
from memberlogic.contracts.cancellation_importing import CancellationRow, CancellationsChunk, CancellationsFacts
from memberlogic.contracts.freeze_importing import FreezeRow, FreezesChunk, FreezesFacts
from memberlogic.contracts.importing import ContractRow, ContractsChunk, ContractsFacts
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import AllHeld, ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.contracts.rate_importing import RateRow, RatesChunk, RatesFacts
from memberlogic.ids import ContractId, ExternalId, FreezeId, MemberId, RateId
from memberlogic.importing import ImportRows, Portion, RefusedRow, RowReject, RowsImported, RowsReport
from memberlogic.jobs import Progress
from memberlogic.outcomes import Outcome
from memberlogic.running import Asks, Runner

__all__ = ["ImportService"]

IMPORT_RATES = Asks("contracts.import_rates", "settings.rates:create", RowsImported)
IMPORT_CONTRACTS = Asks("contracts.import_contracts", importing.AFTER_THE_FACT, RowsImported)
IMPORT_FREEZES = Asks("contracts.import_freezes", importing.AFTER_THE_FACT, RowsImported)
IMPORT_CANCELLATIONS = Asks("contracts.import_cancellations", importing.AFTER_THE_FACT, RowsImported)

Step = Callable[[ContractsWork, Actor, Portion], RowsImported]
OnReject = Callable[[RowReject], None]


class ImportService:
    """Rates and contracts that another system knows, and what was filed of them there."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def _portion(self, asks: Asks[RowsImported], step: Step, portion: Portion) -> RowsImported:
        return self._runner.run(asks, portion, None, step)

    def import_rates(
        self,
        rows: Iterable[RateRow | RefusedRow],
        *,
        source: str,
        chunk: int = 1000,
        progress: Progress | None = None,
        on_reject: OnReject | None = None,
    ) -> RowsReport:
        """Open a stream of rates (CON-19), in order, as ``open_rate`` would one by one; those that are not sold any
        more are retired at once, and contracts can still be imported on them. Otherwise as
        :meth:`~memberlogic.members.service.MembersService.import_people`.

        Raises:
            InvalidInput: for a source that is no code, a chunk that is too large; never for a row.
        """
        wanted = ImportRows(source=source, chunk=chunk)
        do = partial(self._portion, IMPORT_RATES, self.import_rates_step)
        return streams.run(rows, wanted, do, progress=progress, on_reject=on_reject)

    def import_rates_step(self, uow: ContractsWork, _: Actor, portion: Portion) -> RowsImported:
        """Importing some rates, inside a unit of work."""
        chunk = RatesChunk(portion)
        known = {each: RateId(id) for each, id in uow.external_ids.known("rate", chunk.ids).items()}
        facts = RatesFacts(chunk=chunk, known=known, rates={each.id: each for each in uow.rates.all()})
        outcome = rate_importing.decide(facts, self._runner.new_id)
        uow.external_ids.enter("rate", outcome.facts.external_ids)
        for each in outcome.facts.new:
            uow.rates.add(each)
        uow.put(outcome.events)
        return outcome.result

    def import_contracts(
        self,
        rows: Iterable[ContractRow | RefusedRow],
        *,
        source: str,
        chunk: int = 1000,
        progress: Progress | None = None,
        on_reject: OnReject | None = None,
    ) -> RowsReport:
        """Bring over a stream of contracts (CON-19), also those that ended long ago. What each was on any past day
        follows from its days, once its freezes and its cancellation are in, too. It counts as paid from signing unless
        the row says otherwise. Nothing of the past is announced, and no care flow is assigned; each contract is one
        event, ``contract.imported``. Otherwise as
        :meth:`~memberlogic.members.service.MembersService.import_people`.

        Args:
            rows: contracts; people and rates are in, by the same source's ids or by others of theirs.

        Raises:
            InvalidInput: for a source that is no code, a chunk that is too large; never for a row.
        """
        wanted = ImportRows(source=source, chunk=chunk)
        do = partial(self._portion, IMPORT_CONTRACTS, self.import_contracts_step)
        return streams.run(rows, wanted, do, progress=progress, on_reject=on_reject)

    def import_contracts_step(self, uow: ContractsWork, actor: Actor, portion: Portion) -> RowsImported:
        """Importing some contracts, inside a unit of work."""
        chunk = ContractsChunk(portion)
        people = {each: MemberId(id) for each, id in uow.external_ids.known("member", chunk.people).items()}
        on = sorted(set(people.values()))
        members = uow.members.all_locked(on) if on else {}
        known = {each: ContractId(id) for each, id in uow.external_ids.known("contract", chunk.ids).items()}
        facts = ContractsFacts(
            chunk=chunk,
            known=known,
            stored={each.id: each for each in uow.contracts.present(sorted(known.values()))},
            people=people,
            members=members,
            sold={each: RateId(id) for each, id in uow.external_ids.known("rate", chunk.rates).items()},
            rates={each.id: each for each in uow.rates.all()},
            studios={each.code: each for each in uow.studios.all()},
            actor=actor,
            now=uow.now,
        )
        outcome = importing.decide(facts, self._runner.new_id)
        done = outcome.facts
        uow.external_ids.enter("contract", done.external_ids)
        others = uow.contracts.of(sorted({who for each in done.changes for who in each.contract.members}))
        return keep(uow, actor, self._parts, Outcome(done.changes, outcome.events, outcome.result), others)

    def import_freezes(
        self,
        rows: Iterable[FreezeRow | RefusedRow],
        *,
        source: str,
        chunk: int = 1000,
        progress: Progress | None = None,
        on_reject: OnReject | None = None,
    ) -> RowsReport:
        """File a stream of freezes of contracts that are in (CON-19), past and to come. The limits of the rate were
        looked at when they were granted; they are not looked at again. Each is one event, ``contract.freeze_imported``.
        Otherwise as :meth:`~memberlogic.members.service.MembersService.import_people`.

        Raises:
            InvalidInput: for a source that is no code, a chunk that is too large; never for a row.
        """
        wanted = ImportRows(source=source, chunk=chunk)
        do = partial(self._portion, IMPORT_FREEZES, self.import_freezes_step)
        return streams.run(rows, wanted, do, progress=progress, on_reject=on_reject)

    def import_freezes_step(self, uow: ContractsWork, actor: Actor, portion: Portion) -> RowsImported:
        """Importing some freezes, inside a unit of work."""
        chunk = FreezesChunk(portion)
        named, held = _held(uow, chunk.contracts)
        known = {each: FreezeId(id) for each, id in uow.external_ids.known("freeze", chunk.ids).items()}
        facts = FreezesFacts(chunk=chunk, known=known, named=named, contracts=held.contracts, now=uow.now)
        outcome = freeze_importing.decide(facts, self._runner.new_id)
        done = outcome.facts
        uow.external_ids.enter("freeze", done.external_ids)
        return keep(uow, actor, self._parts, Outcome(done.changes, outcome.events, outcome.result), held.all)

    def import_cancellations(
        self,
        rows: Iterable[CancellationRow | RefusedRow],
        *,
        source: str,
        chunk: int = 1000,
        progress: Progress | None = None,
        on_reject: OnReject | None = None,
    ) -> RowsReport:
        """File a stream of cancellations of contracts that are in (CON-19), past and to come, each as of the day that
        the row says: which notice was kept was looked at when it was taken. Each is one event,
        ``contract.cancellation_imported``. Otherwise as
        :meth:`~memberlogic.members.service.MembersService.import_people`.

        Args:
            rows: cancellations, after the freezes of the same contracts: those may move the end of a term.

        Raises:
            InvalidInput: for a source that is no code, a chunk that is too large; never for a row.
        """
        wanted = ImportRows(source=source, chunk=chunk)
        do = partial(self._portion, IMPORT_CANCELLATIONS, self.import_cancellations_step)
        return streams.run(rows, wanted, do, progress=progress, on_reject=on_reject)

    def import_cancellations_step(self, uow: ContractsWork, actor: Actor, portion: Portion) -> RowsImported:
        """Importing some cancellations, inside a unit of work."""
        chunk = CancellationsChunk(portion)
        named, held = _held(uow, chunk.contracts)
        known = {each: ContractId(id) for each, id in uow.external_ids.known("cancellation", chunk.contracts).items()}
        facts = CancellationsFacts(chunk=chunk, known=known, named=named, contracts=held.contracts, now=uow.now)
        outcome = cancellation_importing.decide(facts)
        done = outcome.facts
        uow.external_ids.enter("cancellation", done.external_ids)
        return keep(uow, actor, self._parts, Outcome(done.changes, outcome.events, outcome.result), held.all)


def _held(uow: ContractsWork, contracts: Sequence[ExternalId]) -> tuple[Mapping[ExternalId, ContractId], AllHeld]:
    """Those of the contracts that are in, with what is filed of them and their people's other contracts; locked."""
    named = {each: ContractId(id) for each, id in uow.external_ids.known("contract", contracts).items()}
    return named, uow.contracts.all_held(sorted(set(named.values())))
