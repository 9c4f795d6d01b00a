"""Every page says which words it explains, each word is explained somewhere, and the list is written out."""

from __future__ import annotations

import pytest

from rai_dash.metrics.glossary import glossary, term
from rai_dash.ui import meanings, words_box
from rai_dash.ui.shell import Page, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path.stem)
def test_a_page_names_words_that_the_glossary_has_each_once(page: Page) -> None:
    assert page.words
    assert [word for word in page.words if word not in glossary()] == []
    assert len(set(page.words)) == len(page.words)


@pytest.mark.parametrize(
    ("keys", "titles"), [(["recall"], ["Recall", "Confusion table"]), (["shap"], ["SHAP"])]
)
def test_the_letters_of_a_formula_are_explained_beside_it(keys: list[str], titles: list[str]) -> None:
    assert [one.title for one in words_box.explained(keys)] == titles


def test_a_hover_is_the_line_of_the_registry() -> None:
    assert meanings.meaning("recall") == "Of those with a favourable outcome, the share the model approves."
    assert meanings.meaning("demographic_parity") == "Largest less smallest share approved."
    assert meanings.label("fpr") == "False positive rate"


def test_words_are_listed_by_alphabet_with_formula_and_escaped() -> None:
    lines = words_box._lines([term("wilson"), term("auc"), term("recall")])

    assert [line.split(".")[0] for line in lines] == ["**AUC", "**Recall", "**Wilson interval"]
    assert lines[1].endswith("  \n:small[TP / \\(TP \\+ FN\\)]")
