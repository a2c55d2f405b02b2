"""What networks and their parts are: their libraries pickle them with the time of day."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from sklearn_natsel._memory.digest import Node, plain

# What a model compiles for itself, and the names that keras counts up in a process.
_MADE_BY_KERAS = {"train_function", "test_function", "predict_function"}
_NAMES = {"name", "_name"}


def packages_behind(module_name: str) -> list[str]:
    """Return the packages that keras computes with: the same class may run on another one."""
    keras: Any = sys.modules.get("keras")
    if keras is None or module_name.partition(".")[0] not in ("keras", "scikeras"):
        return []
    return ["keras", keras.backend.backend()]


def describe_of_keras(value: Any) -> Node | None:
    """Tell settings, plain attributes and variables; None of what is not of keras."""
    bases = [base.__module__ for base in type(value).__mro__]
    is_of_keras = any(name.startswith("keras.") for name in bases)
    if not is_of_keras or not hasattr(value, "get_config"):
        return None
    # That of an optimizer is nowhere asked for.
    left_out = _MADE_BY_KERAS | _NAMES if _is_optimizer(value) else _MADE_BY_KERAS
    config = {name: item for name, item in value.get_config().items() if name not in left_out}
    compiled: dict[str, Any] = getattr(value, "get_compile_config", dict)() or {}
    compiled = {name: item for name, item in compiled.items() if name != "optimizer"}
    # Some losses and their like have more than they tell.
    own = [
        (f"attribute {name!r}", item)
        for name, item in sorted(vars(value).items())
        if name not in left_out and not name.startswith("_self_")  # by which TensorFlow keeps track
        if plain(item) is not None or type(item) is dict
    ]
    parts = [(name, getattr(value, name, None)) for name in ("fn", "optimizer")]
    variables = [("variable", np.asarray(each)) for each in getattr(value, "variables", ())]
    whole = [("", type(value)), ("config", config), ("compiled", compiled)]
    return Node(("of keras",), [*whole, *parts, *own, *variables])


def _is_optimizer(value: Any) -> bool:
    keras: Any = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.optimizers.Optimizer)


def describe_tensor(tensor: Any) -> Node:
    """Tell type, device, shape and values of a tensor of torch."""
    torch: Any = sys.modules["torch"]
    if tensor.is_quantized:
        raw: Any = tensor.tolist()
    else:
        dense = tensor.detach().cpu()
        dense = dense if dense.layout is torch.strided else dense.to_dense()
        raw = dense.contiguous().flatten().view(torch.uint8).numpy()
    texts = (str(tensor.dtype), str(tensor.device), str(tensor.layout), bool(tensor.requires_grad))
    own = sorted(vars(tensor).items())
    return Node(("tensor", tuple(tensor.shape), texts), [("", type(tensor)), ("", raw), *own])
