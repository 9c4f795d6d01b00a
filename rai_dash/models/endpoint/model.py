"""A model behind an address, with the surface of a model file: pages and commands do not ask which it is."""

from __future__ import annotations

import importlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from rai_dash.core import events
from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import RaiError, UnsupportedModel, WorkerFailed
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.stopping import CancelCheck, stop_if
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo, Notice
from rai_dash.data.columns import require_columns
from rai_dash.models._base import FloatArray
from rai_dash.models.client import Model, ProgressCallback, Scored
from rai_dash.models.endpoint.account import ACCOUNTS, Account
from rai_dash.models.endpoint.asking import Asking, State
from rai_dash.models.endpoint.native import Remote
from rai_dash.models.unseen import find_unseen
from rai_dash.sandbox.client import Reply

logger = logging.getLogger(__name__)
#: What only asks for scores, and so can be done for such a model: here, for nothing foreign is opened by it.
_SCORES_ONLY: Final = frozenset({
    "rai_dash.explain.ops:explain_shap", "rai_dash.explain.ops:explain_matrix", "rai_dash.explain.ops:explain_lime",
    "rai_dash.models.parameters:tell",
})  # fmt: skip
#: How often a call that waits for another looks whether it was stopped, in seconds.
_LOOK_EVERY_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Watch:
    """Who is told how far it is, who may stop it, and when it has to be done."""

    on_progress: ProgressCallback | None = None
    cancelled: CancelCheck | None = None
    deadline: float | None = None

    def look(self) -> None:
        """Stop where it was asked for, or where time is up."""
        stop_if(self.cancelled)
        if self.deadline is not None and time.monotonic() > self.deadline:
            msg = tr("The model behind an address did not answer all that was asked in time. Ask for less.")
            raise WorkerFailed(msg)

    def tell(self, done: int, total: int, note: str = "") -> None:
        """Tell how far it is."""
        self.look()
        if self.on_progress is not None:
            self.on_progress(done, total, note)


