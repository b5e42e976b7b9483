"""What a host calls to bring people over from another system (MEM-19).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from memberlogic import importing as streams
from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import MemberId
from memberlogic.importing import ImportRows, Portion, RefusedRow, RowReject, RowsImported, RowsReport
from memberlogic.jobs import Progress
from memberlogic.members import importing
from memberlogic.members.classifying import types_of_members
from memberlogic.members.importing import PeopleChunk, PeopleFacts, PersonRow
from memberlogic.members.keying import keys_of, record, require_normaliser
from memberlogic.members.normalising import ContactNormaliser
from memberlogic.members.ports import MembersWork
from memberlogic.members.support_ids import candidates, support_id
from memberlogic.running import Asks, Runner

__all__ = ["ImportService"]

IMPORT_PEOPLE = Asks("members.import_people", "members:create", RowsImported)


class ImportService:
    """People whom another system knows."""

    _runner: Runner[MembersWork]
    _normaliser: ContactNormaliser

    def import_people(
        self,
        rows: Iterable[PersonRow | RefusedRow],
        *,
        source: str,
        chunk: int = 1000,
        progress: Progress | None = None,
        on_reject: Callable[[RowReject], None] | None = None,
    ) -> RowsReport:
        """Register a stream of people of any length (MEM-19), in order, as ``register`` would one by one.

        A bad row is rejected with its number, field and reason while the good ones go in; one that is in already is
        skipped, so an import that was interrupted is simply run again. One that is in and says something else than what
        is on file is rejected as ``import.row_changed``, and changes nothing. Once a row was rejected, so are later
        ones of its id (``import.id_rejected``), unless somebody of that id is in already. Each person is one event,
        ``member.imported``. To see what would come of it, do it in :meth:`~memberlogic.MemberLogic.rehearsal`.

        Args:
            rows: people; a guardian comes before those whom they guard. A row that could not be read is a
                :class:`~memberlogic.RefusedRow`: it is told in its place, and its id is not another's.
            source: the system that they come from; its ids are their external ids (COM-19).
            chunk: how many rows are one transaction, 1 to 5000.
            progress: told after each chunk how many rows have been looked at so far.
            on_reject: told of each rejected row; the report names the first thousand.

        Raises:
            InvalidInput: for a source that is no code, a chunk that is too large; never for a row.
            NormaliserDiffers: if contact points are compared by other keys here.
        """
        wanted = ImportRows(source=source, chunk=chunk)
        return streams.run(rows, wanted, self._import_people, progress=progress, on_reject=on_reject)

    def _import_people(self, portion: Portion) -> RowsImported:
        return self._runner.run(IMPORT_PEOPLE, portion, None, self.import_people_step)

    def import_people_step(self, uow: MembersWork, actor: Actor, portion: Portion) -> RowsImported:
        """Importing some people, inside a unit of work."""
        facts, ids = self._people_facts(uow, actor, portion)
        outcome = importing.decide(facts, ids, self._runner.new_id)
        done = outcome.facts
        uow.external_ids.enter("member", done.external_ids)
        for new in done.new:
            uow.members.add(new.member)
            uow.search_keys.change(new.member.id, (), new.keys)
            uow.contact_points.add(new.points)
        uow.people.add([new.person for new in done.new])
        uow.put(outcome.events)
        return outcome.result

    def _people_facts(
        self, uow: MembersWork, actor: Actor, portion: Portion
    ) -> tuple[PeopleFacts, Mapping[int, MemberId]]:
        organization, _ = uow.organizations.get(self._runner.organization.id)
        require_normaliser(organization, self._normaliser)
        key = partial(keys_of, normaliser=self._normaliser, region=organization.phone_region)
        chunk = PeopleChunk(portion, key)
        known = {each: MemberId(id) for each, id in uow.external_ids.known("member", chunk.named).items()}
        guardians = sorted({known[each] for each in chunk.guardians if each in known})
        locked = uow.members.all_locked(guardians) if guardians else {}
        if chunk.keys:
            record(uow, organization, self._normaliser)
        ids = importing.drawn(chunk, known, self._runner.new_id)
        members = sorted(set(known.values()))
        facts = PeopleFacts(
            chunk=chunk,
            known=known,
            members={**uow.members.several(members), **locked},
            people=uow.people.several(members),
            holders=uow.contact_points.holders(chunk.keys),
            taken=_taken(uow, ids.values()),
            studios={each.code for each in uow.studios.all()},
            types={each: types_of_members(uow, organization, each) for each in chunk.types},
            today=local_day(uow.now, organization.zone),
            may_read=actor.may("members.profile:read"),
        )
        return facts, ids


def _taken(uow: MembersWork, ids: Collection[MemberId]) -> Collection[str]:
    """The support ids that somebody has, as far as they matter: a second one is needed where the first is taken."""
    first = {support_id(id): id for id in ids}
    taken = set(uow.members.taken(first) if first else ())
    others = [each for one in taken for each in candidates(first[one])]
    return taken | set(uow.members.taken(others)) if others else taken
