"""LIME's weights of correlated blocks as those of one column, so that they compare with SHAP's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rai_dash.explain._lime import LimeResult
from rai_dash.explain._players import JOINED_BY, Blocks


def joined_lime(lime: LimeResult, blocks: Blocks) -> LimeResult:
    """Add up LIME's weights of each block; a line is a sum, so its parts are too. Their spread is not known.

    Parameters
    ----------
    lime : LimeResult
        Of single columns.
    blocks : sequence of sequences of str
        Columns that count as one, under their names joined by " + ".
    """
    if not blocks:
        return lime
    block_of = {name: JOINED_BY.join(block) for block in blocks for name in block}

    def summed(values: Mapping[str, float]) -> dict[str, float]:
        out: dict[str, float] = {}
        for name, value in values.items():
            out[block_of.get(name, name)] = out.get(block_of.get(name, name), 0.0) + value
        return out

    single = [name for name in lime.values if name not in block_of]
    return replace(
        lime,
        values=summed(lime.values),
        centred=summed(lime.centred),
        sd={name: lime.sd[name] for name in single},
        centred_sd={name: lime.centred_sd[name] for name in single},
    )
