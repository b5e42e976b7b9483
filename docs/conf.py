"""How the documentation is built: ``sphinx-build -n -W docs docs/_build``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

import memberlogic  # noqa: E402 - after the path

project = "memberlogic"
author = "the memberlogic authors"
copyright = "the memberlogic authors"
release = version = memberlogic.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "pages"]
exclude_patterns = ["_build", "_ext", "rules"]
html_theme = "furo"
html_title = f"memberlogic {release}"
html_static_path = ["_static"]
# Every class and method in the tree beside every page was half of what a build took.
toc_object_entries = False

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True
