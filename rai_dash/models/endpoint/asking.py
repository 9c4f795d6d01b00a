"""Asking a model behind an address about rows: each different row once, in batches, and always the same model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import ModelUnreachable
from rai_dash.models._base import FloatArray
from rai_dash.models.endpoint.account import Account
from rai_dash.models.endpoint.identity import Identity, identity_of, probe_rows
from rai_dash.models.endpoint.protocols import Answered, Schema, answer, question
from rai_dash.models.endpoint.values import Row, keys_of, rows_of
from rai_dash.models.endpoint.wire import Line

#: Rows that are written out at a time, so that memory stays flat.
CHUNK_ROWS: Final = 50_000
#: After so many seconds the fixed rows are asked again before others are.
CHECK_EVERY_S: Final = 300.0


@dataclass(slots=True, eq=False)
class State:
    """Which model was opened: the endpoint, what it takes, its description, the version that answered.

    ``has_probe`` says whether it could answer the fixed rows; ``checked`` is when it last was the same, in seconds of
    the monotonic clock.
    """

    endpoint: Endpoint
    schema: Schema
    identity: Identity
    version: str
    has_probe: bool
    checked: float = field(default_factory=time.monotonic)


def ask_rows(
    line: Line, endpoint: Endpoint, schema: Schema, account: Account, rows: Sequence[Row]
) -> Answered:
    """Ask about some rows in one call, paid from an account; each try counts."""
    reply = line.post(question(endpoint, schema, rows), partial(account.spend, len(rows)))
    return answer(endpoint, reply, len(rows))


def _from(tell: Callable[[int, int, str], None], start: int, total: int, done: int) -> None:
    """Tell how far a part is, as of the whole."""
    tell(start + done, total, "rows scored")


@dataclass(frozen=True, slots=True)
class Asking:
    """Questions to one model, paid from the account of its case."""

    state: State
    account: Account

    def ask(
        self, frame: pd.DataFrame, *, look: Callable[[], None], tell: Callable[[int, int, str], None]
    ) -> FloatArray:
        """Return the probability of class 1 of each row, float64 (n,).

        Parameters
        ----------
        frame : DataFrame (n, inputs)
            The model's columns in its order.
        look, tell : callable
            Called before each call, and may raise; told rows done, rows in all, and what is done.

        Raises
        ------
        ModelUnreachable, RefusedModel, InvalidChoice
            When it cannot be asked, or its answers cannot be used.
        """
        out = np.empty(len(frame))
        for start in range(0, len(frame), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            out[part] = self._part(frame.iloc[part], look, partial(_from, tell, start, len(frame)))
        return out

    def _part(self, frame: pd.DataFrame, look: Callable[[], None], tell: Callable[[int], None]) -> FloatArray:
        rows = rows_of(frame, self.state.schema.inputs)
        keys = keys_of(rows)
        found = self.account.known(self.state.identity.fingerprint, keys)
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in found}
        if new:
            self.account.require(len(new))
            found |= self._new(new, len(rows) - len(new), look, tell)
        tell(len(rows))
        return np.array([found[key] for key in keys], dtype=np.float64)

    def _new(
        self, new: dict[bytes, Row], done: int, look: Callable[[], None], tell: Callable[[int], None]
    ) -> dict[bytes, float]:
        """Ask what is not known, in batches over one connection."""
        endpoint, keys = self.state.endpoint, list(new)
        found: dict[bytes, float] = {}
        with Line(endpoint) as line:
            self._check(line)
            for start in range(0, len(keys), endpoint.batch_rows):
                look()
                batch = keys[start : start + endpoint.batch_rows]
                got = ask_rows(line, endpoint, self.state.schema, self.account, [new[key] for key in batch])
                if got.version != self.state.version and self.state.has_probe:
                    raise changed(endpoint)
                answers = dict(zip(batch, got.scores.tolist(), strict=True))
                self.account.keep(self.state.identity.fingerprint, answers)
                found |= answers
                tell(done + len(found))
        return found

    def _check(self, line: Line) -> None:
        """Ask the fixed rows again where that was long ago."""
        state = self.state
        if not state.has_probe or time.monotonic() - state.checked < CHECK_EVERY_S:
            return
        got = ask_rows(
            line, state.endpoint, state.schema, self.account, probe_rows(state.endpoint, state.schema)
        )
        now = identity_of(state.endpoint, state.schema, got.version, got.scores.tolist())
        if now.fingerprint != state.identity.fingerprint:
            raise changed(state.endpoint)
        state.checked = time.monotonic()


def changed(endpoint: Endpoint) -> ModelUnreachable:
    """Say that another model answers than the one that was opened."""
    msg = (
        f"The model `{endpoint.name}` is not the one any more that was opened: its version, or its answers to the "
        "fixed rows, changed. Scores of both must not be mixed. Open it again."
    )
    return ModelUnreachable(msg, code="endpoint_changed")
