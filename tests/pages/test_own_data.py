"""What the three labs say of a visitor's own data, held against scikit-learn."""

import re

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.pages.visit import problems, seen, visit

LOGISTIC = ("logistic_regression", {"lr_view": "Your data"})
NETWORK = ("neural_network", {"nn_view": "Real data", "nn_digits": "Your file"})
SCORES = ("model_evaluation", {"ev_source": "Your own", "ev_view": "ROC and PR"})
RARE = "x,y\n" + "".join(f"{i}.5,{'ab'[i == 9]}\n" for i in range(40))
RNG = np.random.default_rng(0)


def give(page, settings, text):
    """A page with this file."""
    at = visit(page, settings)
    at.file_uploader[0].set_value(("mine.csv", text.encode(), "text/csv")).run()
    assert problems(at) == []
    return at


def paste(settings, text):
    """The model evaluation lab with these lines."""
    at = visit("model_evaluation", {**SCORES[1], **settings})
    at.text_area[0].set_value(text).run()
    assert problems(at) == []
    return at


def numbers(pattern, at):
    """What the sentence on the page says."""
    return [float(number) for number in re.search(pattern, seen(at)).groups()]


@pytest.mark.parametrize(("page", "settings"), [LOGISTIC, NETWORK])
def test_a_file_that_cannot_be_used_is_not_called_absent(page, settings):
    at = visit(page, settings)
    assert "No file yet, so this is the sample file." in seen(at)
    at = give(page, settings, RARE)
    assert [warning.value for warning in at.warning] == [
        "The class `b` of the target `y` has 1 row; each class needs at least 5."
    ]
    assert "Your file cannot be used as chosen, so this is the sample file." in seen(at)
    assert "No file" not in seen(at)


def test_a_network_says_that_it_learns_from_some_of_the_rows():
    text = "a,b,y\n" + "".join(
        f"{a:.3f},{b:.3f},{'uv'[i % 2]}\n" for i, (a, b) in enumerate(RNG.normal(size=(4000, 2)))
    )
    at = give(*NETWORK, text)
    assert "1000 rows to train, 1000 to test (at most 1000 of each, drawn at random)" in seen(at)
    done = at.expander[0].markdown[0].value
    assert "Of 2\u202f800 rows to train on, 1\u202f000 drawn at random are used." in done
    assert "Nothing" not in done


def test_own_scores_keep_their_prevalence_unless_another_is_asked_for():
    pairs = [(0, 0.2), (0, 0.6), (1, 0.5), (1, 0.9)] * 10
    at = paste({}, "\n".join(f"{y},{p}" for y, p in pairs))
    y, p = zip(*pairs, strict=True)
    assert numbers(r"Average precision \*\*(.*?)\*\*", at) == [round(average_precision_score(y, p), 3)]
    assert "The prevalence is the data’s own, 0.500." in seen(at)
    at.toggle(key="ev_reweight").set_value(True).run()
    weights = np.where(np.array(y) == 1, 0.1, 0.9)
    weighted = average_precision_score(y, p, sample_weight=weights)
    assert numbers(r"Average precision \*\*(.*?)\*\*", at) == [round(weighted, 3)]
    assert "The classes are weighted to a prevalence of 0.100; in the data it is 0.500." in seen(at)


def test_temperature_and_platt_leave_the_auc_of_saturated_scores():
    at = paste({"ev_view": "Calibration"}, "\n".join(["0,40", "0,45", "0,50", "1,48", "1,55", "1,60"] * 6))
    before, temperature, platt = numbers(r"AUC is (\S+) as reported, (\S+) after temperature, (\S+) after Platt", at)
    assert before == temperature == platt > 0.85


def test_small_probabilities_keep_their_order():
    y, p = RNG.integers(0, 2, 60), 10.0 ** RNG.uniform(-300, 0, 60)
    p[:2] = 0, 1
    at = paste(
        {"ev_view": "Threshold"}, "\n".join(f"{label},{score!r}" for label, score in zip(y, p.tolist(), strict=True))
    )
    (auc,) = numbers(r"AUC \*\*(.*?)\*\*", at)
    assert auc == round(roc_auc_score(y, p), 3)


def test_scores_of_the_other_class_are_told():
    lines = [f"{['ill', 'well'][i % 2]},{0.1 + 0.6 * (i % 2 == 0) + i / 200}" for i in range(40)]
    at = paste({}, "\n".join(lines).replace("ill", "disease").replace("well", "healthy"))
    assert at.selectbox(key="ev_positive").value == "disease"
    assert not at.info
    at.selectbox(key="ev_positive").set_value("healthy").run()
    assert "The higher scores go with `disease` (AUC 0.000)" in at.info[0].value
    assert problems(at) == []


def test_scores_that_know_nothing_are_not_said_to_be_of_the_other_class():
    y, score = np.repeat([0, 1], 40), np.tile(np.arange(40) / 40, 2)
    score[40:] -= 0.03
    at = paste({}, "\n".join(f"{a},{s:.3f}" for a, s in zip(y, score, strict=True)))
    assert 0.4 < roc_auc_score(y, score) < 0.5
    assert not at.info
    assert problems(at) == []


def test_scores_in_front_are_told_and_can_be_read_so():
    text = "\n".join(["0.9,1", "0.2,0", "0.7,1", "0.8,0"] * 6)
    at = paste({}, text)
    assert [warning.value for warning in at.warning] == [
        "The first cell of each line looks like the score; turn on “Score first”."
    ]
    assert any("these are an example’s scores" in text.value for text in at.markdown)
    at.toggle(key="ev_score_first").set_value(True).run()
    assert not at.warning
    assert numbers(r"AUC \*\*(.*?)\*\*", at) == [0.75]
    assert not any("example’s" in text.value for text in at.markdown)
