"""ENG-13: what may be saved as a template, in versions; what is refused is named, with its place."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("liquid", reason="memberlogic[messages] is not installed")

from tests.care.made import WEEK

from memberlogic.care.flows import FlowTerms, MessageContent, Milestone
from memberlogic.engagement import rendering
from memberlogic.engagement.placeholders import PLACEHOLDERS, names_of, samples
from memberlogic.engagement.rendering import Malformed, found_in, rendered
from memberlogic.engagement.templates import LONGEST_BODY, LONGEST_SUBJECT, Category, TemplateTerms, Texts
from memberlogic.engagement.writing import PlaceholderOfAnotherCategory, TemplateMalformed, UnknownPlaceholder
from memberlogic.errors import ExtraMissing, InvalidInput, MemberLogicError, NotFound, RuleViolation

pytestmark = pytest.mark.rule("ENG-13")

ALL = tuple(Category)
SLOW = 5
"""Seconds that nothing may take, on a machine that does much else; what is refused takes a hundredth of it."""


def save(world, body="Hello {{ member.first_name }}", subject="Welcome", *, code="welcome", **said):
    settings = {"channel": "email", "categories": [Category.MEMBER], "languages": {"en": (subject, body)}} | said
    return world.org.messages.save_template(code, **settings)


def refusal(world, body, **said):
    with pytest.raises(MemberLogicError) as caught:
        save(world, body, **said)
    return caught.value


def test_a_template_is_saved_in_versions_that_stay(world):
    """The same again changes nothing; another text is the next version."""
    assert (save(world).version, save(world).version) == (1, 1)
    assert save(world, "Hi {{ member.first_name }}").version == 2
    template = world.org.messages.template("welcome")
    assert (template.version, template.languages, template.channel) == (2, ("en",), "email")
    assert template.terms.texts[0].body == "Hi {{ member.first_name }}"
    assert world.org.messages.template("welcome", version=1).terms.texts[0].body == "Hello {{ member.first_name }}"
    with pytest.raises(NotFound):
        world.org.messages.template("welcome", version=3)
    told = [each.event for each in world.events() if each.event.type.startswith("template.")]
    assert [(each.template, each.template_version) for each in told] == [("welcome", 1), ("welcome", 2)]


def test_a_retired_template_is_not_listed_and_saving_it_takes_it_into_use_again(world):
    save(world)
    assert not world.org.messages.retire_template("welcome").in_use
    world.org.messages.retire_template("welcome")
    assert world.org.messages.templates() == ()
    assert [each.in_use for each in world.org.messages.templates(retired=True)] == [False]
    kept = save(world)
    assert (kept.version, kept.in_use) == (2, True)
    assert [each.code for each in world.org.messages.templates()] == ["welcome"]
    types = [each.event.type for each in world.events() if each.event.type.startswith("template.")]
    assert types == ["template.saved", "template.retired", "template.saved"]
    with pytest.raises(NotFound):
        world.org.messages.retire_template("farewell")


def test_templates_are_listed_by_category_and_channel(world):
    save(world, "Hi", code="b", categories=[Category.MEMBER, Category.MEMBER_CARE])
    save(world, "Hi", code="a", channel="sms", categories=["MEMBER_CARE"])
    save(world, "Hi", code="c", channel="sms")
    codes = lambda **said: [each.code for each in world.org.messages.templates(**said)]  # noqa: E731
    assert codes() == ["a", "b", "c"]
    assert codes(category=Category.MEMBER_CARE) == ["a", "b"]
    assert codes(category=Category.MEMBER_CARE, channel="sms") == ["a"]
    assert codes(category=Category.LOYALTY) == []


def test_a_placeholder_that_there_is_not_is_named_with_its_place(world):
    refused = refusal(world, "Hello,\n  {{ member.firstname }}")
    assert isinstance(refused, UnknownPlaceholder)
    said = dict(refused.details)
    assert said.pop("available") == list(names_of([Category.MEMBER]))
    assert said == {
        "part": "body", "language": "en", "placeholder": "member.firstname", "line": "2", "column": "6"
    }  # fmt: skip
    assert world.org.messages.templates(retired=True) == ()


@pytest.mark.parametrize(
    "body",
    [
        "{{ member }}",
        "{{ member.first_name.size }}",
        "{{ member.__class__ }}",
        "{{ member[member.first_name] }}",
        "{{ ['now'] }}",
        "{{ now }}",
        "{{ today | date: '%Y' }}",
        "{{ settings.SECRET_KEY }}",
        "{% if member.salary %}rich{% endif %}",
        "{% assign x = member.salary %}{{ x }}",
        "{% case member.salary %}{% when 1 %}{% endcase %}",
        "{{ 'a' | append: member.salary }}",
        "{% unless a.b %}{% endunless %}",
    ],
)
def test_nothing_but_placeholders_can_be_read(world, body):
    """No clock, no attribute of a value, no whole room, nothing that is worked out when it is rendered."""
    assert isinstance(refusal(world, body), UnknownPlaceholder)


def test_a_placeholder_of_another_category_is_refused(world):
    """In a subject too; with its category it may be used."""
    refused = refusal(world, "Hi", subject="You have {{ points.balance }}")
    assert isinstance(refused, PlaceholderOfAnotherCategory)
    assert (refused.details["part"], refused.details["category"]) == ("subject", "LOYALTY")
    assert refused.details["categories"] == ["MEMBER"]
    assert save(world, "Hi", "You have {{ points.balance }}", categories=[Category.LOYALTY]).version == 1


@given(
    used=st.lists(st.sampled_from(PLACEHOLDERS), min_size=1, max_size=4),
    categories=st.sets(st.sampled_from(Category), min_size=1),
)
def test_exactly_placeholders_of_its_categories_may_occur(used, categories):
    """Every placeholder belongs to one category."""
    from memberlogic.engagement import writing

    body = " ".join("{{ " + each.name + " }}" for each in used)
    terms = TemplateTerms(
        channel="sms", categories=categories, texts=[Texts(language="en", body=body)], default_language="en"
    )
    checked = writing.check(terms)
    assert checked.ok == all(each.category in categories for each in used)
    if checked.ok:
        assert set(checked.placeholders) == {each.name for each in used}


def test_everything_that_refuses_is_told_without_saving(world):
    """The first of each subject and body; and what it uses."""
    languages = {"en": ("{{ x }}", "{% if %}"), "de": (None, "{{ member.name }} {{ points.balance }}")}
    checked = world.org.messages.check_template(
        "welcome", channel="email", categories=[Category.MEMBER], languages=languages, default_language="en"
    )
    assert [type(each) for each in checked.refusals] == [
        PlaceholderOfAnotherCategory,
        UnknownPlaceholder,
        TemplateMalformed,
    ]
    assert not checked.ok
    well = world.org.messages.check_template(
        "welcome", channel="email", categories=["MEMBER"], languages={"en": (None, "{{ member.name }}")}
    )
    assert (well.ok, well.placeholders) == (True, ("member.name",))
    assert world.org.messages.templates(retired=True) == ()


HOSTILE = {
    "an endless loop": "{% for i in (1..1000000000) %}x{% endfor %}",
    "loops in loops": "{% for i in (1..100) %}" * 5 + "x" + "{% endfor %}" * 5,
    "a table": "{% tablerow i in (1..1000000000) %}x{% endtablerow %}",
    "a long range": "{% if (1..1000000000) contains 'x' %}x{% endif %}",
    "a range in a filter": "{{ (1..1000000000) | append: 'x' }}",
    "a range kept": "{% assign r = (1..1000000000) %}{% if r contains 'x' %}{% endif %}",
    "a range behind a trick": "{% raw %}{{ {% endraw %}{% if '}}' == (1..1000000000) %}{% endif %}",
    "a range in a branch": "{% if true %}{% elsif true %}{% case 1 %}{% when (1..9) %}{% endcase %}{% endif %}",
    "an include": "{% include 'secrets' %}",
    "a render": "{% render 'secrets' %}",
    "a liquid tag": "{% liquid\nfor i in (1..9)\necho i\nendfor %}",
    "a counter": "{% increment i %}",
    "an unknown tag": "{% python print(1) %}",
    "an unknown filter": "{{ member.first_name | system: 'ls' }}",
    "an unknown filter that is never reached": "{% if false %}{{ member.first_name | system }}{% endif %}",
    "a filter with too little": "{{ member.first_name | append }}",
    "replacing what grows": "{{ member.first_name | replace: '', 'xxxx' }}",
    "a text that doubles": "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 60,
    "a text that doubles in a block": "{% assign a = 'xxxxxxxxxx' %}"
    + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 60,
    "a long output": "{% assign a = '" + "x" * 15_000 + "' %}" + "{{ a }}" * 50,
    "deep blocks": "{% if true %}" * 500 + "{% endif %}" * 500,
    "deep paths": "{{ " + "a[" * 3000 + "a" + "]" * 3000 + " }}",
    "deep groups": "{{ " + "(" * 3000 + "1..2" + ")" * 3000 + " }}",
    "a long condition": "{% if a " + "and a " * 3000 + "%}{% endif %}",
    "a tag that never closes": "{% if true %}",
    "many that never close": "{{ " * 6000,
    "many tags that never close": "{% " * 6000,
    "many comments": "{% comment %}" * 1500,
    "many raws": "{% raw %}" * 2000,
    "blanks inside": "{{" + " " * 19_900 + "}}",
    "blanks": "x" + " " * 19_900,
    "a long number": "{{ " + "9" * 19_000 + " | plus: 1 }}",
    "nothing": "{{ }}",
    "a lone end": "{% endif %}",
    "a break": "{% break %}",
}


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_could_run_for_ever_or_read_something_else_is_refused(body):
    """Typed, at once, in one line that a log can take."""
    from memberlogic.testing import World
    from memberlogic_memory import MemoryStorage

    world, begun = World(MemoryStorage()), time.monotonic()
    refused = refusal(world, body)
    assert time.monotonic() - begun < SLOW
    assert isinstance(refused, TemplateMalformed | UnknownPlaceholder)
    assert len(refused.message) < 500
    assert refused.message.isprintable()


def test_the_costliest_templates_that_may_be_saved_are_rendered_at_once():
    """As nothing in them is done twice."""
    for body in (
        "{{ 'x' " + "| upcase " * 2_000 + "}}",
        "{{ member.first_name | append: member.first_name }}" * 380,
        "{% if member.first_name %}x{% endif %}" * 500,
        "{% capture a %}" + "{{ member.first_name }}" * 300 + "{% endcapture %}{{ a }}",
    ):
        begun = time.monotonic()
        found_in(body)
        rendered(body, {"member.first_name": "x" * 100})
        assert time.monotonic() - begun < SLOW


@given(body=st.text(st.sampled_from("{}%|.:'\"()[]-# \nabifendcasewhn0129") | st.characters(), max_size=200))
def test_whatever_is_written_is_read_or_refused(body):
    """Never an error of another kind; what is accepted can be rendered."""
    try:
        found = found_in(body)
    except Malformed:
        return
    values = {each.name: "x" for each in found if "." in each.name}
    with suppress(Malformed):
        assert isinstance(rendered(body, values), str)


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"languages": {}}, "languages"),
        ({"languages": {"english": (None, "Hi")}}, "languages.language"),
        ({"languages": {"en": "Hi"}}, "languages"),
        ({"languages": {"en": (None, "")}}, "languages[en].body"),
        ({"languages": {"en": (None, "x" * (LONGEST_BODY + 1))}}, "languages[en].body"),
        ({"languages": {"en": (None, "x" * 1_000_000)}}, "languages[en].body"),
        ({"languages": {"en": (None, "a\x00b")}}, "languages[en].body"),
        ({"languages": {"en": (None, "a\ud800b")}}, "languages[en].body"),
        ({"languages": {"en": ("two\nlines", "Hi")}}, "languages[en].subject"),
        ({"languages": {"en": ("x" * (LONGEST_SUBJECT + 1), "Hi")}}, "languages[en].subject"),
        ({"languages": {"en-gb": (None, "Hi"), "en-GB": (None, "Hi")}, "default_language": "en-GB"}, "languages"),
        ({"languages": {"en": (None, "Hi"), "de": (None, "Hallo")}}, "default_language"),
        ({"default_language": "fr"}, "default_language"),
        ({"categories": []}, "categories"),
        ({"categories": ["NOTHING"]}, "categories[0]"),
        ({"categories": "MEMBER"}, "categories"),
        ({"channel": "E-Mail!"}, "channel"),
        ({"html": 1}, "html"),
        ({"code": "No code"}, "code"),
    ],
)
def test_a_form_that_is_wrong_is_refused_by_its_field(world, said, path):
    refused = refusal(world, "Hi", **said)
    assert isinstance(refused, InvalidInput)
    assert refused.path == path
    assert len(refused.message) < 500


def test_without_the_extra_it_is_named(world, monkeypatch):
    """What needs no rendering still works."""
    save(world)
    rendering._environment.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "liquid", None)
    for call in (
        lambda: save(world, "Hi"),
        lambda: world.org.messages.preview_template("welcome"),
        lambda: world.org.messages.render("welcome", world.member()),
    ):
        with pytest.raises(ExtraMissing) as caught:
            call()
        assert "memberlogic[messages]" in caught.value.message
    assert [each.code for each in world.org.messages.templates()] == ["welcome"]
    assert not world.org.messages.retire_template("welcome").in_use
    rendering._environment.cache_clear()


@pytest.mark.rule("COM-9", "COM-10")
def test_events_and_stored_answers_carry_no_texts(world):
    """By key it is saved once."""
    first = save(world, idempotency_key="K1")
    assert save(world, idempotency_key="K1") == first
    assert "Hello" not in repr([each.event for each in world.events()])
    assert not hasattr(first, "terms")


def test_every_placeholder_has_a_sample_and_a_template_of_all_can_be_saved(world):
    body = "\n".join("{{ " + each.name + " }}" for each in PLACEHOLDERS)
    save(world, body, categories=ALL)
    preview = world.org.messages.preview_template("welcome")
    assert preview.body.splitlines() == [str(each) for each in samples(ALL).values()]
    assert preview.missing == ()


@pytest.mark.rule("CARE-5")
def test_flows_of_member_care_send_the_templates_that_are_kept_here(world):
    """In use, of their category, over their channel; a retired one cannot be picked any more."""
    save(world, "Hi", code="hello", categories=[Category.MEMBER_CARE])
    save(world, "Hi", code="bill", categories=[Category.CONTRACT])
    save(world, "Hi", code="gone", categories=[Category.MEMBER_CARE], channel="sms")
    world.org.messages.retire_template("gone")
    assert [each.code for each in world.org.care.available_templates()] == ["hello"]
    step = lambda template, channel: Milestone(  # noqa: E731
        name="Say hello", schedule=WEEK, message=MessageContent(template=template, channel=channel)
    )
    assert world.org.care.save_flow(FlowTerms(name="Welcome", milestones=[step("hello", "email")])).new_version
    for template, channel in (("hello", "sms"), ("bill", "email"), ("gone", "sms"), ("nothing", "email")):
        with pytest.raises(RuleViolation):
            world.org.care.save_flow(FlowTerms(name="Another", milestones=[step(template, channel)]))
