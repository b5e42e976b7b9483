"""Configurations of Member Care in tables, and where they are active."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memberlogic import converting
from memberlogic.care.configurations import Activation, Configuration, ConfigurationTerms
from memberlogic.errors import Duplicate, NotFound
from memberlogic.ids import CareConfigurationId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting, next_version
from sqlalchemy import and_, bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlCareConfigurations"]

_c, _s = tables.care_configurations.c, tables.care_studios.c
_mine = _c.organization_id == bindparam("organization", type_=_c.organization_id.type)
_key = (_mine, _c.id == bindparam("id_", type_=_c.id.type))
_row = select(_c.id, _c.version, _c.definition)
_GET = Statement(_row.where(*_key), "organization", "id_")
_LOCK = Statement(_row.where(*_key).with_for_update(key_share=True), "organization", "id_")
_ALL = Statement(_row.where(_mine), "organization")
_NAMED = Statement(
    select(_c.id).where(_mine, _c.name == bindparam("name_", type_=_c.name.type)), "organization", "name_"
)
_ADD = inserting(tables.care_configurations)
_CHANGED = ("name", "version", "definition")
_CHANGE = Statement(
    update(tables.care_configurations)
    .values({name: bindparam(f"new_{name}", type_=_c[name].type) for name in _CHANGED})
    .where(*_key),
    *(f"new_{name}" for name in _CHANGED),
    "organization",
    "id_",
)
_at = (
    _s.organization_id == bindparam("organization", type_=_s.organization_id.type),
    _s.studio == bindparam("studio_", type_=_s.studio.type),
)
_active = tables.care_studios.join(
    tables.care_configurations, and_(_c.organization_id == _s.organization_id, _c.id == _s.configuration_id)
)
_ACTIVE_AT = Statement(_row.select_from(_active).where(*_at), "organization", "studio_")
_said = select(_s.studio, _s.configuration_id, _s.since, _s.version)
_ACTIVATION = Statement(_said.where(*_at), "organization", "studio_")
_ACTIVATIONS = Statement(
    _said.where(_s.organization_id == bindparam("organization", type_=_s.organization_id.type)), "organization"
)
_FIRST_SAID = inserting(tables.care_studios)
_SAY = Statement(
    update(tables.care_studios)
    .values(
        configuration_id=bindparam("new_configuration", type_=_s.configuration_id.type),
        since=bindparam("new_since", type_=_s.since.type),
        version=next_version(_s.version),
    )
    .where(*_at),
    "new_configuration",
    "new_since",
    "expected",
    "organization",
    "studio_",
)


class SqlCareConfigurations:
    """The port ``CareConfigurations``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: CareConfigurationId) -> Configuration:
        """One configuration."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        return self._only(id, rows)

    def locked(self, id: CareConfigurationId) -> Configuration:
        """One configuration, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org, self._uow.codec.id_in(id))))
        return self._only(id, rows)

    def all(self) -> Sequence[Configuration]:
        """Every configuration."""
        (rows,) = self._uow.ask((_ALL, (self._uow.org,)))
        # Sorted here: databases disagree on the order of texts.
        return sorted((self._configuration(row) for row in rows), key=lambda each: each.terms.name)

    def _only(self, id: CareConfigurationId, rows: Sequence[Any]) -> Configuration:
        for row in rows:
            return self._configuration(row)
        raise NotFound(kind="care_configuration", id=id)

    def _configuration(self, row: Sequence[Any]) -> Configuration:
        id, version, definition = row
        terms = converting.from_json(ConfigurationTerms, converting.loads(definition))
        return Configuration(id=CareConfigurationId(self._uow.codec.id_out(id)), terms=terms, version=version)

    def add(self, configuration: Configuration) -> None:
        """Queue a new one."""
        self._require_free(configuration)
        name, version, definition = _columns(configuration)
        self._uow.queue(_ADD, (self._uow.org, self._uow.codec.id_in(configuration.id), name, version, definition))

    def change(self, configuration: Configuration) -> None:
        """Queue what a configuration became."""
        self._require_free(configuration)
        row = (*_columns(configuration), self._uow.org, self._uow.codec.id_in(configuration.id))
        self._uow.queue(_CHANGE, row)

    def _require_free(self, configuration: Configuration) -> None:
        (rows,) = self._uow.ask((_NAMED, (self._uow.org, configuration.terms.name)))
        if any(self._uow.codec.id_out(id) != configuration.id for (id,) in rows):
            raise Duplicate(kind="care_configuration", field="name")

    def active_at(self, studio: str) -> Configuration | None:
        """The configuration that is active at a studio."""
        (rows,) = self._uow.ask((_ACTIVE_AT, (self._uow.org, studio)))
        for row in rows:
            return self._configuration(row)
        return None

    def activation(self, studio: str) -> Activation | None:
        """What was last said of a studio."""
        (rows,) = self._uow.ask((_ACTIVATION, (self._uow.org, studio)))
        for row in rows:
            return self._activation(row)
        return None

    def activations(self) -> Sequence[Activation]:
        """What was last said of each studio."""
        (rows,) = self._uow.ask((_ACTIVATIONS, (self._uow.org,)))
        return sorted((self._activation(row) for row in rows), key=lambda each: each.studio)

    def _activation(self, row: Sequence[Any]) -> Activation:
        studio, configuration, since, version = row
        named = self._uow.codec.id_or_none_out(configuration)
        return Activation(
            studio=studio,
            configuration=None if named is None else CareConfigurationId(named),
            since=self._uow.codec.at_out(since),
            version=version,
        )

    def activate(self, activation: Activation) -> None:
        """Queue what is active at a studio; that it was said for the first time, the key guards."""
        codec = self._uow.codec
        said = (codec.id_or_none_in(activation.configuration), codec.at_in(activation.since))
        if activation.version == 0:
            self._uow.queue(_FIRST_SAID, (self._uow.org, activation.studio, *said, 0))
        else:
            self._uow.queue(_SAY, (*said, activation.version - 1, self._uow.org, activation.studio))


def _columns(configuration: Configuration) -> tuple[str, int, str]:
    definition = converting.dumps(converting.to_json(configuration.terms))
    return configuration.terms.name, configuration.version, definition
