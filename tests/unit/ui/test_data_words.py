from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.core.memo import Memo
from rai_dash.core.types import Roles
from rai_dash.data.associations import associations
from rai_dash.data.dataset import Dataset
from rai_dash.ui.data_words import partner_finding


def said(frame: pd.DataFrame) -> str:
    roles = Roles(target="approved", favourable=("yes",), sensitive=("gender",))
    dataset = Dataset(frame=frame, roles=roles, fingerprint="x")
    columns = [*frame.columns]
    return partner_finding(dataset, associations(frame, columns), len(columns), Memo()).replace("\\", "")


def noise(n: int, columns: int) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(n, columns)), columns=[f"c{i}" for i in range(columns)])
    frame["gender"] = rng.choice(["female", "male"], n)
    frame["approved"] = rng.choice(["yes", "no"], n)
    return frame


def test_the_strongest_of_many_columns_of_noise_is_not_told_as_a_finding():
    text = said(noise(300, 60))

    assert text.count("no more than the strongest of 61 unrelated columns may by chance") == 2
    assert "stand in for it" not in text


def test_a_column_that_gives_gender_away_is_told_with_the_warning():
    frame = noise(300, 60)
    frame["c7"] = (frame["gender"] == "male") + np.random.default_rng(6).normal(size=300)

    text = said(frame)

    assert "**gender** goes most with **c7** (correlation ratio" in text
    assert text.count("by chance") == 1
    assert "stand in for it" in text
