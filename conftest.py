"""What pytest collects: the parts that need TensorFlow only where it is installed."""

from importlib.util import find_spec

collect_ignore = (
    [] if find_spec("tensorflow") and find_spec("scikeras") else ["sklearn_natsel/keras"]
)
