"""ENG-13: what a message says to a member at the moment of sending: a template's text in their language, with what is
true then in the place of each placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.engagement.placeholders import Value, category_of, samples
from memberlogic.engagement.ports import EngagementWork, PlaceholderPart
from memberlogic.engagement.rendering import Malformed, rendered
from memberlogic.engagement.templates import Template, Texts
from memberlogic.engagement.writing import placeholders_of
from memberlogic.errors import InvalidInput, RuleViolation
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, code, describe, optional
from memberlogic.members.acting import require_own
from memberlogic.members.people import a_language
from memberlogic.members.ports import ProfileAsked
from memberlogic.organizations.model import Organization
from memberlogic.outcomes import Figures

__all__ = ["PreviewTemplate", "RenderTemplate", "Rendered", "TemplateFails", "fill", "previewed", "told", "values_for"]

_LONGEST_VALUE = 1_000


def _values(_: object, attribute: Any, values: object) -> None:
    for name, value in cast("Mapping[Any, Any]", values).items():
        if not isinstance(name, str) or category_of(name) is None:
            raise InvalidInput(path=attribute.name, expected="placeholders that there are", got=describe(name))
        well = type(value) is int or (isinstance(value, str) and len(value) <= _LONGEST_VALUE)
        if not well or (isinstance(value, str) and not value.isprintable()):
            expected = f"a whole number or a line of at most {_LONGEST_VALUE} characters"
            raise InvalidInput(path=f"{attribute.name}[{name}]", expected=expected, got=describe(value))


def _as_values(values: object) -> object:
    if not isinstance(values, Mapping):
        raise InvalidInput(path="values", expected="values by placeholder", got=describe(values))
    return Figures(values)


@frozen(kw_only=True)
class RenderTemplate:
    """What a template says to a member, with values that are handed over for some placeholders."""

    code: str = field(validator=code("a template's code"))
    member: MemberId = field(validator=an_id)
    values: Mapping[str, Value] = field(factory=dict, converter=_as_values, validator=_values, hash=False)
    language: str | None = field(default=None, validator=optional(a_language))


@frozen(kw_only=True)
class PreviewTemplate:
    """What a template says to a sample member, or to this one."""

    code: str = field(validator=code("a template's code"))
    member: MemberId | None = field(default=None, validator=optional(an_id))
    values: Mapping[str, Value] = field(factory=dict, converter=_as_values, validator=_values, hash=False)
    language: str | None = field(default=None, validator=optional(a_language))

    def of(self, member: MemberId) -> RenderTemplate:
        """The same, for a member."""
        return RenderTemplate(code=self.code, member=member, values=self.values, language=self.language)


@frozen(kw_only=True)
class Rendered:
    """What a message says. It is made to be sent or read, and never kept."""

    code: str
    version: int
    channel: str
    language: str
    html: bool
    subject: str | None = field(repr=False)
    body: str = field(repr=False)
    missing: tuple[str, ...]
    """The placeholders for which there was no value; nothing stands in their place."""


class TemplateFails(RuleViolation):
    """What is true of the member makes it longer than a message may be."""

    code = "template.fails"
    rule = "ENG-13"
    sentence = "The template {template} cannot be rendered in {language}: {problem}."


def values_for(
    uow: EngagementWork, asked: ProfileAsked, used: Sequence[str], parts: Sequence[PlaceholderPart]
) -> Mapping[str, Value]:
    """What there is for the placeholders that are used; only what is needed for them is looked up.

    Raises:
        PermissionDenied: if the actor may not read what one of them tells.
    """
    needed = {category_of(each) for each in used}
    looked_up = [each for each in parts if each.category in needed]
    for part in looked_up:
        for permission in part.permissions:
            asked.actor.require(permission)
    found: dict[str, Value] = {}
    for part in looked_up:
        there = part.feature is None or part.feature in asked.organization.features
        told = part.told(uow, asked) if there else {}
        found |= {name: value for name, value in told.items() if value is not None and value != ""}
    return found


def fill(template: Template, texts: Texts, values: Mapping[str, Value], handed_over: Mapping[str, Value]) -> Rendered:
    """The text with values in the place of its placeholders; what was handed over comes first. A subject stays one
    line.

    Raises:
        TemplateFails: if what it says is longer than a message may be.
    """
    terms, used = template.terms, placeholders_of(template.terms, texts)
    known = {name: value for name, value in {**values, **handed_over}.items() if name in used}
    try:
        subject = None if texts.subject is None else " ".join(rendered(texts.subject, known).split())
        body = rendered(texts.body, known, html=terms.html)
    except Malformed as problem:
        raise TemplateFails(template=template.code, language=texts.language, problem=problem.problem) from None
    return Rendered(
        code=template.code,
        version=template.version,
        channel=terms.channel,
        language=texts.language,
        html=terms.html,
        subject=subject,
        body=body,
        missing=tuple(each for each in used if each not in known),
    )


def told(
    uow: EngagementWork,
    by: tuple[Actor, Organization],
    template: Template,
    wanted: RenderTemplate,
    parts: Sequence[PlaceholderPart],
) -> Rendered:
    """What a template says to a member now, in the language that is wanted, else in theirs.

    Raises:
        NotFound: if there is no such member, also for a member who asks for another.
        PermissionDenied: if the actor may not read what one of the placeholders tells.
    """
    member = uow.members.get(wanted.member).id
    require_own(by[0], member)
    texts = template.terms.of(wanted.language or uow.people.of(member).language)
    unknown = [each for each in placeholders_of(template.terms, texts) if each not in wanted.values]
    asked = ProfileAsked(member=member, actor=by[0], organization=by[1])
    return fill(template, texts, values_for(uow, asked, unknown, parts), wanted.values)


def previewed(
    uow: EngagementWork,
    by: tuple[Actor, Organization],
    template: Template,
    wanted: PreviewTemplate,
    parts: Sequence[PlaceholderPart],
) -> Rendered:
    """What a template says to a member, or to a sample one if none is named."""
    if wanted.member is not None:
        return told(uow, by, template, wanted.of(wanted.member), parts)
    return fill(template, template.terms.of(wanted.language), samples(template.categories), wanted.values)
