"""What ``rai-dash run`` becomes: Streamlit's own server, which makes ready what the first page needs while it starts.

Streamlit runs nothing of an app before the first visit: then somebody would wait for the imports and for the bundled
files, which are read in processes of their own.
"""

from __future__ import annotations

import logging
from threading import Thread

from rai_dash.core.faults import describe_fault

_LOG = logging.getLogger("rai_dash")


def warm() -> None:
    """Import what pages need and open the case that the first visit shows; a fault here shows itself on the page."""
    try:
        import rai_dash.ui.shell  # noqa: F401
        from rai_dash.bundled import open_bundled
        from rai_dash.ui.state import DEFAULT_CASE

        judgement = open_bundled(DEFAULT_CASE, DEFAULT_CASE).judge("", "")
        judgement.counts()
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
