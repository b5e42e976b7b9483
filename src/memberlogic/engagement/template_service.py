"""What a host calls to keep templates of messages (ENG-13).
:class:`~memberlogic.engagement.service.MessagesService` is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memberlogic.actors import Actor
from memberlogic.engagement import filling, writing
from memberlogic.engagement.filling import PreviewTemplate, Rendered, RenderTemplate
from memberlogic.engagement.listing import OfVersion, Templates, listed
from memberlogic.engagement.placeholders import Value
from memberlogic.engagement.ports import EngagementWork, PlaceholderPart
from memberlogic.engagement.templates import Category, Template, TemplateKept, terms_of
from memberlogic.engagement.writing import OfTemplate, SaveTemplate, TemplateChecked
from memberlogic.ids import MemberId
from memberlogic.running import Asks, Runner

__all__ = ["TemplateService"]

SAVE_TEMPLATE = Asks("messages.save_template", "settings.templates:update", TemplateKept)
CHECK_TEMPLATE = Asks("messages.check_template", "settings.templates:read", TemplateChecked)
RETIRE_TEMPLATE = Asks("messages.retire_template", "settings.templates:delete", TemplateKept)
TEMPLATE = Asks("messages.template", "settings.templates:read", Template)
TEMPLATES = Asks("messages.templates", "settings.templates:read", tuple[Template, ...])
PREVIEW_TEMPLATE = Asks("messages.preview_template", "settings.templates:read", Rendered)
RENDER = Asks("messages.render", "members.messages:read", Rendered)


class TemplateService:
    """Templates of messages."""

    _runner: Runner[EngagementWork]
    _parts: Sequence[PlaceholderPart]

    def save_template(
        self,
        code: str,
        *,
        channel: str,
        categories: Sequence[Category],
        languages: Mapping[str, tuple[str | None, str]],
        default_language: str | None = None,
        html: bool = False,
        idempotency_key: str | None = None,
    ) -> TemplateKept:
        """Keep a template under a code: a new one, or the next version of one that is there, which is in use again if
        it was retired.

        Args:
            channel: over which way it is sent: ``email``, ``sms``.
            categories: of what it may speak; only their placeholders may occur.
            languages: subject (or None) and body by language: ``{"en": ("Welcome", "Hello {{ member.first_name }}")}``.
            default_language: in which it speaks to whoever has none of these languages; the only one if there is one.
            html: whether the bodies are HTML; then what is filled in is escaped.

        Raises:
            InvalidInput: naming the field.
            TemplateMalformed, UnknownPlaceholder, PlaceholderOfAnotherCategory: naming what is wrong, and its place.
            ExtraMissing: if ``memberlogic[messages]`` is not installed.
        """
        terms = terms_of(channel, categories, languages, default_language, html)
        return self._runner.run(
            SAVE_TEMPLATE, SaveTemplate(code=code, terms=terms), idempotency_key, self.save_template_step
        )

    def save_template_step(self, uow: EngagementWork, _: Actor, wanted: SaveTemplate) -> TemplateKept:
        """Saving, inside a unit of work."""
        outcome = writing.save(uow.message_templates.locked(wanted.code), wanted)
        uow.message_templates.keep(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def check_template(
        self,
        code: str,
        *,
        channel: str,
        categories: Sequence[Category],
        languages: Mapping[str, tuple[str | None, str]],
        default_language: str | None = None,
        html: bool = False,
    ) -> TemplateChecked:
        """What would refuse a template, the first of each subject and body, without saving it."""
        terms = terms_of(channel, categories, languages, default_language, html)
        return self._runner.ask(CHECK_TEMPLATE, SaveTemplate(code=code, terms=terms), self.check_template_step)

    def check_template_step(self, _: EngagementWork, __: Actor, wanted: SaveTemplate) -> TemplateChecked:
        """Checking, inside a unit of work."""
        return writing.check(wanted.terms)

    def retire_template(self, code: str, *, idempotency_key: str | None = None) -> TemplateKept:
        """Take a template out of use: it is not picked any more; what was to be sent by it still is. Raises
        ``NotFound``.
        """
        return self._runner.run(RETIRE_TEMPLATE, OfTemplate(code=code), idempotency_key, self.retire_template_step)

    def retire_template_step(self, uow: EngagementWork, _: Actor, wanted: OfTemplate) -> TemplateKept:
        """Retiring, inside a unit of work."""
        outcome = writing.retire(uow.message_templates.locked(wanted.code) or uow.message_templates.get(wanted.code))
        uow.message_templates.keep(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def template(self, code: str, *, version: int | None = None) -> Template:
        """A template as it is now, or as it was in an earlier version. Raises ``NotFound``."""
        return self._runner.ask(TEMPLATE, OfVersion(code=code, version=version), self.template_step)

    def template_step(self, uow: EngagementWork, _: Actor, wanted: OfVersion) -> Template:
        """Looking up, inside a unit of work."""
        return uow.message_templates.get(wanted.code, wanted.version)

    def templates(
        self, *, category: Category | None = None, channel: str | None = None, retired: bool = False
    ) -> tuple[Template, ...]:
        """The templates that are in use, in order of their codes: of a category, for a channel, if these are named;
        with ``retired`` those too that are not in use.
        """
        wanted = Templates(category=category, channel=channel, retired=retired)
        return self._runner.ask(TEMPLATES, wanted, self.templates_step)

    def templates_step(self, uow: EngagementWork, _: Actor, wanted: Templates) -> tuple[Template, ...]:
        """Listing, inside a unit of work."""
        return listed(uow.message_templates.all(), wanted)

    def preview_template(
        self,
        code: str,
        *,
        member: MemberId | None = None,
        language: str | None = None,
        values: Mapping[str, Value] | None = None,
    ) -> Rendered:
        """What a template says to a sample member, or to this one; ``missing`` names the placeholders that would be
        empty. For a member the actor needs the permissions for what it tells of them.

        Args:
            language: in which; for a member theirs, unless another is named.
            values: what is to stand for some of the placeholders.

        Raises:
            NotFound: if there is no such template or member.
        """
        wanted = PreviewTemplate(code=code, member=member, language=language, values=values or {})
        return self._runner.ask(PREVIEW_TEMPLATE, wanted, self.preview_template_step)

    def preview_template_step(self, uow: EngagementWork, actor: Actor, wanted: PreviewTemplate) -> Rendered:
        """Previewing, inside a unit of work."""
        template = uow.message_templates.get(wanted.code)
        return filling.previewed(uow, (actor, self._runner.organization), template, wanted, self._parts)

    def render(
        self,
        code: str,
        member: MemberId,
        *,
        values: Mapping[str, Value] | None = None,
        language: str | None = None,
    ) -> Rendered:
        """What a template says to a member now. The actor needs the permissions for what it tells of them. One that is
        retired still speaks: what was to be sent by it is.

        Args:
            values: what the caller knows for some of the placeholders, such as ``{"care.flow": "Welcome"}``.
            language: in which; that of the member, if none is named.

        Raises:
            NotFound: if there is no such template or member, also for a member who asks for another.
            TemplateFails: if what it says is longer than a message may be.
            ExtraMissing: if ``memberlogic[messages]`` is not installed.
        """
        wanted = RenderTemplate(code=code, member=member, values=values or {}, language=language)
        return self._runner.ask(RENDER, wanted, self.render_step)

    def render_step(self, uow: EngagementWork, actor: Actor, wanted: RenderTemplate) -> Rendered:
        """Rendering, inside a unit of work."""
        template = uow.message_templates.get(wanted.code)
        return filling.told(uow, (actor, self._runner.organization), template, wanted, self._parts)
