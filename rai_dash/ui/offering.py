"""A file to download: made on the click, and only for somebody who is still signed in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rai_dash.ui import identity
from rai_dash.ui.text import file_name


def file_button(
    label: str,
    name: str,
    mime: str,
    make: Callable[[], bytes | str],
    *,
    key: str,
    icon: str = ":material/download:",
    meaning: str | None = None,
    disabled: bool = False,
) -> None:
    """Offer a file; the click runs no page.

    Parameters
    ----------
    label : str
        What it is; Markdown.
    name : str
        Of the file, with its ending; what no file system takes is replaced.
    mime : str
        Its media type.
    make : callable
        Returns the content, in English; called on the click.
    key : str
        Unique on the page.
    icon : str, optional
        Beside the label.
    meaning : str, optional
        Shown on hover.
    disabled : bool
        It cannot be had now.
    """
    st.download_button(
        label,
        data=identity.while_signed_in(make),
        file_name=file_name(name),
        mime=mime,
        on_click="ignore",
        icon=icon,
        key=key,
        help=meaning,
        disabled=disabled,
    )
