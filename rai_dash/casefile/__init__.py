"""A case as one file, and back: what is kept in the store, and can be carried to another machine."""

from __future__ import annotations

from rai_dash.casefile.opening import unpack
from rai_dash.casefile.packing import left_out, pack

__all__ = ["left_out", "pack", "unpack"]
