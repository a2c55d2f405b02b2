"""Sphinx configuration."""

from importlib.metadata import version as installed_version

project = "sklearn_natsel"
author = "the sklearn_natsel developers"
copyright = "2026, the sklearn_natsel developers"
release = version = installed_version("sklearn-natsel")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
]
html_theme = "pydata_sphinx_theme"
exclude_patterns = ["_build"]
autosummary_generate = True
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
nitpicky = False
