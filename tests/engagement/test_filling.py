"""ENG-13: what a message says to a member when it is sent, in their language."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("liquid", reason="memberlogic[messages] is not installed")

from memberlogic import Feature, QuietHours
from memberlogic.actors import Actor
from memberlogic.calendar import Term, local_day
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import After, DelayUnit, FlowTerms, MessageContent, Milestone
from memberlogic.engagement.filling import TemplateFails
from memberlogic.engagement.rendering import rendered
from memberlogic.engagement.templates import Category, TemplateTerms, Texts
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import MemberId, new_id
from memberlogic.notifying import Message
from memberlogic.relaying import RelayRun
from memberlogic.storing import Command
from memberlogic.testing import RecordingNotifier, World

pytestmark = pytest.mark.rule("ENG-13")

GREETING = {
    "en": ("Welcome, {{ member.first_name }}", "Hello {{ member.salutation }} {{ member.last_name }}"),
    "de": ("Willkommen", "Hallo {{ member.first_name }}"),
    "pt-BR": (None, "Oi {{ member.first_name }}"),
}


def save(world, languages=None, *, code="welcome", **said):
    settings = {
        "channel": "email",
        "categories": [Category.MEMBER],
        "languages": languages or GREETING,
        "default_language": "en",
    }
    return world.org.messages.save_template(code, **(settings | said))


def ana(world, **said):
    known = {"given_name": "Ana", "family_name": "Sample", "email": f"{new_id()}@example.org"}
    return world.org.members.register(member_type="customer", **(known | said)).id


def test_a_member_is_spoken_to_by_what_is_known_of_them(world):
    """And what is not known is empty, and named."""
    save(world)
    said = world.org.messages.render("welcome", ana(world))
    assert (said.subject, said.body, said.language) == ("Welcome, Ana", "Hello  Sample", "en")
    assert (said.missing, said.version, said.channel) == (("member.salutation",), 1, "email")
    said = world.org.messages.render("welcome", ana(world, salutation="Ms"))
    assert (said.body, said.missing) == ("Hello Ms Sample", ())


@pytest.mark.parametrize(
    ("theirs", "wanted", "spoken"),
    [
        ("de", None, "de"),
        ("de-AT", None, "de"),
        ("pt-BR", None, "pt-BR"),
        ("pt", None, "en"),
        ("fr", None, "en"),
        (None, None, "en"),
        ("de", "en-GB", "en"),
        ("en", "de", "de"),
        ("de", "fr", "en"),
        ("zh-Hant-TW", None, "en"),
    ],
)
def test_the_language_falls_back(world, theirs, wanted, spoken):
    """The member's, else without its region, else the default; one that is asked for comes before theirs."""
    save(world)
    assert world.org.messages.render("welcome", ana(world, language=theirs), language=wanted).language == spoken


