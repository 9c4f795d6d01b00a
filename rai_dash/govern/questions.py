"""The questions of the Institute for Ethical AI & Machine Learning, answered by records where they can be.

Two lists of eight: its principles, and one question for each criterion of its Machine Learning Maturity Model,
which is the part of its procurement framework that names red flags. The questions are in our words; the source
and what this app cannot answer stand beside each (docs/questions.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rai_dash.core.texts import mark, tr
from rai_dash.govern._principle_answers import PRINCIPLES
from rai_dash.govern._question_facts import AnswerState, Evidence, Facts, InUse
from rai_dash.govern._red_flag_answers import RED_FLAGS

__all__ = [
    "LISTS",
    "QUESTIONS",
    "Answer",
    "AnswerState",
    "Evidence",
    "Facts",
    "InUse",
    "Question",
    "answers",
    "tally_words",
]

QuestionList = Literal["principles", "red_flags"]
LISTS: Final[Mapping[QuestionList, str]] = {
    "principles": "The eight principles",
    "red_flags": "The eight questions that point at red flags",
}
_BROKEN: Final = mark("The chain of records is broken, so these records may not be what was written.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Parameters
    ----------
    part : {"principles", "red_flags"}
        Its list.
    number : int
        In the source.
    title : str
        What the source calls it.
    ask : str
        The question, in our words.
    beyond : str
        What this app cannot answer about it.
    items : str
        Numbers of the questions in the source that it puts together; empty for a principle.
    """

    part: QuestionList
    number: int
    title: str
    ask: str
    beyond: str
    items: str = ""

    @property
    def code(self) -> str:
        """A short name: P for a principle, R for a red flag, and its number."""
        return f"{'P' if self.part == 'principles' else 'R'}{self.number}"

    @property
    def source(self) -> str:
        """Where it comes from."""
        if self.part == "principles":
            return tr("Principle {number}", number=self.number)
        return tr("Machine Learning Maturity Model 1.0, {items}", items=self.items)


def _principle(number: int, title: str, ask: str, beyond: str) -> Question:
    return Question(part="principles", number=number, title=title, ask=ask, beyond=beyond)


def _red_flag(number: int, title: str, items: str, ask: str, beyond: str) -> Question:
    return Question(part="red_flags", number=number, title=title, items=items, ask=ask, beyond=beyond)


