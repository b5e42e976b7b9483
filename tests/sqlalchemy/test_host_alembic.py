"""A host with an Alembic of its own, as its developers drive it: on the command line (COM-15)."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import pytest
from alembic.config import main
from alembic.util import CommandError
from sqlalchemy.exc import IntegrityError

from memberlogic.ids import new_id
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, check, migrate, named, recount, tables, upgrade
from sqlalchemy import inspect, text

INI = """
[alembic]
script_location = %(here)s/migrations
{more}
"""

ENV = """
from alembic import context
from memberlogic_sqlalchemy import include_name, include_object
from sqlalchemy import NullPool, create_engine

from models import Base

engine = create_engine({url!r}, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name({said}),
        include_object=include_object({said}),
    )
    with context.begin_transaction():
        context.run_migrations()
"""

MAKO = '''
"""${message}"""
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

MODELS = """
from memberlogic_sqlalchemy import build_metadata
from sqlalchemy import Column, ForeignKeyConstraint, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


build_metadata({comma}metadata=Base.metadata)


class Locker(Base):
    __tablename__ = "lockers"
    number: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(40))
    organization_id = Column(nullable=False)
    member_id = Column(nullable=False)
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["{members}.organization_id", "{members}.id"],
            name="fk_lockers_member",
        ),
    )
"""

PLACES = {
    "sqlite": ("sqlite", {}),
    "postgresql": ("postgresql", {}),
    "mariadb": ("mariadb", {}),
    "postgresql-schema": ("postgresql", {"schema": "loyalty", "prefix": "club_"}),
}


class Host:
    """A project in a folder: alembic.ini, migrations/env.py, models.py."""

    def __init__(self, folder, engine, *, said, env=ENV, models=MODELS, more=""):
        self.folder, self.engine = folder, engine
        schema = f"{said['schema']}." if "schema" in said else ""
        arguments = ", ".join(f"{name}={value!r}" for name, value in said.items())
        named = {
            "url": engine.url.render_as_string(hide_password=False),
            "said": arguments,
            "comma": f"{arguments}, " if arguments else "",
            "members": f"{schema}{said.get('prefix', 'ml_')}members",
            "schemas": "schema" in said,
        }
        (folder / "migrations" / "versions").mkdir(parents=True)
        (folder / "alembic.ini").write_text(INI.format(more=more))
        (folder / "migrations" / "env.py").write_text(env.format(**named))
        (folder / "migrations" / "script.py.mako").write_text(MAKO)
        (folder / "models.py").write_text(models.format(**named))

    def alembic(self, *said):
        """The command line; what it says went wrong is raised, and differences that ``check`` finds."""
        main(["-c", str(self.folder / "alembic.ini"), "--raiseerr", *said])

    def revision(self, message, *said):
        """What ``alembic revision --autogenerate`` wrote."""
        self.alembic("revision", "--autogenerate", "-m", message, *said)
        (made,) = (self.folder / "migrations" / "versions").glob(f"*_{message}.py")
        return made.read_text()

    def tables(self):
        return set(inspect(self.engine).get_table_names())


@pytest.fixture(params=PLACES)
def place(request, databases):
    store, said = PLACES[request.param]
    with databases.empty(store, "host") as engine:
        if "schema" in said:
            with engine.begin() as connection:
                connection.execute(text(f"CREATE SCHEMA {said['schema']}"))
        yield named(engine, **said), said


@pytest.fixture
def make_host(tmp_path, monkeypatch, place):
    """Make the project; its ``models`` are imported anew."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "models", raising=False)
    engine, said = place
    yield lambda **more: Host(tmp_path, engine, said=said, **more)
    sys.modules.pop("models", None)


def locker(engine, number, organization, member):
    """Insert a row of the host's that leads to a member of ours."""
    plain = engine.dialect.name != "postgresql"
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        row = {"number": number, "organization": organization, "member": member}
        row = {name: value.hex if plain and isinstance(value, UUID) else value for name, value in row.items()}
        connection.execute(text("INSERT INTO lockers VALUES (:number, 'blue', :organization, :member)"), row)


