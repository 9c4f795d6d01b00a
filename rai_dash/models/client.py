"""The app's handle on a model that lives in its own process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from rai_dash.core.errors import RefusedModel, WorkerFailed
from rai_dash.core.files import read_limited
from rai_dash.core.settings import get_settings
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo, Notice
from rai_dash.data.columns import require_columns
from rai_dash.data.dataset import Dataset
from rai_dash.models.endpoint.identity import address_in
from rai_dash.models.favourable import favourable_class
from rai_dash.models.matching import match_columns, order_notices
from rai_dash.models.sniff import accepted_format
from rai_dash.models.workers import WORKERS
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child, Reply
from rai_dash.sandbox.spawn import expect

ProgressCallback = Callable[[int, int, str], None]
LOAD, SCORE, RENAME = (f"rai_dash.models.ops:{name}" for name in ("load", "score", "rename"))
expect("rai_dash.models.ops")
_INFO = TypeAdapter(ModelInfo)
_NOTICES = TypeAdapter(tuple[Notice, ...])


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of some rows.

    Parameters
    ----------
    scores : float64 (n,)
        Probability of the favourable outcome, in [0, 1].
    notices : tuple of Notice
        Found while scoring, such as categories the model has never seen.
    unseen : bool (n,)
        Rows with such a category.
    """

    scores: NDArray[np.float64]
    notices: tuple[Notice, ...]
    unseen: NDArray[np.bool_]


class Model:
    """A model file, and the separate process that answers for it; the process restarts when it is needed.

    ``owner`` is the case it was uploaded to; at most ``settings.workers_per_case`` of one owner run at once.

    Parameters
    ----------
    content : bytes
        The file.
    info : ModelInfo
        What it says about itself.
    model_class : str
        Label of the class that is favourable.
    child : Child or None
        A process in which it is already loaded.
    """

    def __init__(
        self, content: bytes, info: ModelInfo, *, model_class: str, child: Child | None = None
    ) -> None:
        self.content = content
        self.info = info
        self.model_class = model_class
        self.owner: str | None = None
        self.used = self.started = time.monotonic()
        self._child = child
        self._calls = 0
        self._lock = threading.Lock()
        # A restarted process has to be told the names that were given for a file without any.
        self._names = list(info.feature_names)
        if child is not None:
            WORKERS.add(self)

    @property
    def favourable_index(self) -> int:
        """Which of ``info.classes`` is favourable, 0 or 1."""
        return self.info.classes.index(self.model_class)

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        child = self._child
        return child is not None and child.alive

    @property
    def is_busy(self) -> bool:
        """Whether calls wait or run in its process."""
        return self._calls > 0

    def rows_to_explain(self, applicants: int) -> int | None:
        """Rows that explaining each of so many applicants may ask; None = as many as the explanation likes."""
        del applicants
        return None

    def require_file(self) -> None:
        """Refuse what needs the model itself where there is none; see `rai_dash.models.endpoint`."""

    def _start(self) -> Child:
        """Start a process and load the file in it."""
        child = Child()
        try:
            args = {"format": self.info.format, "feature_names": self._names}
            child.call(LOAD, args, [self.content], timeout=get_settings().load_timeout_s)
        except BaseException:
            child.close()
            raise
        return child

    @contextmanager
    def _worker(self) -> Iterator[Child]:
        """Lend the process, starting it where it is gone; nobody ends it for idleness meanwhile."""
        with self._lock:
            started = self._child is None or not self._child.alive
            if started:
                self._child = self._start()
                self.started = time.monotonic()
            child = cast("Child", self._child)
            self._calls += 1
        try:
            if started:
                WORKERS.add(self)
            yield child
        finally:
            with self._lock:
                self._calls -= 1
                self.used = time.monotonic()

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
        """Run an entry point in the model's process; see `rai_dash.sandbox.client.Child.call`."""
        with self._worker() as child:
            return child.call(op, args, blobs, timeout=timeout, on_progress=on_progress, cancelled=cancelled)

    def match(self, dataset: Dataset) -> tuple[Notice, ...]:
        """Give the inputs the names of a table's columns, where the file has none or its exporter changed them.

        Returns
        -------
        tuple of Notice
            Which input was taken for which column where the names differ; another order, and columns that are
            not used.

        Raises
        ------
        InvalidChoice
            When the file has no names and the number of columns does not fit.
        """
        return (*self.match_columns(dataset.columns, _orders(dataset)), *self._told_of(dataset))

    def match_columns(
        self, columns: Sequence[str], orders: Sequence[Sequence[str]] = ()
    ) -> tuple[Notice, ...]:
        """Give the inputs the names of columns, as `match` does; ``orders`` are those that may be the inputs' own."""
        found = match_columns(self.info, columns, orders or (columns,))
        if found is None:
            return ()
        reply = self.call(RENAME, {"names": list(found.names)})
        self.info = _described(reply)
        self._names = list(found.names)
        return found.notices

    def _told_of(self, dataset: Dataset) -> tuple[Notice, ...]:
        """Say where a table differs from the inputs without harm."""
        names = self.info.feature_names
        if not set(names) <= set(dataset.columns):
            return ()  # to score will say which are missing
        free = [c for c in dataset.features if c not in dataset.roles.sensitive]
        return order_notices(names, dataset.columns, free)

    def score(
        self,
        frame: pd.DataFrame,
        *,
        on_progress: ProgressCallback | None = None,
        cancelled: CancelCheck | None = None,
    ) -> Scored:
        """Score the rows of a table.

        Parameters
        ----------
        frame : DataFrame (n, …)
            Columns are taken by name; further ones are left out.
        on_progress, cancelled : callable, optional
            Told how far it is; asked whether to stop.

        Raises
        ------
        MissingColumn
            When the table lacks columns of the model.
        RaiError
            When the model cannot score it.
        """
        names = list(self.info.feature_names)
        require_columns(frame, names)
        if frame.empty:
            return Scored(np.empty(0), (), np.empty(0, dtype=bool))
        reply = self.call(
            SCORE,
            {},
            [frame_to_ipc(frame[names], coded=True)],
            on_progress=on_progress,
            cancelled=cancelled,
        )
        return Scored(self._favourable(reply, len(frame)), _notices(reply), _unseen(reply, len(frame)))

    def _favourable(self, reply: Reply, n: int) -> NDArray[np.float64]:
        """Check what the process sent, and turn it to the favourable class."""
        raw = reply.blobs[0] if reply.blobs else b""
        if len(raw) != 8 * n:
            msg = tr("The model's process sent another number of scores than rows. Try again.")
            raise WorkerFailed(msg)
        score = np.frombuffer(raw, dtype="<f8").astype(np.float64)
        if not np.isfinite(score).all() or score.min() < 0.0 or score.max() > 1.0:
            msg = tr("The model's scores leave 0 to 1, so they are no probabilities. Use a classifier.")
            raise RefusedModel(msg, code="no_probabilities")
        return score if self.favourable_index == 1 else 1.0 - score

    def close(self) -> None:
        """End the process; it starts again on next use."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close()

    def close_if_idle(self) -> None:
        """End the process unless a call waits or runs."""
        with self._lock:
            child = None if self._calls else self._child
            if child is not None:
                self._child = None
        if child is not None:
            child.close()

    def __enter__(self) -> Self:
        """Use as a context: the process ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()