QUESTIONS: Final = (
    _principle(
        1,
        "Human augmentation",
        "Has somebody written down what a wrong decision does to a person, and do unsure cases go to a person?",
        mark(
            "Whether the people who review have the time, the skill and the freedom to disagree with the "
            "score."
        ),
    ),
    _principle(
        2,
        "Bias evaluation",
        "Is it known, before and during use, how differently groups of people are treated?",
        mark(
            "Which difference is acceptable: that is for people to decide. Batches are watched only when "
            "somebody, or a pipeline, brings them."
        ),
    ),
    _principle(
        3,
        "Explainability by justification",
        "Can a decision be explained to the person it is about?",
        mark("Whether applicants were given the reasons, and whether the reasons helped them."),
    ),
    _principle(
        4,
        "Reproducible operations",
        "Could somebody else arrive at the same figures again?",
        mark("Training the model again: the app knows the fingerprint of a model, not how it was made."),
    ),
    _principle(
        5,
        "Displacement strategy",
        "Is it written down what changes for the people whose work the machine takes over?",
        mark("Their training, their new work, and whether anybody keeps to what was written."),
    ),
    _principle(
        6,
        "Practical accuracy",
        "Are errors measured by what they cost here, and do those who know the business agree?",
        mark("Whether the costs that were stated are the true ones."),
    ),
    _principle(
        7,
        "Trust by privacy",
        "Is it clear who may see the data of applicants, what is kept and for how long?",
        mark(
            "What applicants agreed to and were told, how complaints are answered, and what other systems "
            "keep."
        ),
    ),
    _principle(
        8,
        "Security and data risk",
        "Are data, model and records guarded against harmful files and against being changed?",
        mark("Encryption on the way and on the disk, keys, back-ups, and the security of the machine."),
    ),
    _red_flag(
        1,
        "Practical benchmarks",
        "1.1 and 1.2",
        "Is more known than the accuracy, and how sure is each number?",
        mark("How fast the lender’s own system is, what machines it needs, and who chose its suppliers."),
    ),
    _red_flag(
        2,
        "Explainability by justification",
        "2.1 and 2.3",
        "Is there a trail that people can read, and does it show how the inputs lead to a result?",
        mark("The trail of automatic decisions, which the lender’s own system has to keep."),
    ),
    _red_flag(
        3,
        "Data and model assessment",
        "3.1 and 3.3",
        "Do the data stand for the people that are decided about, and would a change be noticed?",
        mark(
            "How the data were collected. Batches are watched only when somebody, or a pipeline, brings them."
        ),
    ),
    _red_flag(
        4,
        "Reproducible operations",
        "4.1 and 4.5",
        "Is every version kept, and is there a short way back to the one before?",
        mark(
            "Putting the model itself into the lender’s system and taking it out: that system has to follow "
            "the policy."
        ),
    ),
    _red_flag(
        5,
        "Privacy",
        "5.1",
        "Can only those see the data of applicants who were given the right to?",
        mark("Who can read the same files and databases outside this app."),
    ),
    _red_flag(
        6,
        "Operational process",
        "6.1 and 6.2",
        "Does where a person looks follow from what a wrong decision does?",
        mark("Whether the right experts do the reviews."),
    ),
    _red_flag(
        7,
        "Change management",
        "7.1 and 7.5",
        "Is it brought into use in steps, with a plan for the people whose work changes?",
        mark("Training of staff, handover, and what becomes of the time that is freed."),
    ),
    _red_flag(
        8,
        "Security risks",
        "8.6 and 8.7",
        "Is access limited to those who need it, and do files and messages keep confidential things out?",
        mark("Tests of the server’s security, and the skill of those who run it."),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What can be said to a question.

    Parameters
    ----------
    question : Question
    state : AnswerState
    words : str
        A few sentences; they hold names from files as they are.
    evidence : tuple of Evidence
        What they rest on.
    """

    question: Question
    state: AnswerState
    words: str
    evidence: tuple[Evidence, ...]


def answers(facts: Facts) -> tuple[Answer, ...]:
    """Answer every question from what is known.

    Parameters
    ----------
    facts : Facts
        Nothing else is looked at.

    Returns
    -------
    tuple of Answer
        In the order of `QUESTIONS`. Where the ledger is broken no answer that rests on a record counts as answered.
    """
    return tuple(_answer(question, facts) for question in QUESTIONS)


def _answer(question: Question, facts: Facts) -> Answer:
    known = PRINCIPLES if question.part == "principles" else RED_FLAGS
    found = known[question.number](facts)
    state, words = found.state, found.words
    if facts.finding is not None and any(e.seq is not None for e in found.evidence):
        state = AnswerState.PARTLY if state is AnswerState.ANSWERED else state
        words = f"{words} {tr(_BROKEN)}"
    return Answer(question=question, state=state, words=words, evidence=found.evidence)


def tally_words(found: Sequence[Answer]) -> str:
    """Count answers by how far they go, in a line.

    Parameters
    ----------
    found : sequence of Answer
        One or more.
    """
    n = Counter(answer.state for answer in found)
    parts = [f"{n[state]} {words}" for state, words in _COUNTED.items()]
    return tr("{found} questions: {parts}.", found=len(found), parts=", ".join(parts))


_COUNTED: Final[Mapping[AnswerState, str]] = {
    AnswerState.ANSWERED: "answered",
    AnswerState.PARTLY: "in part",
    AnswerState.OPEN: "open",
    AnswerState.OUTSIDE: "outside this app",
}
