"""Organizations, external ids and events in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import zone
from memberlogic.errors import Duplicate, NotFound
from memberlogic.events import Recorded, upcasted
from memberlogic.ids import ExternalId, MemberId, OrganizationId
from memberlogic.ledger.events import as_event
from memberlogic.loyalty.events import as_event as purchase_event
from memberlogic.organizations.model import Organization, Studio
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.ledger import ENTRY_COLUMNS, entry_from
from memberlogic_sqlalchemy.purchases import PURCHASE_COLUMNS, purchase_from
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from sqlalchemy import bindparam, delete, select, update

if TYPE_CHECKING:
    from memberlogic.ledger.model import Entry
    from memberlogic.loyalty.purchases import Purchase
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["EVENT_COLUMNS", "SqlExternalIds", "SqlHistory", "SqlOrganizations", "SqlStudios", "recorded"]

_o, _x, _ev, _en, _pu = (
    tables.organizations.c,
    tables.external_ids.c,
    tables.events.c,
    tables.entries.c,
    tables.purchases.c,
)
_one = select(_o.name, _o.zone, _o.tier, _o.version, _o.settings, _o.secret).where(
    _o.organization_id == bindparam("organization", type_=_o.organization_id.type)
)
_GET = Statement(_one, "organization")
_LOCK = Statement(_one.with_for_update(), "organization")
_CHANGE = Statement(
    update(tables.organizations)
    .values(
        name=bindparam("new_name", type_=_o.name.type),
        tier=bindparam("new_tier", type_=_o.tier.type),
        settings=bindparam("new_settings", type_=_o.settings.type),
        version=bindparam("new_version", type_=_o.version.type),
    )
    .where(_o.organization_id == bindparam("organization", type_=_o.organization_id.type)),
    "new_name",
    "new_tier",
    "new_settings",
    "new_version",
    "organization",
)
_s = tables.studios.c
_STUDIOS = select(_s.code, _s.zone, _s.name).where(
    _s.organization_id == bindparam("organization", type_=_s.organization_id.type)
)
_STUDIO = Statement(_STUDIOS.where(_s.code == bindparam("code_", type_=_s.code.type)), "organization", "code_")
_ALL_STUDIOS = Statement(_STUDIOS, "organization")
_ADD_STUDIO = inserting(tables.studios)
_COLUMNS = ("id", "name", "zone", "tier", "version")
"""What of an organization has a column of its own; the rest are its settings."""
_ADD = inserting(tables.organizations)
_FIND = Statement(
    select(_x.id).where(
        _x.organization_id == bindparam("organization", type_=_x.organization_id.type),
        _x.kind == bindparam("kind", type_=_x.kind.type),
        _x.source == bindparam("source", type_=_x.source.type),
        _x.value == bindparam("value", type_=_x.value.type),
    ),
    "organization",
    "kind",
    "source",
    "value",
)
_EXTERNAL_OF = Statement(
    select(_x.source, _x.value).where(
        _x.organization_id == bindparam("organization", type_=_x.organization_id.type),
        _x.kind == bindparam("kind", type_=_x.kind.type),
        _x.id == bindparam("id_", type_=_x.id.type),
    ),
    "organization",
    "kind",
    "id_",
)
_REMOVE_EXTERNAL = Statement(
    delete(tables.external_ids).where(
        _x.organization_id == bindparam("organization", type_=_x.organization_id.type),
        _x.kind == bindparam("kind", type_=_x.kind.type),
        _x.source == bindparam("source", type_=_x.source.type),
        _x.value == bindparam("value", type_=_x.value.type),
        _x.id == bindparam("id_", type_=_x.id.type),
    ),
    "organization",
    "kind",
    "source",
    "value",
    "id_",
)
_ADD_EXTERNAL = inserting(tables.external_ids)


@family
def _known(count: int) -> Statement:
    names, among = one_of(_x.value, count)
    core = select(_x.value, _x.id).where(
        _x.organization_id == bindparam("organization", type_=_x.organization_id.type),
        _x.kind == bindparam("kind", type_=_x.kind.type),
        _x.source == bindparam("source", type_=_x.source.type),
        among,
    )
    return Statement(core, "organization", "kind", "source", *names)


def _page(core: Any, id_column: Any) -> Statement:
    page = core.where(id_column > bindparam("after", type_=id_column.type)).order_by(id_column)
    return Statement(page.limit(bindparam("limit")), "organization", "after", "limit")


EVENT_COLUMNS = (_ev.id, _ev.type, _ev.version, _ev.actor, _ev.effective_at, _ev.recorded_at, _ev.data)
_EVENTS = _page(
    select(*EVENT_COLUMNS).where(_ev.organization_id == bindparam("organization", type_=_ev.organization_id.type)),
    _ev.id,
)
_ENTRIES = _page(
    select(*ENTRY_COLUMNS).where(_en.organization_id == bindparam("organization", type_=_en.organization_id.type)),
    _en.id,
)
_PURCHASES = _page(
    select(*PURCHASE_COLUMNS).where(_pu.organization_id == bindparam("organization", type_=_pu.organization_id.type)),
    _pu.id,
)
_FIRST = UUID(int=0)


class SqlOrganizations:
    """The port ``Organizations``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: OrganizationId) -> tuple[Organization, bytes]:
        """One organization."""
        (rows,) = self._uow.ask((_GET, (self._uow.codec.id_in(id),)))
        for organization, secret in self._read(id, rows):
            return organization, secret
        raise NotFound(kind="organization", id=id)

    def _read(self, id: OrganizationId, rows: Sequence[Any]) -> Iterator[tuple[Organization, bytes]]:
        for name, zone_name, tier, version, settings, secret in rows:
            said = {"id": str(id), "name": name, "zone": zone_name, "tier": tier, "version": version}
            yield converting.from_json(Organization, said | converting.loads(settings)), bytes(secret)

    def locked(self) -> Organization:
        """The organization, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org,)))
        for organization, _ in self._read(self._uow.organization, rows):
            return organization
        raise NotFound(kind="organization", id=self._uow.organization)

    def add(self, organization: Organization, secret: bytes) -> None:
        """Queue a new one."""
        (known,) = self._uow.ask((_GET, (self._uow.org,)))
        if known:
            raise Duplicate(kind="organization", field="id")
        row = (self._uow.org, organization.name, organization.zone.key, organization.tier.value)
        self._uow.queue(_ADD, (*row, _settings(organization), secret, organization.version))

    def change(self, organization: Organization) -> None:
        """Queue its settings."""
        row = (organization.name, organization.tier.value, _settings(organization), organization.version, self._uow.org)
        self._uow.queue(_CHANGE, row)


def _settings(organization: Organization) -> str:
    said = converting.to_json(organization)
    return converting.dumps({name: value for name, value in said.items() if name not in _COLUMNS})


class SqlStudios:
    """The port ``Studios``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._known: dict[str, Studio] = {}

    def get(self, code: str) -> Studio:
        """One by its code, read once in a unit."""
        if code not in self._known:
            (rows,) = self._uow.ask((_STUDIO, (self._uow.org, code)))
            self._known |= {found: Studio(code=found, zone=zone(said), name=name) for found, said, name in rows}
        if code not in self._known:
            raise NotFound(kind="studio", id=code)
        return self._known[code]

    def all(self) -> Sequence[Studio]:
        """Every one."""
        (rows,) = self._uow.ask((_ALL_STUDIOS, (self._uow.org,)))
        # Sorted here: databases disagree on the order of texts.
        return [Studio(code=code, zone=zone(said), name=name) for code, said, name in sorted(map(tuple, rows))]

    def add(self, studio: Studio) -> None:
        """Queue a new one."""
        (known,) = self._uow.ask((_STUDIO, (self._uow.org, studio.code)))
        if known:
            raise Duplicate(kind="studio", field="code")
        self._uow.queue(_ADD_STUDIO, (self._uow.org, studio.code, studio.name, studio.zone.key))


