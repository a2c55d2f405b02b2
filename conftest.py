"""What pytest collects: what needs an extra only where it is installed."""

from importlib.util import find_spec

# What builds the site, and what is built.
collect_ignore = ["docs/conf.py", "docs/_build", "docs/auto_examples", "docs/generated"]

if not (find_spec("tensorflow") and find_spec("scikeras")):
    collect_ignore += ["sklearn_natsel/keras", "docs/keras.md"]
if not find_spec("matplotlib"):
    collect_ignore += ["CONTRIBUTING.md", "docs/guide.md"]
    collect_ignore_glob = ["sklearn_natsel/*_display.py"]
