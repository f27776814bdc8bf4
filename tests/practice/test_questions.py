"""The bank: every file is complete, its link opens the lab as it says, and the lab bears out its claim."""

import ast
import functools
import io
import re

import numpy as np
import pandas as pd
import pytest

from pages.practice.questions import LEVELS, Question, all_questions, load, topics
from pages.practice.words import SYNONYMS, finds, plain, synonyms
from pages.ui.lab import load as load_lab
from tests.pages.visit import LABS, SECTIONS, bound, players, problems, seen, tables, visit
from tests.prose import said_in_time, stumbles, words

QUESTIONS = all_questions()
DEPTHS = [*SECTIONS[:2], "In the lab", *SECTIONS[2:]]  # what is said, then the evidence for it
TOPICS = {
    "Fitting and validating",
    "Linear models",
    "Metrics and decisions",
    "Optimisation",
    "Neural networks",
    "Transformers",
}
MAY_IMPORT = ("mlcore.", "numpy.", "pages.ui.data.", "sklearn.datasets.")  # what a claim may
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def settings(question: Question) -> dict[str, str | list[str]]:
    """The link's settings, as `visit` takes them."""
    found: dict[str, list[str]] = {}
    for key, value in question.query:
        found.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


@functools.cache
def lab_at(name: str):
    """The lab as the question's link opens it."""
    question = load(name)
    return visit(question.lab, settings(question))


def frames(question: Question) -> dict[str, object]:
    """What the lab's charts show there, by the titles under which the lab offers them."""
    files = tables(question.lab, settings(question))
    titles = lab_at(question.name).session_state[f"_{load_lab(question.lab).prefix}_closing"]["data"]
    csv = {title: files[f"{question.lab}_{title.lower().replace(' ', '_')}.csv"] for title in titles}
    return {title: pd.read_csv(io.BytesIO(text)) for title, text in csv.items()}


def test_the_bank_is_there_and_no_two_questions_share_what_tells_them_apart():
    assert len(QUESTIONS) >= 30
    for trait in ("name", "number", "question", "prediction", "claim"):
        assert len({getattr(question, trait) for question in QUESTIONS}) == len(QUESTIONS), trait
    assert [question.number for question in QUESTIONS] == sorted(question.number for question in QUESTIONS)
    assert set(topics()) == TOPICS
    assert {question.lab for question in QUESTIONS} == {lab.name for lab in LABS}
    assert {question.level for question in QUESTIONS} == set(LEVELS)


@each_question
def test_a_file_is_complete(question):
    assert re.fullmatch(r"[a-z0-9_]{1,80}", question.name)
    assert question.level in LEVELS
    assert question.topic in TOPICS
    assert 2 <= len(question.options) <= 4
    assert len(set(question.options)) == len(question.options)
    assert all(0 < len(option) <= 60 for option in question.options)
    assert question.right in question.options
    assert question.question[-1] in "?."
    assert question.prediction[-1] in "?…" or "?" in question.prediction  # asked, or to be completed
    assert 4 <= len(question.points) <= 6
    assert [point for point in question.points if words(point) > 15] == []


@each_question
def test_every_depth_of_answer_is_there(question):
    assert list(question.sections) == DEPTHS
    assert all(words(text) >= 20 for text in question.sections.values())
    assert "$$" in question.sections["On the whiteboard"]
    followups = re.findall(r"^\*\*(Entry|Mid|Senior)\. .+\?\*\* \S", question.sections["Follow-ups"], re.MULTILINE)
    assert 3 <= len(followups) <= 6
    assert len(followups) == question.sections["Follow-ups"].strip().count("\n\n") + 1
    wrong, why = re.match(
        r"\*\*[“\"](.+?)[”\"]\*\* (.+)", question.sections["The common wrong answer"].strip(), re.DOTALL
    ).groups()
    assert words(wrong) >= 4
    assert words(why) >= 20


@each_question
def test_the_spoken_answers_can_be_said_in_their_time(question):
    """And the numbers of the lab stand apart from them."""
    assert said_in_time(question.sections) == []
    assert not any(re.search(r"\b(?:the|this|our) (?:lab|experiment)\b", question.sections[d]) for d in DEPTHS[:2])


