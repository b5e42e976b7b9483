"""MEM-17: where a flow runs for two records of one person, the survivor's goes on."""

import pytest
from tests.care.club import Club

from memberlogic.care.model import RunState
from memberlogic.testing import World
from memberlogic_sqlalchemy import recount

pytestmark = pytest.mark.rule("MEM-17")


@pytest.fixture
def club(storage):
    return Club(World(storage))


@pytest.fixture
def clean(databases, store, club):
    """That everything that is stored is what is counted."""

    def check():
        if store != "memory":
            found = recount(databases.engine(store), organization=club.world.organization.id)
            assert found == [], [each.text() for each in found]

    return check


def merge(club, survivor, duplicate):
    preview = club.world.org.members.preview_merge(survivor=survivor, duplicate=duplicate)
    merged = club.world.org.members.merge(survivor=survivor, duplicate=duplicate)
    assert (preview.moves, preview.ends) == (merged.moves, merged.ends)
    return {each.name: each.count for each in merged.moves}, {each.name: each.count for each in merged.ends}


def test_both_with_a_running_flow_the_survivors_stays(club, clean):
    ana, ben = club.member(), club.member()
    first, other = club.assign(ana), club.assign(ben)
    moves, ends = merge(club, ana, ben)
    assert (moves["care_runs"], ends) == (1, {"care_runs": 1})
    assert club.active(ben).id == club.active(ana).id == first.run
    gone = club.care.run(other.run)
    assert (gone.member, gone.state, gone.end_reason, gone.superseded_by) == (
        ana,
        RunState.CANCELLED,
        "merged",
        first.run,
    )
    assert [(each.run, each.reason) for each in club.events("care.run_cancelled")] == [(other.run, "merged")]
    assert {each.id for each in club.care.runs(ben)} == {first.run, other.run}
    clean()
    club.world.wait(days=4)
    club.world.ml.run_jobs()
    assert club.active(ana).milestones[0].state.value == "active"
    clean()


def test_the_duplicates_goes_on_where_the_survivor_has_none(club, clean):
    ana, ben = club.member(), club.member()
    run = club.assign(ben).run
    _, ends = merge(club, ana, ben)
    assert ends == {}
    assert (club.active(ana).id, club.active(ana).member) == (run, ana)
    assert club.events("care.run_cancelled") == []
    clean()
    club.world.wait(days=4)
    club.world.ml.run_jobs()
    assert [each.members for each in club.events("care.milestone_reached")] == [(ana,)]
    second = club.assign(ben, club.another_flow("Other"))
    assert second.superseded == run
    clean()


def test_a_run_that_is_over_does_not_stand_in_the_way(club, clean):
    ana, ben = club.member(), club.member()
    over = club.assign(ana, club.messages_only("Short", days=3)).run
    run = club.assign(ben).run
    club.world.wait(days=4)
    _, ends = merge(club, ana, ben)
    assert ends == {}
    assert club.active(ana).id == run
    assert club.care.run(over).state is RunState.COMPLETED
    clean()


def test_time_stands_still_by_the_contracts_of_both(club, clean):
    ana, ben = club.world.member(), club.member()
    run = club.assign(ana).run
    assert club.active(ana).state is RunState.PAUSED
    merge(club, ana, ben)
    assert (club.active(ana).id, club.active(ana).state) == (run, RunState.RUNNING)
    clean()


def test_a_chain_leaves_one(club, clean):
    people = [club.member() for _ in range(3)]
    runs = [club.assign(each).run for each in people]
    merge(club, people[1], people[0])
    merge(club, people[2], people[1])
    assert {club.active(each).id for each in people} == {runs[2]}
    assert len(club.care.runs(people[0])) == 3
    clean()
