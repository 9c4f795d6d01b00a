from __future__ import annotations

import requests

from rai_dash.ui.launch import stay_home


def test_a_page_of_another_site_is_refused_without_a_question_to_the_internet(monkeypatch):
    from streamlit import net_util
    from streamlit.web.server.server_util import is_url_from_allowed_origins

    asked = []
    monkeypatch.setattr(requests, "get", lambda url, **_: asked.append(url))
    monkeypatch.setattr(net_util, "_external_ip", None)

    # As Streamlit comes: it asks.
    assert not is_url_from_allowed_origins("https://evil.example")
    before, asked[:] = list(asked), []
    stay_home()

    assert not is_url_from_allowed_origins("https://evil.example")
    assert is_url_from_allowed_origins("http://localhost:8501")
    assert (len(before) > 0, asked) == (True, [])