def test_a_history_of_its_own_beside_ours(make_host, place):
    """Our own version table: the host's autogenerate neither drops nor makes our tables, and its keys lead to them."""
    engine, _ = place
    host = make_host()
    upgrade(engine)
    ours = host.tables()
    made = host.revision("lockers")
    assert made.count("op.create_table(") == made.count("op.drop_table(") == 1
    assert "op.create_table('lockers'" in made
    assert "members.organization_id'" in made
    host.alembic("upgrade", "head")
    assert host.tables() == ours | {"lockers", "alembic_version"}
    host.alembic("check")
    world = World(SqlAlchemyStorage(engine))
    locker(engine, 1, world.organization.id, world.member())
    with pytest.raises(IntegrityError):
        locker(engine, 2, world.organization.id, new_id())
    assert upgrade(engine) == migrate.head()
    check(engine)
    host.alembic("downgrade", "base")
    assert host.tables() == ours | {"alembic_version"}
    check(engine)
    assert recount(engine) == []


UNFILTERED = """
from alembic import context
from sqlalchemy import NullPool, create_engine

from models import Base

engine = create_engine({url!r}, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, include_schemas={schemas})
    with context.begin_transaction():
        context.run_migrations()
"""

NO_FOREIGN_KEYS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Locker(Base):
    __tablename__ = "lockers"
    number: Mapped[int] = mapped_column(primary_key=True)
"""


def test_the_trap_without_the_filters_our_tables_would_be_dropped(make_host, place):
    engine, _ = place
    host = make_host(env=UNFILTERED, models=NO_FOREIGN_KEYS)
    upgrade(engine)
    with pytest.raises(CommandError, match="remove_table"):
        host.alembic("check")
    made = host.revision("lockers").partition("def downgrade")[0]
    assert made.count("op.drop_table(") == len(tables.metadata.tables) + 1


@pytest.mark.parametrize("place", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_the_other_way_a_labelled_branch_of_the_hosts_history_and_its_trap(make_host, place, tmp_path):
    """Our revisions run in the host's environment; our own version table is not there, so ``check`` refuses."""
    engine, _ = place
    versions = Path(migrate.__file__).with_name("migrations") / "versions"
    host = make_host(more=f"path_separator = os\nversion_locations = %(here)s/migrations/versions:{versions}")
    host.alembic("upgrade", "memberlogic@head")
    assert "ml_members" in host.tables()
    mine = tmp_path / "migrations" / "versions"
    made = host.revision("lockers", "--head=base", "--branch-label=host", f"--version-path={mine}")
    assert made.count("op.create_table(") == 1
    host.alembic("upgrade", "heads")
    host.alembic("check")
    World(SqlAlchemyStorage(engine)).account(credits=[5])
    for use in (check, upgrade):
        with pytest.raises(migrate.SchemaUnversioned, match="schema_version"):
            use(engine)
    (mine / "0001_mine.py").write_text(
        "revision = '0001'\ndown_revision = None\nbranch_labels = None\ndepends_on = None\n"
    )
    with pytest.raises((CommandError, UserWarning), match="0001"):
        host.alembic("upgrade", "heads")


def test_the_other_way_the_host_makes_our_tables_and_its_trap(make_host, place):
    """The tables are right; what our revisions do to rows is in none of the host's, and ``check`` refuses."""
    engine, _ = place
    host = make_host(env=UNFILTERED)
    made = host.revision("everything")
    assert made.partition("def downgrade")[0].count("op.create_table(") == len(tables.metadata.tables) + 1
    host.alembic("upgrade", "head")
    host.alembic("check")
    World(SqlAlchemyStorage(engine)).account(credits=[5])
    for use in (check, upgrade):
        with pytest.raises(migrate.SchemaUnversioned, match="schema_version"):
            use(engine)
