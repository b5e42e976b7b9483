"""The adapters' READMEs are what their wheels show: their snippets run, in order, in one namespace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"


@pytest.mark.parametrize("name", ["memberlogic_memory", "memberlogic_sqlalchemy"])
def test_the_snippets_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readme = (SRC / name / "README.md").read_text()
    snippets = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert snippets
    shared: dict = {}
    for snippet in snippets:
        exec(compile(snippet, f"{name}/README.md", "exec"), shared)
    if "engine" in shared:
        shared["engine"].dispose()


def test_every_command_in_the_readme_is_there():
    from memberlogic_sqlalchemy.cli.group import COMMANDS

    readme = (SRC / "memberlogic_sqlalchemy" / "README.md").read_text()
    assert set(re.findall(r"`memberlogic (\w+)", readme)) <= set(COMMANDS)
