"""CARE-5: the templates that are kept here, as Member Care picks them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve

from memberlogic.care.catalogues import Catalogues, TemplateEntry
from memberlogic.engagement.ports import EngagementWork
from memberlogic.engagement.templates import Template

__all__ = ["StoredTemplates", "with_templates"]


class StoredTemplates:
    """What flows of Member Care may send, where the host brings no templates of its own."""

    def known(self, uow: EngagementWork, codes: Collection[str]) -> Mapping[str, TemplateEntry]:
        """Those of the codes that are there, in use or not."""
        return {each.code: _entry(each) for each in uow.message_templates.all() if each.code in codes}

    def all(self, uow: EngagementWork) -> Sequence[TemplateEntry]:
        """Those in use, in order of their codes."""
        return [_entry(each) for each in uow.message_templates.all() if each.in_use]


def with_templates(catalogues: Catalogues) -> Catalogues:
    """The host's catalogues; for templates those that are kept here, unless it has its own."""
    return evolve(catalogues, templates=catalogues.templates or StoredTemplates())


def _entry(template: Template) -> TemplateEntry:
    return TemplateEntry(
        code=template.code,
        channels=frozenset({template.channel}),
        categories=frozenset(each.value for each in template.categories),
        in_use=template.in_use,
    )
