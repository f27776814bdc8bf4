"""Every challenge: its reference passes, each known mistake is told as such, the file to take home agrees."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from pages.practice import outcome as ended
from pages.practice.challenge import all_challenges
from pages.practice.compare import difference
from pages.practice.grading import REMEMBERS, RENAMED, answer_of, calls, grade, told_by
from pages.practice.outcome import Answer, Fault, Outcome
from pages.practice.take_home import take_home
from tests.practice.take_home_file import passes
from tests.prose import stumbles

ROOT = Path(__file__).parents[2]
CHALLENGES = all_challenges()
each = pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda challenge: challenge.name)
each_mistake = pytest.mark.parametrize(
    ("challenge", "mistake"),
    [(challenge, mistake) for challenge in CHALLENGES for mistake in challenge.mistakes],
    ids=lambda part: getattr(part, "name", None) or next(iter(part.values())).__name__,
)


def handed_in(challenge, program):
    """What comes of a program made of our own functions."""
    return Outcome(ended.FINISHED, tuple(answer_of(program, call) for call in calls(challenge)))


@each
def test_the_reference_passes(challenge):
    report = grade(challenge, handed_in(challenge, challenge.reference))
    assert [(result.name, result.says) for result in report.results if not result.passed] == []
    assert report.solved


@each_mistake
def test_a_known_mistake_is_told_as_such(challenge, mistake):
    report = grade(challenge, handed_in(challenge, {**challenge.reference, **mistake}))
    assert not report.solved
    assert report.diagnosis == told_by(mistake)


@each
def test_mistakes_differ_and_are_many(challenge):
    told = {(next(iter(mistake.values())).__name__, told_by(mistake)) for mistake in challenge.mistakes}
    assert all(len(says) > 20 for _, says in told)
    assert len({says for _, says in told}) == len(told) >= 6  # the same mistake with another constant is told alike


@pytest.mark.parametrize(("power", "says"), [(1, "2 times as much"), (2, "")])
def test_a_factor_is_named_if_all_entries_have_it(power, says):
    challenge = next(challenge for challenge in CHALLENGES if challenge.name == "softmax")
    wrong = {"softmax": lambda x: 2 * challenge.reference["softmax"](x) ** power}
    first = grade(challenge, handed_in(challenge, wrong)).results[0].says
    assert ("times" in first) == bool(says)
    assert says in first


def diagnosis(name, **wrong):
    """What is said of a reference with some functions replaced, and what the known mistakes are told."""
    challenge = next(challenge for challenge in CHALLENGES if challenge.name == name)
    report = grade(challenge, handed_in(challenge, {**challenge.reference, **wrong}))
    return report.diagnosis, {next(iter(mistake.values())).__name__: told_by(mistake) for mistake in challenge.mistakes}


def test_a_mistake_that_is_right_where_the_program_errs_is_not_told():
    softmax = next(challenge for challenge in CHALLENGES if challenge.name == "softmax").reference["softmax"]
    says, known = diagnosis("softmax", softmax=lambda x: softmax(x) / (1 + 1e-8))  # the overflow of others is not its
    assert says not in known.values()


def test_the_first_wrong_answer_is_explained_not_a_consequence():
    module = next(challenge for challenge in CHALLENGES if challenge.name == "logistic_regression").module
    says, known = diagnosis("logistic_regression", fit=module.fit_of_the_sum)
    assert says == known["fit_of_the_sum"]
    says, known = diagnosis("logistic_regression", gradient=lambda *_: (np.zeros(2), 7.0), fit=module.fit_of_the_sum)
    assert says.startswith("gradient: six samples")


@each
def test_a_forgotten_return_is_caught(challenge):
    silent = {name: lambda *_: None for name in challenge.reference}
    report = grade(challenge, handed_in(challenge, silent))
    assert not report.solved
    assert "return" in report.diagnosis


@each
def test_the_starter_defines_what_is_asked_and_solves_nothing(challenge):
    names = {}
    exec(compile(challenge.starter, "starter", "exec"), names)
    assert set(challenge.reference) <= set(names)
    assert not grade(challenge, handed_in(challenge, names)).solved
    for name in challenge.reference:
        assert challenge.parameters(name)


@each
@pytest.mark.parametrize(
    "value", ["a word", [], {}, np.zeros((0, 3)), (1.0, "x"), np.array(["a"]), True, [[1], [1, 2]], np.zeros(500_000)]
)
def test_an_answer_of_another_form_is_a_wrong_answer(challenge, value):
    outcome = Outcome(ended.FINISHED, (Answer(value),) * len(calls(challenge)))
    report = grade(challenge, outcome)
    assert not report.solved
    assert all(len(result.says) < 500 for result in report.results)


@each
@pytest.mark.parametrize("status", [ended.TIME, ended.MEMORY, ended.OUTPUT, ended.DIED])
def test_a_program_that_stops_is_told_where(challenge, status):
    report = grade(challenge, Outcome(status, handed_in(challenge, challenge.reference).answers[:1]))
    assert not report.solved
    assert challenge.probes[1].name in report.diagnosis


@each
def test_a_function_that_remembers_is_caught(challenge):
    answers = handed_in(challenge, challenge.reference).answers
    report = grade(challenge, Outcome(ended.FINISHED, (*answers[:-1], Answer(np.zeros(99)))))
    assert not report.solved
    assert "remembers" in report.diagnosis


def program_of(name):
    """The challenge of that name and a copy of its reference."""
    challenge = next(challenge for challenge in CHALLENGES if challenge.name == name)
    return challenge, dict(challenge.reference)


def test_what_is_remembered_is_told_even_if_probes_fail():
    challenge, _ = program_of("softmax")
    outcome = handed_in(challenge, {"softmax": challenge.module.over_axis_0})
    forgetful = Outcome(ended.FINISHED, (*outcome.answers[:-1], Answer(np.zeros((3, 5)))))
    says = grade(challenge, forgetful).diagnosis
    assert says == f"{REMEMBERS} {told_by({'softmax': challenge.module.over_axis_0})}"


@pytest.mark.parametrize(("old", "new"), [("trapz", "trapezoid"), ("in1d", "isin")])
def test_a_name_that_numpy_has_no_longer_is_told_with_the_new_one(old, new):
    assert not hasattr(np, old)
    assert hasattr(np, new)
    challenge, _ = program_of("roc_auc")
    fault = Fault("AttributeError", f"module 'numpy' has no attribute '{old}'", 3)
    report = grade(challenge, Outcome(ended.FINISHED, (Answer(fault=fault),) * len(calls(challenge))))
    assert f"`np.{new}`" in report.diagnosis


def test_every_new_name_exists_where_the_old_one_does_not():
    assert [old for old in RENAMED if hasattr(np, old)] == []
    assert [new for new in RENAMED.values() if not hasattr(np, new)] == []


def test_a_loop_at_the_top_level_names_no_probe():
    challenge, _ = program_of("softmax")
    says = grade(challenge, Outcome(ended.TIME, loaded=False)).diagnosis
    assert "top level" in says
    assert not any(probe.name in says for probe in challenge.probes)


@pytest.mark.parametrize("number", [0, np.int64(0), np.array(0), 0.0])
def test_a_whole_number_counts_where_fractions_are_asked_for(number):
    challenge, program = program_of("decision_stump")
    program["best_split"] = lambda X, y: (-1, np.nan, number)
    results = {result.name: result.passed for result in grade(challenge, handed_in(challenge, program)).results}
    assert results["only constant features"]


def test_kinds_of_numbers_that_do_not_count():
    assert difference(np.float32(0.5), 0.5, 1e-6) == "The numbers are of type float32; compute in float64."
    assert difference(np.array([1.0]), np.array([1]), 1e-6)
    assert difference(np.array([True]), np.array([1]), 1e-6)
    assert difference(np.array([1 + 0j]), np.array([1.0]), 1e-6)
    assert difference(np.array([1], dtype=np.uint8), np.array([1]), 1e-6) == ""
    assert difference(np.array([[1.0, 2.0], [3.0, 4.0]]), (np.array([1.0, 2.0]), np.array([3.0, 4.0])), 1e-6) == ""


def test_two_mistakes_at_once_are_told_by_the_first_wrong_value():
    challenge, program = program_of("batch_norm")
    module = challenge.module

    def train(*args):
        y, mean, _ = module.shares_swapped(*args)
        return y, mean, module.running_by_n(*args)[2]

    says = grade(challenge, handed_in(challenge, {**program, "batch_norm_train": train})).diagnosis
    assert told_by({"": module.shares_swapped}) in says
    assert "look for a second mistake" in says


def test_overlapping_classes_are_not_separable():
    (X, y, _), *_ = [probe.args for probe in program_of("logistic_regression")[0].probes if "overlap" in probe.name]
    sides = (1 - 2 * y)[:, None] * np.column_stack([X, np.ones(len(X))])
    assert linprog(np.zeros(3), A_ub=sides, b_ub=-np.ones(len(X)), bounds=(None, None)).status == 2  # no line


@each
def test_a_failing_probe_shows_its_input(challenge):
    silent = {name: lambda *_: None for name in challenge.reference}
    for probe, result in zip(challenge.probes, grade(challenge, handed_in(challenge, silent)).results, strict=True):
        assert all(f"{name} = " in result.given for name in challenge.parameters(challenge.asked(probe)))
        assert len(result.given) < 900


@each
def test_the_words_are_complete(challenge):
    assert list(challenge.sections) == ["Task", "Hints", "Afterwards"]
    assert len(challenge.hints) == 3
    assert challenge.level in {"entry", "mid", "senior"}
    assert len({probe.name for probe in challenge.probes}) == len(challenge.probes)
    assert len(challenge.sections["Afterwards"].split()) >= 40


@each
def test_a_reader_is_not_stopped(challenge):
    """In the task, the hints, the explanation and what a mistake's author is told."""
    hints = "\n\n".join(challenge.hints)
    said = (challenge.sections["Task"], hints, challenge.sections["Afterwards"], *map(told_by, challenge.mistakes))
    assert stumbles("\n\n".join(said)) == []


