"""A case as one file, and back: what is kept in the store, and can be carried to another machine."""

from __future__ import annotations

from rai_dash.casefile.opening import CaseFile, open_file, unpack
from rai_dash.casefile.packing import holds, left_out, named_only, pack

__all__ = ["CaseFile", "holds", "left_out", "named_only", "open_file", "pack", "unpack"]
