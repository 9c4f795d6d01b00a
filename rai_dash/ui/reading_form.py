"""The form in which a user says how a file is to be read, where the guess was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.words import written
from rai_dash.data.options import DECIMAL_MARKS, ENCODINGS, SEPARATORS, ReadOptions
from rai_dash.ui.text import plain

_GUESS = ""
_SEPARATOR_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": mark("bar |"), " ": "blanks"}
_DECIMAL_WORDS = {".": mark("point: 1,234.5"), ",": mark("comma: 1.234,5")}
_HEADER_WORDS = {True: mark("the names of the columns"), False: mark("the first applicant")}


def reading_form(
    key: str,
    options: ReadOptions,
    *,
    parts: Sequence[str] = (),
    frame: pd.DataFrame | None = None,
    suggested: Mapping[str, Mapping[str, int]] | None = None,
) -> ReadOptions | None:
    """Show the form; return the options when they are confirmed, None until then.

    Parameters
    ----------
    key : str
        Tells the forms of one page apart.
    options : ReadOptions
        How the file was read so far.
    parts : sequence of str
        Sheets of the workbook or files of the archive.
    frame : DataFrame, optional
        What came out so far; without it there are no columns to choose from.
    suggested : mapping of str to mapping of str to int, optional
        Values that may mean "missing", with their rows, by column; see `missing_suggestions`.
    """
    with st.form(f"reading_{key}", border=False):
        part = _one(tr("Sheet or file"), parts, options.part, key=f"part_{key}") if parts else options.part
        left, middle, right = st.columns(3)
        with left:
            separator = _one(
                tr("Between the cells"), SEPARATORS, options.separator, all_of(_SEPARATOR_WORDS), f"sep_{key}"
            )
            decimal = _one(
                tr("Decimal mark"), DECIMAL_MARKS, options.decimal, all_of(_DECIMAL_WORDS), f"dec_{key}"
            )
        with middle:
            header = _header(options, key)
            skip = _skip(options, key)
        with right:
            encoding = _one(tr("Encoding"), ENCODINGS, options.encoding, key=f"enc_{key}")
        missing = options.missing if suggested is None else _missing(suggested, options, key)
        text = options.text if frame is None else _text(frame, options, key)
        confirmed = st.form_submit_button(
            tr("Read it this way"), icon=":material/refresh:", key=f"read_{key}"
        )
    if not confirmed:
        return None
    return ReadOptions(
        part=part,
        encoding=encoding,
        separator=separator,
        decimal=decimal,
        header=header,
        skip_lines=skip,
        names=options.names if header is False else (),
        missing=missing,
        text=text,
    )


def _one(
    label: str,
    choices: Sequence[str],
    value: str | None,
    words: Mapping[str, str] | None = None,
    key: str = "",
) -> str | None:
    options = [_GUESS, *choices]
    picked = st.selectbox(
        label,
        options,
        index=options.index(value) if value in options else 0,
        format_func=lambda c: plain((words or {}).get(c, c)) if c else tr("as guessed"),
        key=key,
    )
    return picked or None


def _header(options: ReadOptions, key: str) -> bool | None:
    choices = [None, True, False]
    return st.selectbox(
        tr("The first row is"),
        choices,
        index=choices.index(options.header),
        format_func=lambda c: tr("as guessed") if c is None else tr(_HEADER_WORDS[c]),
        key=f"header_{key}",
    )


def _skip(options: ReadOptions, key: str) -> int | None:
    written = st.text_input(
        tr("Lines to skip above it"),
        "" if options.skip_lines is None else str(options.skip_lines),
        placeholder=tr("as guessed"),
        key=f"skip_{key}",
    ).strip()
    if not written:
        return None
    if not written.isdecimal() or len(written) > 6:
        msg = f"`{written}` is no number of lines to skip. Write 0, 1, 2, … or leave it empty."
        raise InvalidChoice(msg)
    return int(written)


def _missing(
    suggested: Mapping[str, Mapping[str, int]], options: ReadOptions, key: str
) -> dict[str, tuple[str, ...]]:
    """Offer the values that look like "missing", and those that were chosen before."""
    rows = {(c, v): n for c, values in suggested.items() for v, n in values.items()}
    chosen = [(c, v) for c, values in options.missing.items() for v in values]
    offered = list(dict.fromkeys([*chosen, *rows]))
    if not offered:
        return {}
    picked = st.multiselect(
        tr("These mean “missing”, not a value"),
        offered,
        default=chosen,
        format_func=lambda p: _pair_words(p, rows.get(p)),
        key=f"missing_{key}",
    )
    out: dict[str, tuple[str, ...]] = {}
    for column, value in picked:
        out[column] = (*out.get(column, ()), value)
    return out


def _pair_words(pair: tuple[str, str], rows: int | None) -> str:
    column, value = pair
    count = (
        ""
        if rows is None
        else tr(" ({rows} rows)", rows=written(f"{rows:,}"))
        if rows != 1
        else tr(" (1 row)")
    )
    return f"{plain(column, limit=40)}: {plain(value, limit=30)}{count}"


def _text(frame: pd.DataFrame, options: ReadOptions, key: str) -> tuple[str, ...]:
    columns = [str(c) for c in frame.columns]
    offered = [c for c in columns if c in options.text or frame[c].dtype.kind in "if"]
    return tuple(
        st.multiselect(
            tr("Numbers that are codes, to be kept as text"),
            offered,
            default=[c for c in options.text if c in columns],
            format_func=plain,
            key=f"text_{key}",
        )
    )
