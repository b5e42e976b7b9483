"""What a store promises of templates of messages (ENG-13)."""

from __future__ import annotations

import threading

import pytest
from attrs import evolve

from memberlogic.certification.base import Certification
from memberlogic.engagement.templates import Category, Template, TemplateTerms, Texts
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.storing import Capability, Command
from memberlogic.testing.worlds import World

__all__ = ["MessageTemplatesPromises"]


def terms(body: str = "Hello {{ member.first_name }}, ¿qué tal? 🎉") -> TemplateTerms:
    """What a template says, in two languages."""
    return TemplateTerms(
        channel="email",
        categories=[Category.MEMBER, Category.LOYALTY],
        texts=[
            Texts(language="de-AT", subject=None, body="Grüß Gott\n\t{{ member.last_name }}"),
            Texts(language="en", subject="Welcome", body=body),
        ],
        default_language="en",
        html=True,
    )


def keep(world: World, template: Template) -> None:
    """Keep a template in a command of its own."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.message_templates.locked(template.code)
        uow.message_templates.keep(template)
        uow.finish(None)


def kept(world: World, code: str, version: int | None = None) -> Template:
    """What is stored of a template."""
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return uow.message_templates.get(code, version)


class MessageTemplatesPromises(Certification):
    """The port ``MessageTemplates``."""

    def test_a_template_is_kept_as_it_was_written(self, world: World) -> None:
        """With every letter of its texts, the longest too."""
        template = Template(code="welcome", version=1, terms=terms("x" * 19_999 + "ß"))
        keep(world, template)
        assert kept(world, "welcome") == template

    def test_versions_before_stay(self, world: World) -> None:
        """The current one is answered unless another is asked for; whether it is in use is said of all."""
        first = Template(code="welcome", version=1, terms=terms())
        second = Template(code="welcome", version=2, terms=terms("Hi"))
        for each in (first, second):
            keep(world, each)
        assert kept(world, "welcome") == second
        assert (kept(world, "welcome", 1), kept(world, "welcome", 2)) == (first, second)
        keep(world, evolve(second, in_use=False))
        assert kept(world, "welcome") == evolve(second, in_use=False)
        assert kept(world, "welcome", 1) == evolve(first, in_use=False)
        keep(world, evolve(second, in_use=True))
        assert kept(world, "welcome").in_use

    def test_they_are_listed_by_code_each_once(self, world: World) -> None:
        """In their current version, retired ones too."""
        for code in ("b", "a", "a.b", "a-b"):
            keep(world, Template(code=code, version=1, terms=terms()))
        keep(world, Template(code="b", version=2, terms=terms("Hi"), in_use=False))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            listed = uow.message_templates.all()
        assert [(each.code, each.version, each.in_use) for each in listed] == [
            ("a", 1, True),
            ("a-b", 1, True),
            ("a.b", 1, True),
            ("b", 2, False),
        ]

    def test_what_is_not_there_is_not_found(self, world: World) -> None:
        """Nor is a version that was never written, or a template of another organization."""
        other = World(world.storage)
        keep(other, Template(code="welcome", version=1, terms=terms()))
        with pytest.raises(NotFound):
            kept(world, "welcome")
        with pytest.raises(NotFound):
            kept(other, "welcome", 2)
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            assert uow.message_templates.locked("welcome") is None
            assert list(uow.message_templates.all()) == []
            uow.finish(None)

    def test_two_who_write_one_template_at_once_do_not_both_win(self, world: World) -> None:
        """Whoever comes second sees what the first wrote, or is told to try again."""
        if Capability.CONCURRENT not in world.storage.capabilities:
            pytest.skip("one writer at a time")
        together = threading.Barrier(2)
        versions: list[int] = []

        def write(body: str) -> None:
            together.wait()
            for _ in range(50):
                try:
                    command = Command(organization=world.organization.id, name="test", actor="system")
                    with world.storage.work(command, world.clock) as uow:
                        before = uow.message_templates.locked("welcome")
                        version = 1 if before is None else before.version + 1
                        uow.message_templates.keep(Template(code="welcome", version=version, terms=terms(body)))
                        uow.finish(None)
                except ConcurrencyConflict:
                    world.storage.pause(0.01)
                else:
                    versions.append(version)
                    return

        threads = [threading.Thread(target=write, args=(body,)) for body in ("One", "Two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(versions) == [1, 2]
        assert kept(world, "welcome").version == 2
