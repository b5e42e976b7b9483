"""ENG-13: saving templates, in versions, and retiring them. Saved is only what can be sent: well-formed, and with no
placeholder but those of its categories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.engagement.placeholders import category_of, names_of, samples
from memberlogic.engagement.rendering import Found, Malformed, found_in, rendered
from memberlogic.engagement.templates import Category, Template, TemplateKept, TemplateTerms, Texts
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.inputs import code, instance
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "WRITING",
    "OfTemplate",
    "PlaceholderOfAnotherCategory",
    "SaveTemplate",
    "TemplateChecked",
    "TemplateMalformed",
    "TemplateRetired",
    "TemplateSaved",
    "UnknownPlaceholder",
    "check",
    "placeholders_of",
    "retire",
    "save",
]


@frozen(kw_only=True)
class SaveTemplate:
    """Keep a template under a code: a new one, or the next version."""

    code: str = field(validator=code("a template's code"))
    terms: TemplateTerms = field(validator=instance(TemplateTerms, "the terms of a template"))


@frozen(kw_only=True)
class OfTemplate:
    """A template by its code."""

    code: str = field(validator=code("a template's code"))


@frozen(kw_only=True)
class TemplateSaved(Event):
    """A template was written, or written anew; what it says is not told."""

    type: ClassVar[str] = "template.saved"
    template: str
    template_version: int


@frozen(kw_only=True)
class TemplateRetired(Event):
    """A template is not picked any more; what was to be sent by it still is."""

    type: ClassVar[str] = "template.retired"
    template: str


class TemplateMalformed(RuleViolation):
    """It cannot be read, or not be rendered."""

    code = "template.malformed"
    rule = "ENG-13"
    sentence = "The {part} in {language} cannot be used: {problem} (line {line}, column {column})."


class UnknownPlaceholder(RuleViolation):
    """There is no such placeholder."""

    code = "template.unknown_placeholder"
    rule = "ENG-13"
    sentence = (
        "The {part} in {language} uses {placeholder} (line {line}, column {column}), which there is not;"
        " there are: {available}."
    )


class PlaceholderOfAnotherCategory(RuleViolation):
    """The template does not have the category of this placeholder."""

    code = "template.placeholder_of_another_category"
    rule = "ENG-13"
    sentence = (
        "The {part} in {language} uses {placeholder} (line {line}, column {column}) of the category {category};"
        " the template has: {categories}."
    )


@frozen(kw_only=True)
class TemplateChecked:
    """Whether a template could be saved, which placeholders it uses, and everything that refuses."""

    placeholders: tuple[str, ...]
    refusals: tuple[MemberLogicError, ...]

    @property
    def ok(self) -> bool:
        """Whether it could be saved."""
        return not self.refusals


@frozen
class _Part:
    """The subject or body of a text, and what was found in it."""

    name: str
    language: str
    source: str
    html: bool
    categories: tuple[Category, ...]

    @property
    def found(self) -> Sequence[Found]:
        return found_in(self.source, html=self.html)

    @property
    def details(self) -> dict[str, str]:
        return {"part": self.name, "language": self.language}


def _parts(terms: TemplateTerms) -> Iterator[_Part]:
    for each in terms.texts:
        if each.subject is not None:
            yield _Part("subject", each.language, each.subject, False, terms.categories)
        yield _Part("body", each.language, each.body, terms.html, terms.categories)


@policy("ENG-13", "A template is well-formed and uses what there is.")
def must_be_well_formed(part: _Part) -> MemberLogicError | None:
    """It is read as when a message is sent."""
    try:
        found_in(part.source, html=part.html)
    except Malformed as problem:
        return _malformed(part, problem)
    return None


@policy("ENG-13", "Only placeholders of a template's categories occur in it.")
def must_use_its_own_placeholders(part: _Part) -> MemberLogicError | None:
    """The first that is not is named, with its place."""
    for each in part.found:
        place = part.details | {"placeholder": each.name, "line": str(each.line), "column": str(each.column)}
        of = category_of(each.name)
        if of is None:
            return UnknownPlaceholder(**place, available=list(names_of(part.categories)))
        if of not in part.categories:
            named = [each.value for each in part.categories]
            return PlaceholderOfAnotherCategory(**place, category=of.value, categories=named)
    return None


@policy("ENG-13", "A template can be rendered for whom everything is known, and for whom nothing is.")
def must_render(part: _Part) -> MemberLogicError | None:
    """What it says stays within bounds."""
    try:
        rendered(part.source, samples(part.categories), html=part.html)
        rendered(part.source, {}, html=part.html)
    except Malformed as problem:
        return _malformed(part, problem)
    return None


WRITING: Policies[_Part] = Policies(must_be_well_formed, must_use_its_own_placeholders, must_render)


def _malformed(part: _Part, problem: Malformed) -> TemplateMalformed:
    return TemplateMalformed(**part.details, problem=problem.problem, line=problem.line, column=problem.column)


def check(terms: TemplateTerms) -> TemplateChecked:
    """Everything that refuses, the first of each part; and the placeholders that are used."""
    verdicts = [(part, WRITING.first(part)) for part in _parts(terms)]
    well = {name for part, refusal in verdicts if refusal is None for name in (each.name for each in part.found)}
    known = tuple(each for each in names_of(tuple(Category)) if each in well)
    return TemplateChecked(
        placeholders=known, refusals=tuple(refusal for _, refusal in verdicts if refusal is not None)
    )


def placeholders_of(terms: TemplateTerms, texts: Texts) -> tuple[str, ...]:
    """The placeholders that one language of a saved template uses, each once."""
    found = [*found_in(texts.subject or ""), *found_in(texts.body, html=terms.html)]
    return tuple(dict.fromkeys(each.name for each in found))


def save(before: Template | None, wanted: SaveTemplate) -> Outcome[Template, Event, TemplateKept]:
    """The template in its next version, in use; the same terms of one that is in use change nothing.

    Raises:
        RuleViolation: the first of :data:`WRITING` that refuses a part.
        ExtraMissing: without the extra.
    """
    if before is not None and before.in_use and before.terms == wanted.terms:
        return Outcome(before, (), _kept(before))
    for part in _parts(wanted.terms):
        WRITING.require(part)
    version = 1 if before is None else before.version + 1
    saved = Template(code=wanted.code, version=version, terms=wanted.terms)
    return Outcome(saved, (TemplateSaved(template=saved.code, template_version=version),), _kept(saved))


def retire(template: Template) -> Outcome[Template, Event, TemplateKept]:
    """The template out of use; one that is already changes nothing."""
    if not template.in_use:
        return Outcome(template, (), _kept(template))
    retired = evolve(template, in_use=False)
    return Outcome(retired, (TemplateRetired(template=template.code),), _kept(retired))


def _kept(template: Template) -> TemplateKept:
    return TemplateKept(code=template.code, version=template.version, in_use=template.in_use)
