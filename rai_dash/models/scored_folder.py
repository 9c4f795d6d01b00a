"""A folder that a scoring job wrote, put beside the table that it is of."""

from __future__ import annotations

from pathlib import Path

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.folder import read_manifest, read_mark
from rai_dash.data.portfolio.jobs.plan import content_hash
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.models.client import Model
from rai_dash.models.portfolio_scores import file_engine, scoring_of, with_scores


def with_scores_of(portfolio: Portfolio, model: Model, folder: Path) -> Portfolio:
    """Open a table with the scores beside it that ``rai-dash score`` wrote; nothing is scored.

    Parameters
    ----------
    portfolio : Portfolio
        A table of files; they are read once more to be sure that the scores are of these very rows.
    model : Model
        Matched to its columns.
    folder : Path
        What the job wrote.

    Raises
    ------
    InvalidChoice
        When the folder is not finished, or holds scores of another table or model.
    """
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("job") != "score":
        msg = tr(
            "`{folder}` holds no finished scores. Run `rai-dash score` to its end, or leave out --scores.",
            folder=folder.name,
        )
        raise InvalidChoice(msg, code="no_scores")
    place, given, pair = file_engine(portfolio).place, manifest.get("model") or {}, scoring_of(model)
    if (given.get("fingerprint"), given.get("favourable")) != (pair.model, pair.favourable):
        msg = tr(
            "The scores in `{folder}` are of another model, or of another class of it. Score the table "
            "with this model, or leave out --scores.",
            folder=folder.name,
        )
        raise InvalidChoice(msg, code="other_model")
    files = [[part.name, content_hash(path)] for part, path in zip(place.parts, place.paths, strict=True)]
    if (manifest.get("input") or {}).get("sha256") != fingerprint_value(files):
        msg = tr(
            "The scores in `{folder}` are of another table. Score this one, or leave out --scores.",
            folder=folder.name,
        )
        raise InvalidChoice(msg, code="other_table")
    for part in manifest.get("parts", ()):
        mark = read_mark(folder / str(part["name"]))
        if mark is None or mark.get("model") != given:
            msg = tr(
                "`{name}` in `{folder}` is missing or of another job. Run `rai-dash score` again.",
                name=part["name"],
                folder=folder.name,
            )
            raise InvalidChoice(msg, code="no_scores")
    return with_scores(portfolio, folder, pair)