def _unseen(reply: Reply, n: int) -> NDArray[np.bool_]:
    """Read which rows have a category that the model has never seen."""
    marks = reply.blobs[1] if len(reply.blobs) > 1 else b""
    if len(marks) not in {0, n}:
        msg = tr("The model's process sent marks for another number of rows. Try again.")
        raise WorkerFailed(msg)
    return np.frombuffer(marks, dtype=np.uint8).astype(bool) if marks else np.zeros(n, dtype=bool)


def _notices(reply: Reply) -> tuple[Notice, ...]:
    try:
        return _NOTICES.validate_python(reply.data.get("notices", []))
    except ValidationError as error:
        msg = tr("The model's process sent notices that cannot be read. Try again.")
        raise WorkerFailed(msg) from error


def _described(reply: Reply) -> ModelInfo:
    """Check what a process says about its model."""
    try:
        return _INFO.validate_python(reply.data["info"])
    except (ValidationError, KeyError) as error:
        msg = tr("The model's process described the model in a way that cannot be read. Try again.")
        raise WorkerFailed(msg) from error


def _orders(dataset: Dataset) -> tuple[tuple[str, ...], ...]:
    """List the columns that may be a model's inputs in order: with sensitive columns, and without."""
    roles = dataset.roles
    singles = {roles.target, roles.score, roles.split, roles.weight, roles.id, roles.time}
    left = tuple(c for c in dataset.columns if c not in singles.union(roles.ignored))
    return (dataset.features, left, dataset.columns)


def load_model(
    source: str | Path | bytes,
    *,
    model_class: str | None = None,
    favourable: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
) -> Model:
    """Load a model file in its own process.

    Parameters
    ----------
    source : path or bytes
        scikit-learn ``.skops``, XGBoost ``.ubj``/``.json``, LightGBM ``.txt`` or ``.onnx``; content decides, not
        the name. Or the exact HTTPS address of a model that the operator listed.
    model_class : str, optional
        Label of the class that is favourable. When omitted: the class among ``favourable``, else class 1
        where the classes are 0 and 1.
    favourable : sequence of str, optional
        Favourable labels of the data.
    feature_names : sequence of str, optional
        Names for a file that has none, in the model's order.

    Raises
    ------
    RefusedModel
        When the file is not accepted.
    InvalidChoice
        When it is not clear which class is favourable.
    """
    address = address_in(source)
    if address is not None:
        from rai_dash.models.endpoint.opening import open_endpoint

        return open_endpoint(
            address, model_class=model_class, favourable=favourable, feature_names=feature_names
        )
    settings = get_settings()
    limit = settings.max_upload_mb if isinstance(source, bytes) else settings.max_file_mb
    content = read_limited(source, limit, error=RefusedModel)
    names = None if feature_names is None else list(feature_names)
    args = {"format": accepted_format(content), "feature_names": names}
    child = Child()
    try:
        reply = child.call(LOAD, args, [content], timeout=get_settings().load_timeout_s)
        info = _described(reply)
        chosen = favourable_class(info, model_class, favourable)
    except WorkerFailed as error:
        child.close()
        msg = tr(
            "Reading this model crashed or took too long. Only its own process was affected; the file is "
            "refused as damaged. Save the model again."
        )
        raise RefusedModel(msg, code="damaged_model") from error
    except BaseException:
        child.close()
        raise
    return Model(content, info, model_class=chosen, child=child)
