"""A locked process that holds a model and reads a table where it lies: rows never pass through the app."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

import pyarrow as pa

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo
from rai_dash.data.columns import require_names
from rai_dash.data.portfolio.engines import LIMITS_OF_THE_MACHINE
from rai_dash.data.portfolio.jobs.plan import Piece
from rai_dash.data.portfolio.jobs.streaming import n_threads
from rai_dash.data.portfolio.places import Place
from rai_dash.models.approval import APPROVED
from rai_dash.models.client import Model
from rai_dash.sandbox.client import Child, Reply

#: Rows of a batch: enough that the calls cost nothing, few enough that memory stays flat.
BATCH_ROWS: Final = 1 << 14
_OPEN, _READ_ON = (f"rai_dash.data.portfolio.ops:{name}" for name in ("open_place", "read_on"))
_LOAD: Final = "rai_dash.models.ops:load"
#: What a model's answers rest on, by its format.
LIBRARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "xgboost": ("xgboost", "xgboost-cpu"),
    "lightgbm": ("lightgbm",),
    "onnx": ("onnxruntime",),
}


class RowWorker:
    """The process of one job.

    Parameters
    ----------
    model : Model
        Loaded there again, through the same review.
    place : Place
        The only files that the process may read.

    Raises
    ------
    RaiError
        When the model or the table cannot be read.
    """

    def __init__(self, model: Model, place: Place) -> None:
        model.require_file()
        settings = get_settings()
        self._limit = settings.portfolio_timeout_s
        # Libraries of unknown code may not bear two calls at a time.
        self._threads = 1 if model.info.format == APPROVED else n_threads()
        memory = max(settings.worker_mem_gb, settings.portfolio_mem_gb)
        self._child = Child(mem_gb=memory, readable=[place.root, *LIMITS_OF_THE_MACHINE])
        try:
            args = {"format": model.info.format, "feature_names": list(model.info.feature_names)}
            self._child.call(_LOAD, args, [model.content], timeout=settings.load_timeout_s)
            # Reading is a small part of the work: more threads for it would only hold more memory.
            self._child.call(_OPEN, {"place": place.to_args(), "threads": 1}, timeout=self._limit)
        except BaseException:
            self._child.close()
            raise

    def __enter__(self) -> Self:
        """Return the worker."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._child.close()

    def ask(self, op: str, args: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> Reply:
        """Run an entry point in the process."""
        return self._child.call(op, args, blobs, timeout=self._limit)

    def results(
        self,
        op: str,
        pieces: Sequence[Piece],
        columns: Sequence[str],
        *,
        size: int = BATCH_ROWS,
        cancelled: Callable[[], bool] | None = None,
        **more: Any,
    ) -> Iterator[pa.RecordBatch]:
        """Work on pieces of the table, in order.

        Parameters
        ----------
        op : str
            Entry point that begins the work.
        pieces : sequence of Piece
            With rows in each.
        columns : sequence of str
            To read.
        size : int
            Most rows of a batch.
        cancelled : callable, optional
            Once it is true, the process ends.
        **more : object
            Further arguments of the entry point.
        """
        wanted = [piece.to_args() for piece in pieces]
        args = {"pieces": wanted, "columns": list(columns), "size": size, "threads": self._threads}
        self.ask(op, args | more)
        while blobs := self._child.call(_READ_ON, timeout=self._limit, cancelled=cancelled).blobs:
            with pa.ipc.open_stream(pa.py_buffer(blobs[0])) as reader:
                for batch in reader:
                    batch.validate(full=True)
                    yield batch


def check_columns(
    columns: Sequence[str], info: ModelInfo, kept: Sequence[str], results: Sequence[str]
) -> None:
    """Refuse a job before it starts: columns that the table lacks, and kept ones called like a result.

    Raises
    ------
    MissingColumn, InvalidChoice
        Naming them.
    """
    require_names(columns, (*info.feature_names, *kept))
    twice = [name for name in kept if name in results or list(kept).count(name) > 1]
    if twice:
        msg = tr(
            "`{twice}` cannot be kept: a column of the result is called so already. Keep others.",
            twice=twice[0],
        )
        raise InvalidChoice(msg)