@given(tag=st.from_regex(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", fullmatch=True))
def test_some_language_is_always_spoken(tag):
    """Never one that begins otherwise, but the default."""
    texts = [Texts(language=each, body="Hi") for each in ("en", "de", "de-CH", "zh-Hant")]
    terms = TemplateTerms(channel="sms", categories=[Category.MEMBER], texts=texts, default_language="en")
    spoken = terms.of(tag).language
    assert spoken == "en" or f"{tag}-".casefold().startswith(f"{spoken}-".casefold())


def test_what_is_handed_over_comes_first(world):
    """Member Care hands over what its run is about."""
    languages = {"en": (None, "{{ care.flow }}: {{ care.milestone }}, {{ member.first_name }}")}
    save(world, languages, categories=[Category.MEMBER, Category.MEMBER_CARE])
    member = ana(world)
    values = {"care.flow": "Start {{ member.last_name }}", "care.milestone": "First call", "member.first_name": "you"}
    said = world.org.messages.render("welcome", member, values=values)
    assert said.body == "Start {{ member.last_name }}: First call, you"
    assert world.org.messages.render("welcome", member).missing == ("care.flow", "care.milestone")


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    "values",
    [{"care.flows": "x"}, {1: "x"}, {"care.flow": "x" * 1001}, {"care.flow": 1.5}, {"care.flow": "a\nb"}, [("a", 1)]],
)
def test_values_that_nobody_could_mean_are_refused(world, values):
    save(world)
    with pytest.raises(InvalidInput) as caught:
        world.org.messages.render("welcome", world.member(), values=values)
    assert caught.value.path.startswith("values")


def test_what_contracts_say_of_a_member(world):
    """The one that is alive, by the name of its rate."""
    names = ("rate", "status", "start_on", "term_ends_on", "last_day", "studio")
    body = "|".join("{{ contract." + name + " }}" for name in names)
    save(world, {"en": (None, body)}, categories=[Category.CONTRACT])
    member = ana(world)
    assert world.org.messages.render("welcome", member).missing == tuple(f"contract.{name}" for name in names)
    rate = world.rate(name="Gold year", term=Term.of_months(12))
    world.contract(member=member, rate=rate, start_on=date(2026, 2, 1))
    said = world.org.messages.render("welcome", member)
    assert said.body == "Gold year|pending|2026-02-01|2027-01-31|2027-01-31|North"
    assert said.missing == ()


def test_what_loyalty_says_of_a_member(world):
    """Of the account that was opened first, with its points of now."""
    body = "{{ points.balance }}|{{ points.pending }}|{{ scheme.code }}"
    save(world, {"en": (None, body)}, categories=[Category.LOYALTY])
    member = ana(world)
    assert len(world.org.messages.render("welcome", member).missing) == 3
    world.account(member=member, credits=[70, 30])
    scheme = world.club.schemes[0].code
    assert world.org.messages.render("welcome", member).body == f"100|0|{scheme}"
    without = World(world.storage, organization={"features": set(Feature)})
    world.ml.change_tier(world.organization.id, world.organization.tier, features=())
    said = world.acting_as(Actor.system()).messages.render("welcome", member)
    assert said.missing == ("points.balance", "points.pending", "scheme.code")
    assert without.organization.features


def test_days_are_written_as_a_template_says(world):
    body = "{{ contract.start_on | date: '%d.%m.%Y' }} {{ contract.rate | date: '%d.%m.%Y' }}"
    save(world, {"en": (None, body)}, categories=[Category.CONTRACT])
    assert world.org.messages.preview_template("welcome").body == "01.01.2026 Year"


def test_html_is_escaped_in_bodies_and_subjects_are_one_line(world):
    """However it is brought there."""
    body = (
        "<p>{{ member.first_name }}</p>{% assign x = '<i>' | append: member.first_name %}{{ x }}"
        "{% capture y %}{{ member.first_name | upcase }}{% endcapture %}{{ y }}"
    )
    subject = "{% if true %}{{ member.first_name }}{% endif %}"
    save(world, {"en": (subject, body)}, html=True)
    said = world.org.messages.render("welcome", ana(world, given_name="<b>&Co"))
    assert said.subject == "<b>&Co"
    assert "<b>" not in said.body
    assert said.body.startswith("<p>&lt;b&gt;&amp;Co</p>")
    assert said.html


@given(
    value=st.text(max_size=30),
    around=st.sampled_from(
        [
            "{{ member.name }}",
            "{{ member.name | append: member.name }}",
            "{{ member.name | prepend: '<' }}",
            "{% assign a = member.name %}{{ a }}",
            "{% capture a %}{{ member.name }}{% endcapture %}{{ a }}",
            "{{ member.name | default: '<' | truncate: 9 }}",
            "{{ member.name | date: member.name }}",
            "{% echo member.name | strip %}",
        ]
    ),
)
def test_no_value_brings_a_tag_into_html(value, around):
    """Only what the template itself wrote is HTML."""
    said = rendered(around, {"member.name": value}, html=True)
    assert said.replace("<", "", "prepend: '<'" in around or "default: '<'" in around).count("<") == 0


def test_the_permissions_for_what_is_told_are_needed(world):
    """Of staff and of members; a sample tells nothing of anybody."""
    save(world, {"en": (None, "{{ points.balance }}")}, categories=[Category.MEMBER, Category.LOYALTY])
    member, other = ana(world), ana(world)
    clerk = world.staff("settings.templates:read", "members.messages:read")
    for call in (
        lambda: clerk.messages.render("welcome", member),
        lambda: clerk.messages.preview_template("welcome", member=member),
    ):
        with pytest.raises(PermissionDenied) as caught:
            call()
        assert caught.value.details["permission"].startswith("members.")
    assert clerk.messages.preview_template("welcome").body == "1200"
    may = world.staff("members.messages:read", "members.accounts:read", "members.points:read")
    assert may.messages.render("welcome", member).missing == ("points.balance",)
    own = world.acting_as(Actor.member(member))
    assert own.messages.render("welcome", member).missing == ("points.balance",)
    for foreign in (other, MemberId(new_id())):
        with pytest.raises(NotFound):
            own.messages.render("welcome", foreign)
    with pytest.raises(NotFound):
        world.org.messages.render("farewell", member)


def test_a_preview_may_be_of_a_member(world):
    save(world)
    member = ana(world, language="de")
    assert world.org.messages.preview_template("welcome", member=member).body == "Hallo Ana"
    assert world.org.messages.preview_template("welcome", language="de").body == "Hallo Ana"
    assert world.org.messages.preview_template("welcome", values={"member.first_name": "you"}).subject == "Welcome, you"
    with pytest.raises(NotFound):
        world.org.messages.preview_template("welcome", member=MemberId(new_id()))


def test_what_becomes_too_long_is_refused(world):
    """By the template's code, never with what it would have said."""
    save(world, {"en": (None, "{{ member.first_name }}" * 800)})
    with pytest.raises(TemplateFails) as caught:
        world.org.messages.render("welcome", world.member(), values={"member.first_name": "ß" * 999})
    assert caught.value.details["template"] == "welcome"
    assert "ß" not in caught.value.message


def _queue(world, member, figures, **said):
    message = Message(
        id=new_id(), kind="test.templated", member=member, figures=figures, not_before=world.clock.now(), **said
    )
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.put((), [message])
        uow.finish(None)
    return message


@pytest.mark.rule("COM-17")
def test_a_queued_message_says_what_is_true_when_it_is_sent(world):
    """By the template as it is then, in the language as it is then; what is stored says nothing."""
    save(world)
    member = ana(world)
    queued = _queue(world, member, {"template": "welcome", "values": {"member.salutation": "Dr"}})
    save(world, {"en": ("Hello", "{{ member.salutation }} {{ member.last_name }}")})
    world.org.messages.retire_template("welcome")
    world.org.members.update(member, family_name="Other")
    notifier = RecordingNotifier()
    assert world.ml.relay(notifier) == RelayRun(sent=1)
    (sent,) = notifier.sent
    assert (sent.id, sent.channel) == (queued.id, "email")
    assert sent.figures["subject"] == "Hello"
    assert sent.figures["body"] == "Dr Other"
    assert (sent.figures["language"], sent.figures["html"]) == ("en", False)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        (posted,) = uow.messages.of(member)
    assert posted.message.figures == queued.figures


@pytest.mark.rule("COM-17")
def test_a_template_of_the_hosts_is_left_to_the_host(world):
    """Nothing is added; what cannot be rendered is tried again, and set aside by its class at last."""
    member = ana(world)
    for code in ("theirs", "Their Template #5"):
        queued = _queue(world, member, {"template": code, "values": {"x": 1}})
        notifier = RecordingNotifier()
        assert world.ml.relay(notifier) == RelayRun(sent=1)
        assert notifier.sent[0].figures == queued.figures
    save(world)
    _queue(world, member, {"template": "welcome", "values": {"nothing.known": "x"}})
    assert world.ml.relay(notifier, attempts=1) == RelayRun(set_aside=1)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        assert uow.messages.of(member)[-1].reason == "InvalidInput"


@pytest.mark.rule("CARE-14")
def test_a_message_of_member_care_says_what_its_run_is_about(world):
    """By a template that is kept here, in the night not before it ends, in the words of when it is sent."""
    languages = {"en": ("{{ care.flow }}", "Hello {{ member.first_name }}: {{ care.milestone }}")}
    save(world, languages, code="hello", categories=[Category.MEMBER, Category.MEMBER_CARE])
    studio = world.studio()
    hello = Milestone(
        name="First days",
        schedule=After(length=3, unit=DelayUnit.DAYS),
        message=MessageContent(template="hello", channel="email"),
    )
    flow = world.org.care.save_flow(FlowTerms(name="Welcome", purpose="care", milestones=[hello])).flow.id
    configuration = world.org.care.create_configuration(ConfigurationTerms(name="North", default_flow=flow)).id
    world.org.care.activate(configuration, studio=studio)
    member = ana(world)
    world.org.members.verify(member)
    world.org.members.give_consent(member, purpose="care", channel="email", source="desk", wording="1")
    world.contract(member=member, start_on=local_day(world.clock.now(), world.organization.zone))
    world.org.settings.change(quiet_hours=QuietHours(time(22), time(6)))
    notifier = RecordingNotifier()
    world.wait(days=3, hours=11)
    world.ml.run_jobs()
    world.ml.relay(notifier)
    assert member not in {each.member for each in notifier.sent}
    world.org.members.update(member, given_name="Anna")
    world.wait(hours=8)
    world.ml.relay(notifier)
    (sent,) = (each for each in notifier.sent if each.member == member)
    assert (sent.figures["subject"], sent.figures["body"]) == ("Welcome", "Hello Anna: First days")
