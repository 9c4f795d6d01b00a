"""Compiling a function to machine code: one set of options for all kernels of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

from rai_dash.explain.trees.kept import keeping

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile at the first call and keep the result on disk.

    The lock of the interpreter is released, so that threads run side by side: numba's own threads are not used,
    because their launch costs more than the answer for one row, and because they do not survive a fork. No
    ``fastmath``: blanks are tested here. A kernel must always see the same types (see ``patterns.array``), or it is
    compiled again.
    """
    with keeping():
        jitted: Callable[P, R] = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return jitted
