"""Templates of messages (ENG-13), as data: a text for each language, in which placeholders of some categories stand."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any
from unicodedata import category

from attrs import field, frozen

from memberlogic.errors import InvalidInput
from memberlogic.inputs import as_tuple, checked, code, describe, instance, optional, sequence_of, whole
from memberlogic.members.people import a_language

__all__ = [
    "LONGEST_BODY",
    "LONGEST_SUBJECT",
    "Category",
    "Template",
    "TemplateKept",
    "TemplateTerms",
    "Texts",
    "as_categories",
    "terms_of",
    "texts_of",
]

LONGEST_SUBJECT = 300
LONGEST_BODY = 20_000
_MOST_LANGUAGES = 50


class Category(Enum):
    """What a message may speak of: only placeholders of a template's categories occur in it."""

    MEMBER = "MEMBER"
    MEMBER_CARE = "MEMBER_CARE"
    CONTRACT = "CONTRACT"
    LOYALTY = "LOYALTY"


def _of_text(value: str, allowed: str) -> bool:
    return not any(category(each) in ("Cc", "Cs") and each not in allowed for each in value)


def _subject_problem(value: object) -> str | None:
    well = isinstance(value, str) and 0 < len(value) <= LONGEST_SUBJECT and bool(value.strip()) and _of_text(value, "")
    return None if well else f"a line of 1 to {LONGEST_SUBJECT} characters"


def _body_problem(value: object) -> str | None:
    well = isinstance(value, str) and 0 < len(value) <= LONGEST_BODY and bool(value.strip()) and _of_text(value, "\n\t")
    return None if well else f"a text of 1 to {LONGEST_BODY} characters"


@frozen(kw_only=True)
class Texts:
    """What a message says in one language, with placeholders: ``Hello {{ member.first_name }}``."""

    language: str = field(validator=a_language)
    subject: str | None = field(default=None, validator=optional(checked(_subject_problem)))
    body: str = field(validator=checked(_body_problem))


def as_categories(value: object) -> object:
    """A converter for categories: each once, in their order; their names are taken for them."""
    if isinstance(value, set | frozenset):
        value = tuple(value)
    value = as_tuple(value)
    names = {each.value: each for each in Category}
    if not isinstance(value, tuple):
        return value
    given = [names.get(each, each) if isinstance(each, str) else each for each in value]
    if not all(isinstance(each, Category) for each in given):
        return tuple(given)
    return tuple(each for each in Category if each in given)


def texts_of(languages: object) -> tuple[Texts, ...]:
    """Texts by language, as a host writes them: ``{"en": ("Welcome", "Hello …"), "de": (None, "Hallo …")}``.

    Raises:
        InvalidInput: naming the language and what is wrong with its texts.
    """
    if not isinstance(languages, Mapping) or not 0 < len(languages) <= _MOST_LANGUAGES:
        expected = f"subject and body by language, for 1 to {_MOST_LANGUAGES} languages"
        raise InvalidInput(path="languages", expected=expected, got=describe(languages))
    return tuple(sorted((_texts(*each) for each in languages.items()), key=lambda each: each.language))


def _texts(language: Any, said: Any) -> Texts:
    if isinstance(said, str) or not isinstance(said, tuple | list) or len(said) != 2:
        raise InvalidInput(path="languages", expected="a pair of subject (or None) and body", got=describe(said))
    try:
        return Texts(language=language, subject=said[0], body=said[1])
    except InvalidInput as problem:
        named = problem.path != "language"
        raise problem.under(f"languages[{language}]" if named else "languages") from None


@frozen(kw_only=True)
class TemplateTerms:
    """What a template is: how it is sent, of what it may speak, and what it says.

    Args:
        channel: over which way it is sent: ``email``, ``sms``.
        html: whether the bodies are HTML; then what is filled in is escaped. Subjects never are.
    """

    channel: str = field(validator=code("a channel"))
    categories: tuple[Category, ...] = field(
        converter=as_categories, validator=sequence_of(Category, "a Category", least=1, most=len(Category))
    )
    texts: tuple[Texts, ...] = field(
        converter=as_tuple, validator=sequence_of(Texts, "texts", least=1, most=_MOST_LANGUAGES)
    )
    default_language: str = field(validator=a_language)
    html: bool = field(default=False, validator=instance(bool, "true or false"))

    def __attrs_post_init__(self) -> None:
        known = [each.language.casefold() for each in self.texts]
        if len(known) != len(set(known)):
            raise InvalidInput(path="languages", expected="each language once", got="one of them twice")
        if self.default_language.casefold() not in known:
            got = self.default_language
            raise InvalidInput(path="default_language", expected="one of the languages that there are", got=got)

    def of(self, wanted: str | None) -> Texts:
        """What it says in a language: in that one, else in the language without its region or script, else in the
        default language.
        """
        known = {each.language.casefold(): each for each in self.texts}
        tag = (wanted or "").casefold()
        while tag:
            if tag in known:
                return known[tag]
            tag = tag.rpartition("-")[0]
        return known[self.default_language.casefold()]


def terms_of(
    channel: str, categories: object, languages: object, default_language: str | None, html: bool
) -> TemplateTerms:
    """The terms of a template as a host says them; the default language may be left out where there is only one.

    Raises:
        InvalidInput: naming the field.
    """
    texts = texts_of(languages)
    if default_language is None and len(texts) > 1:
        raise InvalidInput(path="default_language", expected="one of the languages that there are", got="none")
    return TemplateTerms(
        channel=channel,
        categories=categories,
        texts=texts,
        default_language=texts[0].language if default_language is None else default_language,
        html=html,
    )


@frozen(kw_only=True)
class Template:
    """A template in its current version; those before it are kept. One that is not in use is not picked any more; what
    was to be sent by it still is.
    """

    code: str
    version: int = field(validator=whole(least=1))
    terms: TemplateTerms
    in_use: bool = True

    @property
    def channel(self) -> str:
        """Over which way it is sent."""
        return self.terms.channel

    @property
    def categories(self) -> tuple[Category, ...]:
        """Of what it may speak."""
        return self.terms.categories

    @property
    def languages(self) -> tuple[str, ...]:
        """In which languages it speaks."""
        return tuple(each.language for each in self.terms.texts)


@frozen(kw_only=True)
class TemplateKept:
    """A template was saved or retired: its version now, without its texts."""

    code: str
    version: int
    in_use: bool
