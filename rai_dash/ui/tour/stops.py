"""The eight chapters of the tour and their stops: on which page, with which controls, and what to look at there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One question: how the bundled story is told, and how any other case is asked."""

    told: str
    asked: str


CHAPTERS: Final = (
    Chapter(told=mark("Accurate, so ready?"), asked=mark("How often is it right?")),
    Chapter(told=mark("Production is a disaster"), asked=mark("Does it hold on newer data?")),
    Chapter(told=mark("What the data hid"), asked=mark("What do the data hide?")),
    Chapter(
        told=mark("What rebalancing can and cannot do"), asked=mark("What can rebalancing do, and what not?")
    ),
    Chapter(told=mark("What the model uses"), asked=mark("What does the model use?")),
    Chapter(told=mark("Whom it fails"), asked=mark("Whom does it fail?")),
    Chapter(told=mark("Who decides"), asked=mark("Who decides?")),
    Chapter(told=mark("Signed and watched"), asked=mark("Is it signed, and is it watched?")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One view of a page.

    Parameters
    ----------
    key : str
        Its short name in the address.
    chapter : int
        From 1.
    page : str
        File of the page, without its ending.
    spot : str
        What is marked there, see `rai_dash.ui.tour.spots`.
    data : str
        Which data are looked at: ``past``, ``fresh`` or ``judged``, see `rai_dash.ui.tour.cast.Cast`.
    model : str
        ``first`` or ``second``.
    needs : tuple of str
        What there has to be: ``outcome``, ``scores``, ``groups`` of the data, ``fresh`` data, a ``model``, a
        ``second`` one.
    controls : mapping of str to object
        Choices that it sets besides data and model.
    look : str
        What to look at.
    beware : str
        What must not be concluded from it.
    """

    key: str
    chapter: int
    page: str
    spot: str
    data: str
    needs: tuple[str, ...]
    look: str
    beware: str
    model: str = "first"
    controls: Mapping[str, object]


STOPS: Final = (
    Stop(
        key="accuracy", chapter=1, page="performance", spot="accuracy", data="past", controls={},
        needs=("outcome", "scores"),
        look=mark("the accuracy, beside what refusing everyone would reach"),
        beware=mark("An accuracy does not say who is wrongly refused."),
    ),
    Stop(
        key="production", chapter=2, page="performance", spot="accuracy", data="fresh", controls={},
        needs=("fresh", "outcome", "scores"),
        look=mark("the same figures on the newer data, and how wide their intervals are"),
        beware=mark("These figures alone do not say why."),
    ),
    Stop(
        key="lower", chapter=2, page="performance", spot="threshold", data="fresh",
        controls={"threshold": 0.05}, needs=("fresh", "outcome", "scores"),
        look=mark("the threshold, and what it moves; pull it yourself"),
        beware=mark("A threshold picked on the rows it is judged on flatters itself."),
    ),
    Stop(
        key="shift", chapter=3, page="shift", spot="prior", data="past", controls={},
        needs=("fresh", "outcome"),
        look=mark("the share of favourable outcomes then and now"),
        beware=mark("That it moved does not say what moved it, or that it will stay."),
    ),
    Stop(
        key="imbalance", chapter=3, page="data", spot="imbalance", data="past", controls={"lens": "imbalance"},
        needs=("outcome", "groups"),
        look=mark("how many rows there are to learn from in every group"),
        beware=mark("A difference before any model is not a finding about the model."),
    ),
    Stop(
        key="rebalance", chapter=4, page="rebalance", spot="fold", data="past",
        controls={"tried": "", "seeds": 1}, needs=("outcome",),
        look=mark("the bars that grow; Train and compare below tells what it does"),
        beware=mark("Whether it helps anybody is only known on rows that nobody touched."),
    ),
    Stop(
        key="drivers", chapter=5, page="drivers", spot="drivers", data="judged", controls={},
        needs=("scores", "model"),
        look=mark("which columns move the scores most, and whether a sensitive one is among them"),
        beware=mark("What moves a score is not what makes somebody pay back."),
    ),
    Stop(
        key="groups", chapter=6, page="fairness", spot="gap", data="judged",
        controls={"metric": "recall", "shown": "recall"},
        needs=("outcome", "scores", "groups"),
        look=mark("the share approved of those who should be, group by group"),
        beware=mark("No single rate settles whether it is fair."),
    ),
    Stop(
        key="second", chapter=6, page="fairness", spot="gap", data="judged", model="second",
        controls={"metric": "recall", "shown": "recall"}, needs=("outcome", "scores", "groups", "second"),
        look=mark("the same people, decided by the other model"),
        beware=mark("One rate that is close does not mean that all are: choose another under Judge by."),
    ),
    Stop(
        key="band", chapter=7, page="review_band", spot="band", data="judged", model="second", controls={},
        needs=("scores",),
        look=mark("the grey part: a person decides there; pull its ends"),
        beware=mark("How well people decide is an assumption of the page, not a measurement."),
    ),
    Stop(
        key="sign", chapter=8, page="sign_off", spot="signature", data="judged", model="second", controls={},
        needs=("scores",),
        look=mark("where it stands, and who has to do what next"),
        beware=mark("A signature says who answers for it, not that it is right."),
    ),
    Stop(
        key="watch", chapter=8, page="monitor", spot="watch", data="judged", model="second", controls={},
        needs=("scores", "fresh"),
        look=mark("each mark beside the pale bar in which it should lie"),
        beware=mark("A line on few rows cannot say that all is well."),
    ),
)  # fmt: skip
BY_KEY: Final[Mapping[str, Stop]] = {stop.key: stop for stop in STOPS}
