"""Explaining as one pure function from a batch of rows to a batch of contributions, here or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.plain import plain_batch
from rai_dash.explain._base import Reference, Subject
from rai_dash.explain.routing import Prepared, attribute, check_question
from rai_dash.models._base import NativeModel

#: Rows of a batch: as many as the tree kernel takes at a time.
BATCH_ROWS: Final = 51_200
BASE, OUTPUT, ERROR = "base", "output", "additivity_error"


def shap_column(name: str) -> str:
    """Return what the column with the contributions of a column is called."""
    return f"shap: {name}"


def result_columns(players: Sequence[str]) -> list[str]:
    """Name the columns of results."""
    return [BASE, OUTPUT, ERROR, *map(shap_column, players)]


@dataclass(frozen=True, kw_only=True, eq=False)
class RowQuestion:
    """What is asked of every row of a table, prepared once.

    Parameters
    ----------
    subject : Subject
        The model, with columns that count as one.
    reference : Reference
        Who each row is compared with.
    favourable_index : int
        Which class is favourable, 0 or 1.
    space, perturbation : str
        As for `rai_dash.explain.client.shap_values`.
    """

    subject: Subject
    reference: Reference
    favourable_index: int
    space: str
    perturbation: str
    prepared: Prepared = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, model: NativeModel, reference: pd.DataFrame, asked: dict[str, Any]) -> RowQuestion:
        """Read a question from plain values: those of `rai_dash.explain.ops.ask_all`."""
        blocks = tuple(tuple(block) for block in asked["blocks"])
        return cls(
            subject=Subject(model, blocks),
            reference=Reference(frame=reference, limit=asked["limit"], seed=asked["seed"]),
            favourable_index=asked["favourable_index"],
            space=asked["space"],
            perturbation=asked["perturbation"],
        )

    def answer_form(self) -> dict[str, Any]:
        """Prepare, and return what holds for every row: names, space, method, reference rows used.

        Raises
        ------
        UnsupportedModel
            When a row would need many calls of the model: such a model is explained on a sample.
        InvalidChoice
            When the question has no answer.
        """
        check_question(self.reference, self.space, self.perturbation)
        first = self.reference.frame.head(1)
        found, notices = attribute(
            self.subject,
            first,
            self.reference,
            space=self.space,
            perturbation=self.perturbation,
            prepared=self.prepared,
        )
        if not found.exact.all():
            msg = tr(
                "This model is explained by asking it many times for each row, which a whole portfolio "
                "does not bear ({methods}). Explain a sample: `rai-dash explain` with --rows, or --all "
                "on a smaller table.",
                methods=found.methods[0],
            )
            raise UnsupportedModel(msg)
        return {
            "players": list(self.subject.players.names),
            "space": found.space,
            "method": found.methods[0],
            "background_rows": found.background_rows,
            "notices": [notice.message for notice in notices],
        }


def explain_batch(batch: pa.RecordBatch, question: RowQuestion, form: dict[str, Any]) -> pa.RecordBatch:
    """Explain a batch of rows.

    Parameters
    ----------
    batch : RecordBatch (n, …)
        Columns are taken by name.
    question : RowQuestion
        Prepared once, used for every batch.
    form : dict
        Its `RowQuestion.answer_form`.

    Returns
    -------
    RecordBatch (n, 3 + players)
        ``base``, ``output``, ``additivity_error`` and ``shap: NAME`` for each column of the model, float64, for the
        favourable outcome. In the order of the rows.

    Raises
    ------
    UnsupportedModel
        When a row cannot be explained in the space and by the method of the others.
    """
    if not batch.num_rows:
        names = result_columns(form["players"])
        return pa.RecordBatch.from_arrays([pa.array([], pa.float64()) for _ in names], names=names)
    found, _ = attribute(
        question.subject,
        plain_batch(batch, question.subject.names),
        question.reference,
        space=question.space,
        perturbation=question.perturbation,
        prepared=question.prepared,
    )
    if found.space != form["space"] or set(found.methods) != {form["method"]}:
        msg = tr(
            "Some rows cannot be explained like the others ({method}, in {space}): the model gives them "
            "no finite log-odds, or its trees are left. Explain a table without them, or a sample.",
            method=form["method"],
            space=form["space"],
        )
        raise UnsupportedModel(msg)
    turned = found.turned(question.favourable_index)
    columns = [turned.base, turned.output, found.additivity_error, *np.ascontiguousarray(turned.values.T)]
    return pa.RecordBatch.from_arrays(list(map(pa.array, columns)), names=result_columns(form["players"]))