@each
def test_the_file_to_take_home_passes_with_the_reference_only(challenge):
    script = take_home(challenge)
    assert [name for name in challenge.reference if script.count(f"def {name}(") > 1] == []  # it gives nothing away
    assert "from pages" not in script
    assert passes(challenge, "pass", **challenge.reference)
    for mistake in challenge.mistakes:
        assert not passes(challenge, "pass", **{**challenge.reference, **mistake})


@each
def test_no_name_of_a_program_meets_one_of_the_files(challenge):
    names = {
        part.id if isinstance(part, ast.Name) else part.name
        for part in ast.walk(ast.parse(take_home(challenge)))
        if isinstance(part, ast.Name | ast.FunctionDef)
    } - {"_", *challenge.reference, f"_probes_of_{challenge.name}"}
    assert {"what_is_wrong", "len", "np", "copy"} <= names
    program = "\n".join(f"{name} = None" for name in sorted(names - {"None"}))
    assert passes(challenge, program, **challenge.reference)


def test_the_file_to_take_home_runs_anywhere(tmp_path):
    solution = """import numpy as np
def softmax(x):
    e = np.exp(x - np.max(x, -1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
"""
    challenge = next(challenge for challenge in CHALLENGES if challenge.name == "softmax")
    for text, code in ((solution, 0), ("", 1)):
        tmp_path.joinpath("softmax.py").write_text(take_home(challenge, text), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "softmax.py"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PATH": ""}, check=False)
        assert run.returncode == code, run.stdout