class SqlExternalIds:
    """The port ``ExternalIds``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def add(self, kind: str, id: UUID, external_ids: Sequence[ExternalId]) -> None:
        """Queue external ids of a record."""
        if not external_ids:
            return
        keys = [(self._uow.org, kind, each.source, each.value) for each in external_ids]
        if len(set(keys)) < len(keys) or any(self._uow.ask(*((_FIND, key) for key in keys))):
            raise Duplicate(kind=kind, field="external id")
        for key in keys:
            self._uow.queue(_ADD_EXTERNAL, (*key, self._uow.codec.id_in(id)))

    def enter(self, kind: str, records: Mapping[ExternalId, UUID]) -> None:
        """Queue external ids of many records."""
        org, codec = self._uow.org, self._uow.codec
        rows = [(org, kind, each.source, each.value, codec.id_in(id)) for each, id in records.items()]
        self._uow.queue_all(_ADD_EXTERNAL, rows)

    def remove(self, kind: str, id: UUID, external_ids: Sequence[ExternalId]) -> None:
        """Queue that a record has these no longer."""
        record = self._uow.codec.id_in(id)
        rows = [(self._uow.org, kind, each.source, each.value, record) for each in external_ids]
        self._uow.queue_all(_REMOVE_EXTERNAL, rows)

    def known(self, kind: str, external_ids: Sequence[ExternalId]) -> Mapping[ExternalId, UUID]:
        """Those that are there, a query for each source."""
        values: dict[str, set[str]] = {}
        for each in external_ids:
            values.setdefault(each.source, set()).add(each.value)
        found: dict[ExternalId, UUID] = {}
        for source, named in values.items():
            wanted = padded(sorted(named))
            row = (self._uow.org, kind, source, *wanted)
            for value, id in self._uow.ask((_known(len(wanted)), row))[0]:
                found[ExternalId(source, value)] = self._uow.codec.id_out(id)
        return found

    def of(self, kind: str, id: UUID) -> Sequence[ExternalId]:
        """A record's external ids."""
        (rows,) = self._uow.ask((_EXTERNAL_OF, (self._uow.org, kind, self._uow.codec.id_in(id))))
        return sorted((ExternalId(source, value) for source, value in rows), key=lambda each: (each.source, each.value))

    def find(self, kind: str, external_id: ExternalId) -> UUID:
        """The record with this external id."""
        row = (self._uow.org, kind, external_id.source, external_id.value)
        (rows,) = self._uow.ask((_FIND, row))
        for (id,) in rows:
            return self._uow.codec.id_out(id)
        raise NotFound(kind=kind, id=f"of {external_id.source}")