@each_question
def test_a_reader_is_not_stopped(question):
    assert (
        stumbles("\n\n".join((*question.sections.values(), question.question, question.prediction, *question.points)))
        == []
    )


@each_question
def test_no_formula_or_emphasis_is_left_open(question):
    for text in (*question.sections.values(), question.prediction, *question.points, *question.options):
        assert re.sub(r"\\\$", "", text).count("$") % 2 == 0
        prose = re.sub(r"\$\$.+?\$\$|\$[^$]+\$|`[^`]+`", "", text, flags=re.DOTALL)
        assert prose.count("**") % 2 == 0, prose
        assert not re.search(r"</?\w+>|:red\[|javascript:|https?:", prose)


@each_question
def test_the_link_opens_the_lab_as_it_says(question):
    at = lab_at(question.name)
    assert problems(at) == []
    assert not at.warning
    said = settings(question)
    player = {f"{found['charts']}_frame": found["frame"] for found in players(at)}
    for key, value in said.items():
        assert key in bound(at) or str(player.get(key)) == value, key


@each_question
def test_the_lab_bears_out_the_claim(question):
    tree = ast.parse(question.claim)
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert named & {"state", "tables", "seen"}, "a claim is about what the lab shows"
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    given = [node.value for node in assigned if getattr(node.targets[0], "id", "") == "answer"]
    assert given
    assert not all(isinstance(value, ast.Constant) for value in given), "an answer is computed"
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if not f"{name}.".startswith(MAY_IMPORT)} == set()
    at = lab_at(question.name)
    names = {
        "state": {key: at.session_state[key] for key in bound(at)},
        "tables": frames(question),
        "seen": seen(at),
        "np": np,
        "pd": pd,
    }
    exec(compile(tree, f"the claim of {question.name}", "exec"), names)
    assert names["answer"] == question.right


def test_a_search_finds_all_its_words_wherever_they_stand():
    question = QUESTIONS[0]
    first, *_ = question.sections["In practice"].split()
    assert question.matches("")
    assert question.matches(f"{question.topic.upper()} {first}")
    assert not question.matches("no_such_word")
    assert not question.matches(f"{first} no_such_word")


def found(search):
    return {question.name for question in QUESTIONS if question.matches(search)}


@pytest.mark.parametrize(
    "spellings",
    [
        ("regularisation", "regularization", "Regularize", "regulariser"),
        ("optimiser", "optimizer", "optimizers"),
        ("standardise", "standardize", "standardizing"),
        ("neighbours", "neighbors", "neighbour"),
        ("behaviour", "behavior"),
        ("centring", "centering"),
        ("labelled", "labeled"),
        ("learnt", "learned"),
        ("bias–variance trade-off", "bias variance tradeoff"),
        ("L1 or L2", "l1 vs. l2", "L1 versus L2"),
    ],
)
def test_a_search_finds_every_spelling(spellings):
    first, *others = (found(spelling) for spelling in spellings)
    assert first
    assert all(other == first for other in others)


def test_a_search_finds_what_means_the_same():
    table = synonyms()
    phrases = [phrase for line in SYNONYMS.read_text("utf-8").splitlines() for phrase in line.split(", ")]
    assert len(phrases) == len(table), "a phrase belongs to one group"
    for same in set(table.values()):
        ((*names,),) = {tuple(sorted(found(phrase))) for phrase in table if table[phrase] == same}
        assert names, f"no question has any of {same}"
    for search, name in {
        "AUROC": "auc_as_probability",
        "weight decay": "l1_or_l2",
        "sensitivity": "precision_recall_f1",
        "SGD noise": "batch_or_stochastic",
        "BN eval": "batch_or_layer_norm",
        "LOOCV bias": "k_fold",
        "RMSNorm": "batch_or_layer_norm",
        "focal loss": "class_imbalance",
        "Laplace prior": "l1_or_l2",
        "pre-norm": "vanishing_gradients",
        "quadratic attention": "attention_scaling_and_mask",
    }.items():
        assert name in found(search), search


def test_a_short_synonym_is_no_part_of_another_word():
    assert not finds("CV", plain("received"))
    assert finds("CV", plain("nested cross-validation"))
    assert finds("recall", plain("the sensitivity"))
    assert not finds("recall curve", plain("the sensitivity"))
