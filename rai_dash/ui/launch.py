"""What ``rai-dash run`` becomes: Streamlit's own server, which makes ready what the first page needs while it starts.

Streamlit runs nothing of an app before the first visit: then somebody would wait for the imports and for the bundled
files, which are read in processes of their own.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Thread
from typing import Final

from rai_dash.core.faults import describe_fault

_LOG = logging.getLogger("rai_dash")
#: What the first page imports.
FIRST_PAGE: Final = (
    "rai_dash.ui.shell", "rai_dash.ui.case_story", "rai_dash.ui.doors", "rai_dash.ui.kept_card", "rai_dash.ui.loaded",
    "rai_dash.ui.model_door", "rai_dash.ui.roles_form", "rai_dash.ui.tour.door", "rai_dash.ui.upload",
)  # fmt: skip


def warm() -> None:
    """Open the case that the first visit shows and import what pages need; a fault here shows itself on the page."""
    try:
        from rai_dash.bundled import open_bundled
        from rai_dash.samples import FIRST_CASE

        # Its files are read in other processes: meanwhile this one imports.
        opened = ThreadPoolExecutor(1).submit(open_bundled, FIRST_CASE, FIRST_CASE)
        for name in FIRST_PAGE:
            import_module(name)
        from rai_dash.metrics.glossary import glossary
        from rai_dash.ui.choices import Choices
        from rai_dash.ui.profiling import known
        from rai_dash.ui.state import View

        glossary()
        view = View(opened.result(), Choices())
        view.judgement.counts()
        known.told(view)
    except Exception as error:  # noqa: BLE001 - whatever it is, the page meets it again and says it
        _LOG.warning("warming up failed: %s", describe_fault(error))


def stay_home() -> None:
    """Keep Streamlit from asking the internet for this machine's address.

    It does so when a page of another site tries to connect, to tell whether it is the machine's own. What it is told
    here is among the addresses that are allowed in any case.
    """
    from streamlit import net_util

    net_util._external_ip = "127.0.0.1"  # noqa: SLF001 - there is no option for it


def main() -> None:
    """Start the server with the arguments of ``streamlit``."""
    from streamlit.web.cli import main as streamlit

    stay_home()
    Thread(target=warm, name="rai-dash-warm", daemon=True).start()
    streamlit(prog_name="streamlit")


if __name__ == "__main__":
    main()
