"""The drawing library, here or in a process of its own: it holds Python's lock while it draws, and 80 MB afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any, Final, Literal

from rai_dash.core.errors import WorkerFailed

Form = Literal["svg", "png"]
#: So many processes draw at once, each about 150 MB; the next ones wait.
_TURNS: Final = threading.Semaphore(2)
#: Seconds after which a picture is given up.
_PATIENCE: Final = 60


def draw(spec: dict[str, Any], form: Form, scale: float = 1.0) -> bytes:
    """Draw a whole Vega or Vega-Lite specification, in this process.

    Parameters
    ----------
    spec : dict
        With its data; what lies at another address is not fetched.
    form : {'svg', 'png'}
        What comes out, as bytes.
    scale : float
        Points a pixel of a PNG.

    Raises
    ------
    ValueError
        The specification is none, or asks for data of another address.
    """
    import vl_convert as vl

    is_vega = "/vega/" in str(spec["$schema"])
    if form == "png":
        paint = vl.vega_to_png if is_vega else vl.vegalite_to_png
        return paint(spec, scale=scale, allowed_base_urls=[])
    write = vl.vega_to_svg if is_vega else vl.vegalite_to_svg
    return write(spec, allowed_base_urls=[]).encode()


def draw_apart(spec: dict[str, Any], form: Form, scale: float = 1.0) -> bytes:
    """Draw as `draw` does, in a process of its own, so that other people's pages go on meanwhile.

    Raises
    ------
    WorkerFailed
        The process gave no picture.
    """
    from rai_dash.sandbox.spawn import child_environment, scratch_folder

    order = json.dumps({"spec": spec, "form": form, "scale": scale}).encode()
    msg = "The picture could not be drawn. Try again; the numbers are in the table."
    with _TURNS:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "rai_dash.charts.drawing"],
                input=order, capture_output=True, timeout=_PATIENCE, check=True,
                env=child_environment(), cwd=scratch_folder(),
            )  # fmt: skip
        except (subprocess.SubprocessError, OSError) as error:
            raise WorkerFailed(msg, code="picture_failed") from error
    return done.stdout


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(**json.load(sys.stdin)))
