"""Sphinx configuration: ``make docs`` builds the site into docs/_build/html."""

import inspect
import sys
from importlib.metadata import version as installed_version
from types import ModuleType, SimpleNamespace

project = "sklearn_natsel"
author = "the sklearn_natsel developers"
copyright = "2026, the sklearn_natsel developers"
release = version = installed_version("sklearn-natsel")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "_templates", "auto_examples/*.md5"]
templates_path = ["_templates"]
nitpicky = True
default_role = "literal"

# Pages in Markdown.
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

# The reference. It is the same whatever Keras runs on: what loads it is replaced.
autosummary_generate = True
autodoc_mock_imports = [
    *("keras", "scikeras", "tensorflow", "jax"),
    *("sklearn_natsel.keras._environment", "sklearn_natsel.keras._population.together"),
]
# What is shown is what there is with JAX.
backends = ModuleType("sklearn_natsel.keras._backends")
backends.backend = SimpleNamespace(trains_together=True)
sys.modules[backends.__name__] = backends
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# The gallery. Examples that train networks are shown without being run.
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_(?!.*keras)",
    "ignore_pattern": r"(pipeline|cifar10|whitening)\.py$",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "sklearn_natsel"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
# A sidebar where there are pages below.
html_sidebars = {
    "*": [],
    "api": ["sidebar-nav-bs"],
    "generated/*": ["sidebar-nav-bs"],
    "auto_examples/*": ["sidebar-nav-bs"],
}
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    # Examples need the width for their code.
    "secondary_sidebar_items": {"*": ["page-toc"], "generated/*": ["page-toc"]},
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
    "header_links_before_dropdown": 6,
    "navbar_persistent": [],
    "navbar_end": ["search-button", "theme-switcher"],
}

# Where other projects document a name, by its first part, and what the docstrings that are
# inherited from scikit-learn refer to.
_SKLEARN = "https://scikit-learn.org/stable/"
_ELSEWHERE = {
    "sklearn": _SKLEARN + "modules/generated/{}.html",
    "functools": "https://docs.python.org/3/library/functools.html#{}",
    "joblib": "https://joblib.readthedocs.io/en/stable/generated/{}.html",
    "fit": _SKLEARN + "glossary.html#term-{}",
    "classes_": _SKLEARN + "glossary.html#term-{}",
    "metadata_routing": _SKLEARN + "{}.html",
    "accuracy_score": _SKLEARN + "modules/model_evaluation.html#accuracy-score",
    "r2_score": _SKLEARN + "modules/model_evaluation.html#r2-score",
}


def link_elsewhere(app, env, node, contnode):
    """Link what another project documents to its page, without asking the network."""
    from docutils.nodes import reference

    target = node.get("reftarget", "")
    page = _ELSEWHERE.get(target.partition(".")[0])
    if page is None:
        return None
    return reference("", "", contnode, internal=False, refuri=page.format(target))


def strip_code(app, doctree):
    """Drop the blank line that ends a code block, which doctest needs and a reader does not."""
    from docutils.nodes import Text, literal_block

    for block in doctree.findall(literal_block):
        if block.rawsource == block.astext():
            block.rawsource = block.rawsource.rstrip()
            block.children = []
            block.append(Text(block.rawsource))


def sign_estimators(app, what, name, obj, options, signature, return_annotation):
    """Show the parameters of estimators, which the replaced classes above them hide."""
    if what == "class" and name.startswith("sklearn_natsel.keras."):
        if "__init__" not in vars(obj):  # but scikeras', which is replaced
            return "(model=None, **parameters)", None
        _, *own = inspect.signature(obj.__init__).parameters.values()
        bare = [parameter.replace(annotation=parameter.empty) for parameter in own]
        return str(inspect.Signature(bare)), None
    return None


def setup(app):
    """Register the above."""
    app.connect("missing-reference", link_elsewhere)
    app.connect("doctree-read", strip_code)
    app.connect("autodoc-process-signature", sign_estimators)