class SqlHistory:
    """The port ``History``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def events(self, *, after: UUID | None = None, limit: int = 500) -> Sequence[Recorded]:
        """The next events, entries and purchases among them."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(after or _FIRST), limit)
        events, entries, purchases = self._uow.ask((_EVENTS, row), (_ENTRIES, row), (_PURCHASES, row))
        moved = [entry_from(codec, row) for row in entries]
        bought = [purchase_from(codec, row) for row in purchases]
        return sorted(recorded(self._uow, events, moved, bought), key=lambda each: each.id)[:limit]


def recorded(
    uow: SqlWork, events: Sequence[Any], moved: Sequence[Entry], bought: Sequence[Purchase]
) -> Sequence[Recorded]:
    """Rows of events, entries and purchases as the events that they are."""
    accounts = {each.wallet.account for each in moved} | {each.account for each in bought}
    holders = uow.accounts.holders(sorted(accounts))
    organization = uow.organization
    return [
        *(_recorded(uow, *row) for row in events),
        *(as_event(each, organization, _members(holders[each.wallet.account])) for each in moved),
        *(purchase_event(each, organization, _members(holders[each.account])) for each in bought),
    ]


def _recorded(
    uow: SqlWork, id: Any, type: str, version: int, actor: str, effective_at: Any, recorded_at: Any, data: str
) -> Recorded:
    made, facts = upcasted(type, version, converting.loads(data))
    return Recorded(
        id=uow.codec.id_out(id),
        organization=uow.organization,
        actor=actor,
        effective_at=uow.codec.at_out(effective_at),
        recorded_at=uow.codec.at_out(recorded_at),
        event=converting.from_json(made, facts),
    )


def _members(holders: Sequence[UUID]) -> tuple[MemberId, ...]:
    return tuple(MemberId(each) for each in holders)
