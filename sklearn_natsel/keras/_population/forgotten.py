"""What is kept only to be quick, and is no part of anything."""

from __future__ import annotations

from typing import Any


class Forgotten(dict[Any, Any]):
    """What is left behind when an object is copied or pickled, or when code is compared."""

    def __reduce__(self) -> tuple[type[Forgotten], tuple[()]]:
        """Return what makes an empty one."""
        return Forgotten, ()
