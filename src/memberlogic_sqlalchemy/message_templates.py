"""Templates of messages in tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memberlogic import converting
from memberlogic.engagement.templates import Template, TemplateTerms
from memberlogic.errors import NotFound
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, inserting
from sqlalchemy import and_, bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlMessageTemplates"]

_t, _v = tables.message_templates.c, tables.message_template_versions.c
_mine = _t.organization_id == bindparam("organization", type_=_t.organization_id.type)
_key = (_mine, _t.code == bindparam("code_", type_=_t.code.type))
_versions = and_(_v.organization_id == _t.organization_id, _v.code == _t.code)
_with_terms = select(_t.code, _v.version, _t.in_use, _v.definition)
_current = _with_terms.select_from(
    tables.message_templates.join(tables.message_template_versions, and_(_versions, _v.version == _t.version))
)
_GET = Statement(_current.where(*_key), "organization", "code_")
_ALL = Statement(_current.where(_mine), "organization")
_VERSION = Statement(
    _with_terms.select_from(tables.message_templates.join(tables.message_template_versions, _versions)).where(
        *_key, _v.version == bindparam("version_", type_=_v.version.type)
    ),
    "organization",
    "code_",
    "version_",
)
_LOCK = Statement(select(_t.version).where(*_key).with_for_update(key_share=True), "organization", "code_")
_ADD = inserting(tables.message_templates)
_ADD_VERSION = inserting(tables.message_template_versions)
_CHANGE = Statement(
    update(tables.message_templates)
    .values(
        version=bindparam("new_version", type_=_t.version.type), in_use=bindparam("new_in_use", type_=_t.in_use.type)
    )
    .where(*_key),
    "new_version",
    "new_in_use",
    "organization",
    "code_",
)


class SqlMessageTemplates:
    """The port ``MessageTemplates``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._stored: dict[str, int] = {}

    def get(self, code: str, version: int | None = None) -> Template:
        """One template."""
        key = (self._uow.org, code)
        asked = (_GET, key) if version is None else (_VERSION, (*key, version))
        (rows,) = self._uow.ask(asked)
        for row in rows:
            return _template(row)
        raise NotFound(kind="template", id=code)

    def locked(self, code: str) -> Template | None:
        """One template, locked."""
        # Its texts are read in a statement of its own, after the lock: what another command wrote is seen then.
        locked, rows = self._uow.lock((_LOCK, (self._uow.org, code)), (_GET, (self._uow.org, code)))
        if not locked:
            return None
        template = _template(rows[0])
        self._stored[code] = template.version
        return template

    def all(self) -> Sequence[Template]:
        """Every template."""
        (rows,) = self._uow.ask((_ALL, (self._uow.org,)))
        # Sorted here: databases disagree on the order of texts.
        return sorted((_template(row) for row in rows), key=lambda template: template.code)

    def keep(self, template: Template) -> None:
        """Queue what became of a template."""
        stored, org = self._stored.get(template.code), self._uow.org
        said = (template.version, int(template.in_use))
        if stored is None:
            self._uow.queue(_ADD, (org, template.code, *said))
        else:
            self._uow.queue(_CHANGE, (*said, org, template.code))
        if stored != template.version:
            definition = converting.dumps(converting.to_json(template.terms))
            at = self._uow.codec.at_in(self._uow.now)
            self._uow.queue(_ADD_VERSION, (org, template.code, template.version, at, definition))


def _template(row: Row) -> Template:
    code, version, in_use, definition = row
    terms = converting.from_json(TemplateTerms, converting.loads(definition))
    return Template(code=code, version=version, terms=terms, in_use=bool(in_use))
