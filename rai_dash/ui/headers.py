"""Titles of the columns of tables: English in files, in the language of the reader on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from rai_dash.core.texts import mark, tr
from rai_dash.ui.text import plain

#: Any other title comes from a file.
OURS: Final = frozenset({
    mark("5 % of the copies"), mark("95 % of changes are at most"), mark("95 % of the copies"), mark("about"),
    mark("above the median"), mark("accuracy"), mark("accuracy at the threshold"), mark("adjusted p"), mark("after"),
    mark("alike"), mark("all others"), mark("among the reasons"), mark("among the reasons high"),
    mark("among the reasons low"), mark("answer"), mark("applicant"), mark("application"), mark("applications"),
    mark("approved at the threshold"), mark("approved from"), mark("approved now"), mark("approved now, rightly"),
    mark("approved now, wrongly"), mark("area"), mark("asked"), mark("at"), mark("AUC"),
    mark("AUC lost when shuffled"), mark("automatic decisions"), mark("band"), mark("before"),
    mark("below the share aimed at"), mark("best"), mark("between"), mark("blank"), mark("blank now"),
    mark("blank q"), mark("blank then"), mark("Brier"), mark("Brier, corrected"), mark("by chance"),
    mark("by it alone"), mark("candidate"), mark("candidate denominator"), mark("candidate high"),
    mark("candidate low"), mark("candidate numerator"), mark("caution"), mark("cell"), mark("change"),
    mark("change high"), mark("change low"), mark("changed share"), mark("changes"), mark("column"), mark("columns"),
    mark("compared"), mark("compared with"), mark("condition"), mark("contribution"), mark("copies each"),
    mark("cost"), mark("cost at the threshold alone"), mark("cost less that of now"), mark("data"),
    mark("decided by both"), mark("decided differently"), mark("decided now"), mark("decisions that flip"),
    mark("declined below"), mark("declined now"), mark("declined now, rightly"), mark("declined now, wrongly"),
    mark("denominator"), mark("difference"), mark("difference at the same value"), mark("difference high"),
    mark("difference in size"), mark("difference in size p (Holm)"), mark("difference low"),
    mark("differs from all others"), mark("distance"), mark("distinct"), mark("distinct, more than"), mark("error"),
    mark("Error against all"), mark("expected by chance"), mark("expected rows"), mark("favourable"),
    mark("favourable class"), mark("few rows"), mark("figure"), mark("filled"), mark("finding"), mark("first"),
    mark("flip"), mark("flip high"), mark("flip low"), mark("fnr"), mark("fpr"), mark("Friedman's H²"), mark("from"),
    mark("gap"), mark("gap high"), mark("gap low"), mark("gap undefined because"), mark("group"), mark("Harm"),
    mark("held fixed: difference"), mark("held fixed: high"), mark("held fixed: low"), mark("held fixed: ratio"),
    mark("Here"), mark("high"), mark("highest"), mark("Id"), mark("importance"), mark("in this range"),
    mark("in words"), mark("instead of"), mark("keeps the limits"), mark("kind"), mark("known outcome"),
    mark("labelled"), mark("largest"), mark("left at the same value"), mark("level"), mark("levels left out"),
    mark("levels used"), mark("LIME centred"), mark("LIME rule"), mark("LIME weight"), mark("LIME weight sd"),
    mark("line"), mark("local effects"), mark("local effects high"), mark("local effects low"), mark("low"),
    mark("lowest"), mark("lowest and highest"), mark("mean"), mark("mean contribution"), mark("mean now"),
    mark("mean score"), mark("mean score high"), mark("mean score low"), mark("mean size"), mark("mean then"),
    mark("measure"), mark("median now"), mark("median then"), mark("method"), mark("metric"),
    mark("minus the present band"), mark("model"), mark("more"), mark("most frequent"), mark("most frequent value"),
    mark("new to the model"), mark("new value"), mark("new values"), mark("newly approved"),
    mark("newly approved with a favourable outcome"), mark("newly refused"),
    mark("newly refused with a favourable outcome"), mark("no band because"), mark("no interval because"),
    mark("noise"), mark("not answered here"), mark("not tried because"), mark("now"), mark("now denominator"),
    mark("now high"), mark("now low"), mark("now numerator"), mark("npv"), mark("number"), mark("numerator"),
    mark("of"), mark("of them different"), mark("of these blank"), mark("outcome"), mark("outcome not known"),
    mark("outliers"), mark("output"), mark("overstate ×, corrected"), mark("own value"), mark("Owner"),
    mark("p (Holm)"), mark("p for all that was looked at"), mark("pairs"), mark("part high"), mark("part low"),
    mark("part of the gap"), mark("People"), mark("people"), mark("people like that"), mark("period"),
    mark("precision"), mark("Priority"), mark("Problem"), mark("promise"), mark("psi by chance"),
    mark("q-value of the column (0.000001 or more)"), mark("question"), mark("rank changes"), mark("rank now"),
    mark("rank with the candidate"), mark("ranks now"), mark("ranks with the candidate"), mark("rate"), mark("ratio"),
    mark("ratio high"), mark("ratio low"), mark("reaches the target"), mark("reason"), mark("recall"),
    mark("recall at the same share"), mark("recall at the threshold"), mark("recall gap at the same share"),
    mark("reference rows"), mark("remark"), mark("rests on"), mark("row"), mark("rows"), mark("rows missing"),
    mark("rows needed"), mark("rows now"), mark("rows then"), mark("rule"), mark("same in all levels: p"),
    mark("same value high"), mark("same value low"), mark("same value p (Holm)"), mark("score"), mark("score after"),
    mark("score before"), mark("score from"), mark("score of the candidate"), mark("score of the one used now"),
    mark("score to"), mark("scored"), mark("scores overstate ×"), mark("scoring impact ratio"), mark("scoring rate"),
    mark("sd between shuffles"), mark("second"), mark("seed"), mark("selected"), mark("selection impact ratio"),
    mark("selection rate"), mark("SHAP in"), mark("share"), mark("share above 0"), mark("share high"),
    mark("share low"), mark("share now"), mark("share of all rows"), mark("share of mean abs SHAP"),
    mark("share of the first"), mark("share of the gap"), mark("share of the largest"),
    mark("share of the test fold"), mark("share of what is left"), mark("share with the candidate"), mark("shown"),
    mark("single applicants 10 %"), mark("single applicants 90 %"), mark("size high"), mark("size in score"),
    mark("size low"), mark("smallest"), mark("source"), mark("space"), mark("standardised residual"),
    mark("stands out"), mark("start"), mark("starts from"), mark("state"), mark("stated share"), mark("statistic"),
    mark("Status"), mark("strategy"), mark("test"), mark("test fold"), mark("their value"), mark("they differ in"),
    mark("threshold"), mark("threshold of the group"), mark("title"), mark("tnr"), mark("to"), mark("to a person"),
    mark("to below"), mark("trained on"), mark("training fold"), mark("training rows as they are"),
    mark("undefined because"), mark("value"), mark("values gone"), mark("verdict"), mark("version"), mark("way"),
    mark("what"), mark("what it is"), mark("with"), mark("with a score"), mark("worst"), mark("wrong"),
    mark("wrong after the person"), mark("wrong alone"),
})  # fmt: skip


def header(title: object) -> str:
    """Return the title of a column as it is shown."""
    return tr(title) if isinstance(title, str) and title in OURS else plain(str(title))


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with titles as they are shown."""
    return frame.rename(columns={title: header(title) for title in frame.columns})


def settings(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of columns by their titles as they are shown."""
    return {header(title): setting for title, setting in columns.items()}
