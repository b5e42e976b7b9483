"""A club with Member Care at its studio north: a flow of a call after three days and a mail four days later."""

from attrs import evolve

from memberlogic.calendar import local_day
from memberlogic.care.catalogues import CATEGORY, Catalogues, TemplateEntry
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, MessageContent, Milestone
from memberlogic.contracts.rates import FreezePolicy

CALL = Action(kind=ActionKind.PHONE_CALL)
MAIL = MessageContent(template="hello", channel="email")


class Templates:
    """One template of the host's."""

    def known(self, _, codes):
        entry = TemplateEntry(code="hello", channels=frozenset({"email"}), categories=frozenset({CATEGORY}))
        return {"hello": entry} if "hello" in codes else {}

    def all(self, uow):
        return list(self.known(uow, ["hello"]).values())


def days(length):
    return After(length=length, unit=DelayUnit.DAYS)


def call(schedule, **more):
    return Milestone(name="Call", schedule=schedule, action=CALL, **more)


def mail(schedule):
    return Milestone(name="Mail", schedule=schedule, message=MAIL)


class Club:
    """What the tests of care do in a world."""

    def __init__(self, world):
        self.world = world
        world.ml.catalogues = Catalogues(templates=Templates())
        world.org = world.acting_as(world.org.actor)
        world.studio()
        self.flow = self.care.save_flow(FlowTerms(name="Welcome", milestones=[call(days(3)), mail(days(4))])).flow.id
        self.configuration = self.care.create_configuration(ConfigurationTerms(name="North", manual=[self.flow])).id
        self.care.activate(self.configuration, studio="north")

    @property
    def care(self):
        return self.world.org.care

    def again(self):
        """A handle that was opened now."""
        self.world.org = self.world.acting_as(self.world.org.actor)
        return self.world.org

    def today(self):
        return local_day(self.world.clock.now(), self.world.organization.zone)

    def terms(self):
        return self.care.configuration(self.configuration).terms

    def change(self, terms):
        self.care.change_configuration(self.configuration, terms)

    def configure(self, *, rates=None, **said):
        pairs = [RateFlow(rate, flow) for rate, flow in (rates or {}).items()]
        self.change(evolve(self.terms(), rate_flows=pairs, **said))

    def another_flow(self, name, *milestones, manual=True, **said):
        """One more flow, on the manual list where nothing else is said."""
        steps = milestones or (call(days(3)), mail(days(4)))
        flow = self.care.save_flow(FlowTerms(name=name, milestones=steps, **said)).flow.id
        if manual:
            self.change(evolve(self.terms(), manual=[*self.terms().manual, flow]))
        return flow

    def messages_only(self, name, *, days: int):
        return self.another_flow(name, mail(globals()["days"](days)))

    def member(self):
        """A member by a contract that begins today."""
        member = self.world.member()
        self.join(member)
        return member

    def join(self, member, **said):
        return self.world.contract(member=member, studio="north", **said)

    def freezable(self):
        return self.world.rate(freezes=FreezePolicy(allowed=True))

    def assign(self, member, flow=None, **said):
        return self.care.assign(member, flow or self.flow, studio="north", **said)

    def posted(self, member):
        """Every message that was queued for a member."""
        with self.world.storage.reading(self.world.organization.id, self.world.clock) as uow:
            return uow.messages.of(member)

    def active(self, member):
        return self.care.active(member).run

    def events(self, type):
        return [each.event for each in self.world.events() if each.event.type == type]