class EndpointModel(Model):
    """A model that only gives scores, over the network, within the budget of its case.

    Parameters
    ----------
    state : State
        The endpoint, what it takes, and which model answered when it was opened.
    info : ModelInfo
        What is known of it.
    model_class : str
        Label of the class that is favourable.
    account : Account
        What was spent on opening it.
    """

    def __init__(self, state: State, info: ModelInfo, *, model_class: str, account: Account) -> None:
        super().__init__(state.identity.content, info, model_class=model_class)
        self._state = state
        self._own = account
        self._account: tuple[str, Account] | None = None
        self._worker_state: dict[str, Any] = {}
        self._is_another = False
        self._turn = threading.Lock()
        self._joining = threading.Lock()

    @property
    def endpoint(self) -> Endpoint:
        """What the operator says about it."""
        return self._state.endpoint

    @property
    def account(self) -> Account:
        """What its case has asked and may still ask; a model that is nobody's has its own."""
        owner = self.owner
        if owner is None:
            return self._own
        with self._joining:
            if self._account is None or self._account[0] != owner:
                self._account = (owner, ACCOUNTS.of(owner, self._own))
                self._is_another = not self._account[1].belongs_to(self.info.fingerprint)
            return self._account[1]

    def rows_to_explain(self, applicants: int) -> int | None:
        """Rows that explaining each of so many applicants may ask."""
        return min(self.endpoint.explain_rows, self.account.rows_left // max(applicants, 1))

    def match_columns(
        self, columns: Sequence[str], orders: Sequence[Sequence[str]] = ()
    ) -> tuple[Notice, ...]:
        """Leave the names alone: columns are taken by the ones that are listed."""
        del columns, orders
        return ()

    def require_file(self) -> None:
        """Refuse what needs the model itself.

        Raises
        ------
        UnsupportedModel
            With what to do instead.
        """
        msg = tr(
            "The model `{endpoint}` is behind an address and has no file here, so it cannot score a "
            "table where it lies. Score the table at the model's side, and open it with its score column.",
            endpoint=self.endpoint.name,
        )
        raise UnsupportedModel(msg, code="endpoint_scores_only")

    def score(
        self,
        frame: pd.DataFrame,
        *,
        on_progress: ProgressCallback | None = None,
        cancelled: CancelCheck | None = None,
    ) -> Scored:
        """Score the rows of a table; see `Model.score`.

        Raises
        ------
        ModelUnreachable
            When the model does not answer, is another one than before, or the budget is used up.
        """
        names = list(self.info.feature_names)
        require_columns(frame, names)
        if frame.empty:
            return Scored(np.empty(0), (), np.empty(0, dtype=bool))
        unseen = find_unseen(frame, self.info.features)
        scores = self._ask(frame[names], _Watch(on_progress, cancelled))
        told = (self._another(), *unseen.notices) if self._is_another else unseen.notices
        return Scored(scores if self.favourable_index == 1 else 1.0 - scores, told, unseen.rows)

    def _another(self) -> Notice:
        """Say that this case saw another model behind the same address before."""
        text = (
            f"Behind the address of `{self.endpoint.name}` is another model than when this case opened it before: its "
            "version or its answers to the fixed rows changed. Figures of before are of the earlier one."
        )
        return Notice("endpoint_changed", text)

    def _ask(self, frame: pd.DataFrame, watch: _Watch) -> FloatArray:
        """Ask for the probability of class 1, float64 (n,), and record how many rows left the house."""
        account = self.account
        before = (account.calls, account.rows)
        failed = ""
        try:
            return Asking(self._state, account).ask(frame, look=watch.look, tell=watch.tell)
        except RaiError as error:
            failed = error.code
            raise
        finally:
            calls, rows = account.calls - before[0], account.rows - before[1]
            if calls:
                address = fingerprint_bytes(self.endpoint.url.encode())
                events.record("endpoint_asked", address_sha256=address, calls=calls, rows=rows, failed=failed)

    def call(
        self,
        op: str,
        args: Mapping[str, Any] | None = None,
        blobs: Sequence[bytes | memoryview] = (),
        *,
        timeout: float | None = None,
        on_progress: ProgressCallback | None = None,
        cancelled: CancelCheck | None = None,
    ) -> Reply:
        """Do here what needs no more than scores, as the process of a model file would.

        Raises
        ------
        UnsupportedModel
            For what needs the model itself, such as training it again.
        """
        if op not in _SCORES_ONLY:
            msg = tr(
                "The model `{endpoint}` is behind an address and gives nothing but scores: it cannot be "
                "trained again or looked into here. Use its file, where you have it.",
                endpoint=self.endpoint.name,
            )
            raise UnsupportedModel(msg, code="endpoint_scores_only")
        module, _, name = op.partition(":")
        run = getattr(importlib.import_module(module), name)
        limit = get_settings().call_timeout_s if timeout is None else timeout
        watch = _Watch(on_progress, cancelled, time.monotonic() + limit)
        while not self._turn.acquire(timeout=_LOOK_EVERY_S):
            watch.look()
        try:
            return self._run(run, dict(args or {}), [memoryview(b) for b in blobs], watch)
        finally:
            self._turn.release()

    def _run(
        self, run: Callable[..., Any], args: dict[str, Any], blobs: list[memoryview], watch: _Watch
    ) -> Reply:
        # What was prepared for an earlier call asks through the object it was made with: its listeners are changed.
        whole = [i.name for i in self._state.schema.inputs if i.type == "integer"]
        remote: Remote = self._worker_state.setdefault("model", Remote(self.info, whole))
        remote.rounded.clear()
        remote.ask = lambda frame: self._ask(frame, _Watch(None, watch.cancelled, watch.deadline))
        try:
            data, answers = run(self._worker_state, args, blobs, watch.tell)
        except RaiError:
            raise
        except Exception as error:
            logger.warning("an explanation of a model behind an address failed: %s", type(error).__name__)
            msg = tr("The model's answers could not be worked with; the app was not affected. Try again.")
            raise WorkerFailed(msg) from error
        if remote.rounded and "lime" in data:
            data["lime"]["notices"] = [*data["lime"]["notices"], asdict(_rounded(remote.rounded))]
        # As it would come from another process: plain values only.
        return Reply(json.loads(json.dumps(data)), list(answers))

    def close(self) -> None:
        """Nothing runs here that has to end."""


def _rounded(columns: Iterable[str]) -> Notice:
    listed = ", ".join(f"`{name}`" for name in sorted(columns))
    text = f"The model takes whole numbers only in {listed}: what LIME drew there was rounded before it was asked."
    return Notice("lime_rounded", text)
