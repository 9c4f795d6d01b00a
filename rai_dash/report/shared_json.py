"""What the JSON of explanations, decisions, lists and drivers has in common."""

from __future__ import annotations

from dataclasses import asdict

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_text
from rai_dash.models.client import Model


def check_threshold(threshold: float) -> None:
    """Refuse what is no threshold.

    Raises
    ------
    InvalidChoice
        With what to do.
    """
    if not 0.0 <= threshold <= 1.0:
        msg = tr(
            "A threshold lies between 0 and 1, got {threshold}. Give for example 0.5.",
            threshold=f"{threshold:g}",
        )
        raise InvalidChoice(msg)


def heading(
    schema: str, dataset: Dataset, model: Model, reference: Dataset, reference_rows: int
) -> dict[str, object]:
    """Name data, model and reference rows with their fingerprints."""
    return {
        "schema": schema,
        "data": {"name": dataset.name, "rows": dataset.n_rows, "fingerprint": dataset.fingerprint},
        "model": {
            "format": model.info.format,
            "fingerprint": model.info.fingerprint,
            "favourable_class": model.model_class,
        },
        "background": {
            "name": reference.name,
            "rows": reference_rows,
            "of": reference.n_rows,
            "fingerprint": reference.fingerprint,
        },
    }


def id_of(dataset: Dataset, row: int) -> str | None:
    """Return the id of a row as text; None where no column is named as the id."""
    name = dataset.roles.id
    return None if name is None else label_text(dataset.frame[name].iloc[row])


def notice_json(notice: Notice) -> dict[str, object]:
    """Write what is known of a notice."""
    return {k: v for k, v in asdict(notice).items() if v is not None}
