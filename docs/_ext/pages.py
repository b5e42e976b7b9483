"""The pages that are generated from the code each time the documentation is built: none of them can be out of date.

Each function below returns one page of ``reference/generated/`` as Markdown.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from drawing import drawn
from relations import drawn as related
from relations import references, short
from sqlalchemy.dialects import mysql, postgresql, sqlite

import memberlogic
import memberlogic_memory
import memberlogic_sqlalchemy
from memberlogic import errors, events
from memberlogic.lifecycle import Lifecycle
from memberlogic.running import Asks
from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
RULE = re.compile(r"\b(?:COM|MEM|CON|CARE|PTS|SCH|BEN|ENG)-\d+\b")
BOOKS = {
    "common": "Every capability",
    "members": "Members",
    "contracts": "Contracts",
    "care": "Member Care",
    "points": "Points",
    "schemes": "Schemes",
    "engagement": "Engagement",
}
NOTHING = "*none*"


@cache
def modules() -> tuple[Any, ...]:
    """Every module of the three distributions, imported."""
    found = []
    for package in (memberlogic, memberlogic_memory, memberlogic_sqlalchemy):
        found.append(package)
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"\.(migrations|dialects|__main__)", each.name):
                found.append(importlib.import_module(each.name))
    return tuple(found)


def instances(kind: type) -> list[tuple[str, Any]]:
    """Every module constant of a class, with the module that made it, each once."""
    found: dict[int, tuple[str, Any]] = {}
    for module in modules():
        source = Path(module.__file__).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            if isinstance(value, kind) and re.search(rf"^{name}\b.*=", source, re.M):
                found.setdefault(id(value), (module.__name__, value))
    return list(found.values())


def summary(thing: Any) -> str:
    """The first sentence of a docstring, in Markdown."""
    text = " ".join((thing.__doc__ or "").strip().split("\n\n")[0].split())
    return re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text).replace("``", "`")


def table(*head: str) -> Callable[[list[list[str]]], str]:
    """A Markdown table."""

    def of(rows: list[list[str]]) -> str:
        lines = [list(head), ["---"] * len(head), *rows]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)

    return of


# Rules


def rule_book() -> Mapping[str, list[tuple[str, str, str]]]:
    """The rules that stand: for each book its ids, titles and sentences."""
    book = {}
    for name in BOOKS:
        page = DOCS / "rules" / f"{name}.md"
        parts = re.split(r"^## (\S+) (.+)$", page.read_text(encoding="utf-8"), flags=re.M)[1:] if page.exists() else []
        book[name] = [
            (id, title.strip(), " ".join(text.split()))
            for id, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        ]
    return book


def code_of_rules() -> Mapping[str, list[str]]:
    """Which modules name a rule."""
    code: dict[str, list[str]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for id in sorted(set(RULE.findall(path.read_text(encoding="utf-8")))):
            code.setdefault(id, []).append(path.relative_to(ROOT / "src").as_posix())
    return code


def _marks(nodes: list[ast.expr]) -> set[str]:
    return {
        argument.value
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "rule"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def _tests(path: Path) -> Iterator[tuple[str, set[str]]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_module: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets):
            of_module |= _marks([node.value])

    def below(body: list[ast.stmt], inherited: set[str], prefix: str) -> Iterator[tuple[str, set[str]]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                marks = inherited | _marks(node.decorator_list)
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                if marks and any(base.endswith("Promises") for base in bases):
                    yield f"{prefix}{node.name}", marks
                yield from below(node.body, marks, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{prefix}{node.name}", inherited | _marks(node.decorator_list)

    yield from below(tree.body, of_module, "")


def tests_of_rules() -> Mapping[str, list[tuple[str, str]]]:
    """Which tests are marked with a rule: file and name."""
    tests: dict[str, list[tuple[str, str]]] = {}
    for path in [*sorted((ROOT / "tests").rglob("test_*.py")), ROOT / "tests" / "certified.py"]:
        for name, ids in _tests(path):
            for id in ids:
                tests.setdefault(id, []).append((path.relative_to(ROOT).as_posix(), name))
    return tests


def _sentence(test: str) -> str:
    name = test.rpartition(".")[2]
    return name.removeprefix("test_").replace("_", " ") if "test_" in test else f"certified: {name}"


def rules() -> str:
    """Every rule that stands: its sentence, where it is written, what holds it."""
    code, tests = code_of_rules(), tests_of_rules()
    lines = [
        "# Rules",
        "",
        "Every rule that stands has an id. The same id is in the code, in the refusal and at the tests, so that one "
        "search shows everything. What a rule does not say here is not built.",
    ]
    for book, heading in BOOKS.items():
        listed = rule_book()[book]
        if not listed:
            continue
        lines += ["", f"## {heading}"]
        for id, title, sentence in listed:
            held = tests.get(id, [])
            lines += ["", f"({id.lower()})=", f"### {id} {title}", "", sentence, ""]
            lines += ["Code: " + (", ".join(f"`{path}`" for path in code.get(id, [])) or NOTHING), ""]
            lines += ["Held by:", ""]
            by_file: dict[str, list[str]] = {}
            for path, name in held:
                by_file.setdefault(path, []).append(_sentence(name))
            lines += [f"- `{path}`: {'; '.join(names)}" for path, names in by_file.items()]
    return "\n".join(lines)


# States


def lifecycles() -> list[Lifecycle[Any]]:
    """Every state machine."""
    return [value for _, value in sorted(instances(Lifecycle), key=lambda each: each[1].machine)]


def arrows() -> Mapping[str, Mapping[str, str]]:
    """The sentence of every arrow, by machine: ``STATE action``."""
    book: dict[str, dict[str, str]] = {}
    machine = ""
    for line in (DOCS / "rules" / "arrows.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            machine = line[3:].strip()
            book[machine] = {}
        elif found := re.match(r"- (\w+) (\w+): (.+)", line):
            book[machine][f"{found[1]} {found[2]}"] = found[3]
    return book


def states() -> str:
    """Every state machine: its diagram and a sentence for every arrow."""
    said = arrows()
    lines = [
        "# States",
        "",
        "What is not an arrow here is refused with `state.illegal_transition`, or a code "
        "of the machine's own, which says what is allowed.",
    ]
    for machine in lifecycles():
        lines += ["", f"## {machine.machine.capitalize()}", "", "```{raw} html", drawn(machine), "```", ""]
        lines.append(
            table("from", "action", "to", "means")(
                [
                    [before.name, action, after.name, said.get(machine.machine, {}).get(f"{before.name} {action}", "")]
                    for before, action, after in machine.rows()
                ]
            )
        )
        finals = ", ".join(state.name for state in machine.finals())
        lines += ["", f"Begins as {machine.initial.name}." + (f" Final: {finals}." if finals else "")]
    return "\n".join(lines)


def care_machines() -> str:
    """The two machines of Member Care, to be shown where they are explained."""
    lines = ["---", "orphan: true", "---", "", "# A run, and a milestone of a run", "", "<!-- machines -->"]
    for machine in lifecycles():
        if machine.machine in ("care run", "care milestone"):
            lines += ["", f"**{machine.machine.capitalize()}**", "", "```{raw} html", drawn(machine), "```"]
    return "\n".join(lines)


# Errors, permissions, events


def error_catalogue() -> str:
    """Every refusal by code."""
    modules()
    families = (
        errors.InvalidInput,
        errors.NotFound,
        errors.IllegalTransition,
        errors.PermissionDenied,
        errors.FeatureUnavailable,
        errors.Conflict,
        errors.RuleViolation,
    )
    lines = [
        "# Errors",
        "",
        "Every refusal is a class with a `code` that never changes, a sentence, and `details` that go through JSON. "
        "All of them derive from `memberlogic.MemberLogicError`. A refused command leaves nothing behind.",
        "",
        "Refusals have one order everywhere: the form of the input, feature, permission, idempotency, not found, "
        "state, then the rules as they are listed.",
    ]
    known = [cls for cls in errors.catalogue().values() if cls.__module__.startswith("memberlogic")]
    rest = set(known)
    groups: list[tuple[str, list[Any]]] = []
    for family in families:
        own = [cls for cls in known if issubclass(cls, family)]
        rest -= set(own)
        groups.append((family.__name__, own))
    groups.append(("Others", [cls for cls in known if cls in rest]))
    for heading, members in groups:
        rows = [
            [f"`{cls.code}`", f"`{cls.__name__}`", cls.rule or "", cls.sentence, summary(cls)]
            for cls in sorted(members, key=lambda cls: cls.code)
        ]
        lines += ["", f"## {heading}", "", table("code", "class", "rule", "message", "when")(rows)]
    return "\n".join(lines)


def asks() -> list[Asks[Any]]:
    """What every public command and query asks for."""
    return sorted((value for _, value in instances(Asks)), key=lambda each: each.name)


def permissions() -> str:
    """Which permission and feature each command and query needs."""
    rows = [
        [
            f"`{each.name}`",
            f"`{each.permission}`",
            f"`{each.feature.value}`" if each.feature else "",
            f"`{each.result.__name__}`",
        ]
        for each in asks()
    ]
    from memberlogic.actors import Actor
    from memberlogic.ids import MemberId, new_id

    member = sorted(Actor.member(MemberId(new_id())).permissions)
    return "\n".join(
        [
            "# Permissions and features",
            "",
            "Deny is the default. Staff have the permissions that the host gives them; the system has all. A member "
            "acting for themself has the following, on their own record only: "
            + ", ".join(f"`{each}`" for each in member)
            + ".",
            "",
            table("command or query", "permission", "feature", "answers")(rows),
        ]
    )


def event_list() -> str:
    """Every event, its version and fields."""
    modules()
    lines = [
        "# Events",
        "",
        "What happened, stored in the same transaction as the facts. Every event also has the envelope: id, "
        "organization, members, actor, the instant it took effect, the instant it was recorded.",
    ]
    for type_, cls in sorted(events.event_types().items()):
        if not cls.__module__.startswith("memberlogic"):
            continue
        fields = [each.name for each in attrs.fields(cls) if not each.metadata.get("envelope")]
        lines += ["", f"## {type_}", "", f"Version {cls.version}. {summary(cls)}", ""]
        lines += ["Fields: " + (", ".join(f"`{each}`" for each in fields) or NOTHING) + "."]
    return "\n".join(lines)


def care_events() -> str:
    """Every kind of event for which a milestone of Member Care may wait."""
    modules()
    from memberlogic.care.checking import member_events

    known = events.event_types()
    rows = []
    for kind in sorted(member_events()):
        fields = [each.name for each in attrs.fields(known[kind]) if not each.metadata.get("envelope")]
        rows.append([f"`{kind}`", summary(known[kind]), ", ".join(f"`{each}`" for each in fields) or NOTHING])
    lines = [
        "# Events that start a milestone",
        "",
        'A milestone of Member Care may wait for any event here, `On(kind="visit.recorded")`, or for one that you '
        "publish yourself with `org.members.publish`: that has a first word of its own, as in `training_plan.updated`. "
        "A kind that begins as one of these and is none is refused when the flow is saved (CARE-2). With `where` the "
        "event must have these fields as they are in JSON, and one that it does not have is refused; what you publish "
        "is asked for its figures.",
        "",
        table("kind", "what happened", "fields")(rows),
    ]
    return "\n".join(lines)


# Tables and the command line


def rooms() -> list[tuple[str, str, dict[str, str]]]:
    """The tables by room: its name, what it is for, and a sentence for each table."""
    parts = re.split(r"^## (.+)$", (DOCS / "rules" / "tables.md").read_text(encoding="utf-8"), flags=re.M)[1:]
    return [
        (room, text.strip().split("\n\n")[0], dict(re.findall(r"^- (\w+): (.+)$", text, flags=re.M)))
        for room, text in zip(parts[::2], parts[1::2], strict=True)
    ]


SERVERS = {"PostgreSQL": postgresql.dialect(), "MariaDB": mysql.dialect(), "SQLite": sqlite.dialect()}


def _type(column: Column[Any], server: str) -> str:
    """As it is written for a server, without how text is compared there."""
    return re.sub(r" (CHARACTER SET|COLLATE) \S+", "", column.type.compile(dialect=SERVERS[server]))


def tables() -> str:
    """Every room of the schema, drawn; every table with its columns and keys."""
    from memberlogic_sqlalchemy.tables import metadata

    types = sorted(
        {tuple(_type(each, server) for server in SERVERS) for t in metadata.sorted_tables for each in t.columns}
    )
    lines = [
        "# Tables",
        "",
        "Every table is named `ml_…`. `organization_id` leads every primary key and is contained in every other key "
        "and every foreign key; the pictures leave it out. Instants are UTC; what never expires is stored as "
        "9999-12-31. JSON is kept as text. "
        "The tables are yours to read, join and report on; write through the services.",
        "",
        "In the pictures the columns of the primary key are underlined, and a line leads from each foreign key to the "
        "table it refers to: with a fork where many rows may refer to one, with a bar where one may, and with a ring "
        "where the column may be empty. What lies in another picture stands after an arrow. Other columns are in the "
        "lists below; a name in a picture leads there.",
    ]
    for room, about, sentences in rooms():
        lines += ["", f"## {room}", "", about, ""]
        drawing = [metadata.tables[f"ml_{name}"] for name in sentences]
        lines += ["```{raw} html", related(room, drawing), "```"]
        for each in drawing:
            lines += ["", f"### {each.name}", "", sentences[short(each)], "", _columns(each)]
    lines += [
        "",
        "## Types",
        "",
        "What the types above are on each database.",
        "",
        table(*SERVERS)([[*of] for of in types]),
    ]
    return "\n".join(lines)


def _columns(each: Table) -> str:
    keys = {column.name for column in each.primary_key.columns}
    leads = {name: f"[{to.to.name}](#{to.to.name})" for to in references(each) for name in to.columns}
    rows = [
        [
            f"`{column.name}`",
            _type(column, "PostgreSQL"),
            "yes" if column.nullable else "",
            ", ".join(filter(None, ["primary" if column.name in keys else "", leads.get(column.name, "")])),
        ]
        for column in each.columns
    ]
    lines = [table("column", "type", "may be empty", "key")(rows), ""]
    for constraint in sorted(each.constraints, key=lambda c: str(c.name)):
        if isinstance(constraint, UniqueConstraint):
            lines.append(f"- `{constraint.name}`: unique over {', '.join(c.name for c in constraint.columns)}")
        elif isinstance(constraint, CheckConstraint):
            lines.append(f"- `{constraint.name}`: `{constraint.sqltext}`")
    for index in sorted(each.indexes, key=lambda i: str(i.name)):
        unique = "unique over" if index.unique else "index over"
        lines.append(f"- `{index.name}`: {unique} {', '.join(column.name for column in index.columns)}")
    return "\n".join(lines)


def command_line() -> str | None:
    """Every command with its help, if the command line is there."""
    try:
        cli = importlib.import_module("memberlogic_sqlalchemy.cli.group")
        import click
    except ImportError:
        return None
    lines = ["# Command line", "", "`memberlogic`, from the extra `memberlogic-sqlalchemy[cli]`."]

    def walk(command: Any, names: list[str]) -> None:
        context = click.Context(command, info_name=" ".join(names), terminal_width=100)
        if isinstance(command, click.Group):
            if len(names) > 1 and command.help:
                lines.extend(["", f"## {' '.join(names)}", "", command.help])
            for name in command.list_commands(context):
                walk(command.get_command(context, name), [*names, name])
            return
        lines.extend(["", f"## {' '.join(names)}", "", "```{code-block} text", command.get_help(context), "```"])

    walk(cli.cli, ["memberlogic"])
    return "\n".join(lines)


# API


HOUSE_ORDER = ("service", "model", "lifecycle", "events", "ports")
API = {
    "kernel": ("The kernel", "memberlogic", ""),
    "members": ("Members", "memberlogic.members", ""),
    "contracts": ("Contracts", "memberlogic.contracts", ""),
    "care": ("Member Care", "memberlogic.care", ""),
    "engagement": ("Engagement", "memberlogic.engagement", ""),
    "ledger": ("The ledger", "memberlogic.ledger", ""),
    "loyalty": ("Loyalty", "memberlogic.loyalty", ""),
    "notifiers": ("Notifiers", "memberlogic.notifiers", ""),
    "organizations": ("Organizations", "memberlogic.organizations", ""),
    "certification": ("Certification", "memberlogic.certification", ""),
    "testing": ("Testing", "memberlogic.testing", ""),
    "memory": ("The memory adapter", "memberlogic_memory", "storage"),
    "sqlalchemy": ("The relational adapter", "memberlogic_sqlalchemy", "storage joining migrate checking"),
}


def api(package: str, title: str, only: str) -> str:
    """The modules of one package, as autodoc reads them."""
    names = [
        module.__name__
        for module in modules()
        if module.__name__.rpartition(".")[0] == package and (only or not hasattr(module, "__path__"))
    ]
    names = [name for name in names if not only or name.rpartition(".")[2] in only.split()]

    def place(name: str) -> tuple[int, str]:
        last = name.rpartition(".")[2]
        return (HOUSE_ORDER.index(last) if last in HOUSE_ORDER else len(HOUSE_ORDER), last)

    said = inspect.getdoc(importlib.import_module(package)) or ""
    lines = [f"# {title}", "", said.replace("::\n", ":\n").replace("``", "`")]
    for name in sorted(names, key=place):
        lines += ["", f"## {name}", "", "```{eval-rst}", f".. automodule:: {name}", "```"]
    return "\n".join(lines)


def changelog() -> str:
    """What is released, and the fragments of what is not."""
    released = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").removeprefix("# Changelog").strip()
    fragments = [each for each in sorted((ROOT / "changelog.d").glob("*.md")) if each.name != "README.md"]
    lines = ["# Changelog", "", released]
    if fragments:
        lines += ["", "## Not released yet", ""]
        lines += [f"- {' '.join(each.read_text(encoding='utf-8').split())}" for each in fragments]
    return "\n".join(lines)


PAGES: Mapping[str, Callable[[], str | None]] = {
    "rules": rules,
    "states": states,
    "care-machines": care_machines,
    "errors": error_catalogue,
    "permissions": permissions,
    "events": event_list,
    "care-events": care_events,
    "tables": tables,
    "command-line": command_line,
    "changelog": changelog,
    **{
        f"api-{name}": (lambda title=title, package=package, only=only: api(package, title, only))
        for name, (title, package, only) in API.items()
    },
}


def write(_: Sphinx | None = None) -> None:
    """Write every page that differs from what is there, and remove what is no page any more."""
    folder = DOCS / "reference" / "generated"
    folder.mkdir(exist_ok=True)
    made = {}
    for name, page in PAGES.items():
        text = page()
        if text is not None:
            made[f"{name}.md"] = text + "\n"
    for path in folder.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def named_elsewhere(app: Sphinx, env: Any, node: Any, shown: Any) -> Any:
    """A short name leads to the one thing of that name; a name that exists and is not described on these pages stays
    plain text; one that does not exist is reported.
    """
    target, module = node.get("reftarget", ""), node.get("py:module")
    if node.get("refdomain") != "py":
        return None
    from sphinx.util.nodes import make_refnode

    target = target.partition("[")[0]
    if target in ("AsyncEngine", "Session", "Connection"):  # imported for type checkers only
        return shown
    found = _described(env).get(target, [])
    if len(found) == 1:
        ((name, entry),) = found
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, shown, name)
    return shown if _known(target, module) else None


def _described(env: Any) -> Mapping[str, list[tuple[str, Any]]]:
    """What is described, by every short name it has."""
    objects = env.get_domain("py").objects
    if _SHORT.get("of") != len(objects):
        _SHORT.clear()
        for name, entry in objects.items():
            parts = name.split(".")
            for start in range(1, len(parts)):
                _SHORT.setdefault(".".join(parts[start:]), []).append((name, entry))
        _SHORT["of"] = len(objects)
    return _SHORT


_SHORT: dict[str, Any] = {}


@cache
def _known(target: str, module: str | None) -> bool:
    if hasattr(builtins, target) or any(hasattr(each, target) for each in modules()):
        return True
    return _exists(target) or (module is not None and _exists(f"{module}.{target}"))


def _exists(path: str) -> bool:
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
            for part in parts[cut:]:
                found = getattr(found, part)
        except (ImportError, AttributeError, ValueError):
            continue
        return True
    return False


def looked_up(_: Sphinx, doctree: Any) -> None:
    """A name without a dot is what it is in the module that says it: several rooms have an ``Entry``."""
    from sphinx.addnodes import pending_xref

    for node in doctree.findall(pending_xref):
        if node.get("refdomain") == "py" and node["reftarget"].isidentifier():
            home = _home(node.get("py:module"), node["reftarget"])
            node["reftarget"] = f"{home}.{node['reftarget']}" if home else node["reftarget"]


@cache
def _home(user: str | None, name: str) -> str | None:
    """The module that makes what a module means by a name."""
    module = sys.modules.get(user or "")
    means = getattr(module, name, None)
    if means is None:
        # Imported for type checkers only.
        source = Path(module.__file__).read_text(encoding="utf-8") if module and module.__file__ else ""
        found = re.search(rf"^    from (memberlogic\S*) import (?:.*\b)?{name}\b", source, re.M)
        return found[1] if found else None
    own = rf"^(class )?{name}\b"
    sources = ((module, Path(module.__file__)) for module in modules() if vars(module).get(name) is means)
    made = (module.__name__ for module, source in sources if re.search(own, source.read_text(encoding="utf-8"), re.M))
    return next(made, None)


def _as_it_is(docstring: Any) -> list[str]:
    return list(docstring._lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Generate before anything is read."""
    from sphinx.ext.napoleon.docstring import GoogleDocstring

    # Napoleon takes what stands before a colon in an attribute's docstring for its type; ours are sentences.
    GoogleDocstring._parse_attribute_docstring = _as_it_is
    app.connect("builder-inited", write)
    app.connect("doctree-read", looked_up)
    app.connect("missing-reference", named_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
