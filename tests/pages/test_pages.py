"""Every page, every experiment, every control: no traceback, no warning, no number that is none."""

import random
import re
import warnings

import pytest

from pages.ui.player import MAX_FRAMES
from tests.pages.visit import (
    LABS,
    PAGES,
    address,
    charts,
    choices,
    controls,
    draw,
    experiments,
    holds,
    is_number,
    named,
    players,
    problems,
    put,
    sections,
    seen,
    survey,
    views,
    visit,
)

each_lab = pytest.mark.parametrize("lab", LABS, ids=named)
each_experiment = pytest.mark.parametrize(("lab", "view"), experiments(), ids=named)


def buttons(at, lab, kind):
    """The keys of a lab's scene or prediction buttons."""
    return [b.key for b in at.button if b.key.removeprefix(f"{lab.prefix}_{kind}_").isdecimal()]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens(page):
    assert problems(visit(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_an_address_may_name_whatever_the_session_holds(page):
    held = visit(page).session_state._state._state.filtered_state
    keys = [str(key).removeprefix("_") for key in held]
    assert problems(visit(page, dict.fromkeys(keys, "x"))) == []


def test_every_lab_has_its_page_and_the_other_pages_are_known():
    assert set(PAGES) - {lab.name for lab in LABS} == {"home", "questions", "recall", "challenges"}


@each_lab
def test_every_option_of_every_control_shows_a_sound_page(lab):
    assert [(sight.settings, sight.problems) for sight in survey(lab) if sight.problems] == []


@each_lab
def test_everything_on_a_page_is_named_after_its_lab(lab):
    keys = {key for sight in survey(lab) for key in sight.keys}
    assert {key for key in keys if not key.startswith(f"{lab.prefix}_")} == set()
    assert {key for key in keys if any(key.startswith(f"{other.prefix}_") for other in LABS if other != lab)} == set()


@each_lab
def test_the_address_holds_every_control(lab):
    assert {control for sight in survey(lab) for control in sight.unbound} == set()


@each_lab
def test_every_chart_says_in_words_what_it_shows(lab):
    for sight in survey(lab):
        assert sight.charts, sight.settings
        assert all(sight.charts)
        assert len(sight.alts) == len(sight.charts)
        assert all(alt.startswith(name) for alt, name in zip(sight.alts, sight.charts, strict=True))
        assert [alt for alt in sight.alts if len(alt) < 40 or not any(c.isdigit() for c in alt)] == []


@each_lab
def test_every_player_has_a_label_for_each_frame(lab):
    found = [player for sight in survey(lab) for player in sight.players]
    assert found
    for player in found:
        assert player["charts"].startswith(f"{lab.prefix}_")
        assert 0 <= player["frame"] < player["frames"] == len(player["labels"]) <= MAX_FRAMES + 1
        assert all(player["labels"])


@each_experiment
@pytest.mark.parametrize("seed", range(3))
def test_an_address_with_any_settings_opens_them(lab, view, seed):
    """The ends of every range first, then values drawn at random."""
    at = visit(lab.name, view)
    if seed < 2:
        settings = {key: choices(node)[-seed] for key, node in controls(at).items() if is_number(node)}
    else:
        settings = draw(at, random.Random(seed))
    at = visit(lab.name, {**view, **settings})
    assert problems(at) == []
    assert not at.warning
    assert at.query_params.keys() <= {*view, *settings}
    refused = {k: settings[k] for k, node in controls(at).items() if k in settings and not holds(at, node, settings[k])}
    assert refused == {}


@each_experiment
def test_any_way_through_the_controls_is_sound_and_its_address_leads_back(lab, view):
    rng = random.Random(named(view))
    at = visit(lab.name, view)
    way = []
    for _ in range(6):
        key = rng.choice(sorted(set(controls(at)) - set(view)))
        way.append((key, choice := rng.choice(choices(controls(at)[key]))))
        put(controls(at)[key], choice)
        at.run()
        assert problems(at) == [], way
    again = visit(lab.name, address(at))
    assert not again.warning, way
    assert seen(again) == seen(at), way


@each_experiment
def test_a_number_moves_data_and_never_rebuilds_a_chart(lab, view):
    def parts(at):
        titles = [node.proto.body for node in at if node.type in {"title", "header", "subheader"}]
        return [*titles, *(f"{chart.spec} id={chart.id}" for chart in charts(at))]

    at = visit(lab.name, view)
    numbers = {key: node for key, node in controls(at).items() if is_number(node)}
    rng = random.Random(1)
    before = parts(at)
    for key, node in numbers.items():
        put(controls(at)[key], rng.choice(choices(node)))
        now = parts(at.run())
        assert len(now) == len(before) > 1
        for new, old in zip(now, before, strict=True):
            same = next((i for i, pair in enumerate(zip(new, old, strict=False)) if len(set(pair)) > 1), 0)
            assert new == old, f"{key}: …{old[max(0, same - 80) : same + 40]}… → …{new[same : same + 40]}…"


@each_experiment
def test_a_prediction_is_graded_and_one_answer_is_right(lab, view):
    def verdicts():
        return re.findall(r"\b(Right|Not here)\b(?=\])", " ".join(m.value for m in at.markdown))

    at = visit(lab.name, view)
    keys = buttons(at, lab, "predict")
    assert len(keys) >= 2
    assert verdicts() == []
    given = []
    for key in keys:
        at.button(key=key).click().run()
        assert problems(at) == []
        assert len(verdicts()) == 1
        given += verdicts()
    assert given.count("Right") == 1
    other = next(other for other in views(lab) if other != view)
    for key, value in other.items():
        put(controls(at)[key], value)
    at.run()
    assert verdicts() == []  # another experiment asks its own question


@each_lab
def test_a_scene_is_the_same_state_wherever_it_is_clicked(lab):
    rng = random.Random(0)
    starts = views(lab)
    keys = buttons(visit(lab.name), lab, "scene")
    assert len(keys) >= 3
    for number, key in enumerate(keys):
        at = visit(lab.name).button(key=key).click().run()
        assert problems(at) == []
        start = starts[number % len(starts)]
        elsewhere = visit(lab.name, {**start, **draw(visit(lab.name, start), rng)})
        elsewhere = visit(lab.name, address(elsewhere))  # as a copied link has it: only what is on the page
        elsewhere.button(key=key).click().run()
        assert problems(elsewhere) == []
        assert seen(elsewhere) == seen(at), key
        assert [p["frame"] for p in players(elsewhere)] == [p["frame"] for p in players(at)], key
        reopened = visit(lab.name, address(at))
        assert seen(reopened) == seen(at), key
        assert not reopened.warning


@each_experiment
def test_the_folded_sections_open_from_the_address_and_the_proof_holds(lab, view):
    closed, at = visit(lab.name, view), visit(lab.name, {**view, **sections(lab.name)})
    assert problems(at) == []
    assert not closed.code
    assert not closed.table
    assert len(at.code) >= 2
    assert all(code.value.strip() for code in at.code)
    (table,) = at.table
    rows = table.value
    assert len(rows)
    sure = rows[~rows["Compared"].str.contains("(differs by chance)", regex=False)]
    assert len(sure)
    (column,) = (name for name in rows.columns if name.startswith("Largest difference"))
    assert (sure[column].astype(float) < 1e-6).all(), rows.to_string()


CONSTANT = {
    "one probability": ["0.1"],
    "one log-odds": ["7"],
    "equal but for rounding": ["0.3", "0.30000000000000004"],
    "as large as is taken": ["1e90"],
    "hardly apart": ["0", "1e-300"],
}


@pytest.mark.parametrize("view", ["Threshold", "ROC and PR", "Calibration", "Costs", "AUC by pairs"])
@pytest.mark.parametrize("scores", CONSTANT)
def test_pasted_scores_that_are_constant_to_rounding_show_a_result(view, scores):
    lines = [f"{i // 2 % 2},{CONSTANT[scores][i % len(CONSTANT[scores])]}" for i in range(40)]
    at = visit("model_evaluation", {"ev_view": view, "ev_source": "Your own"})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        at.text_area(key="ev_pairs").set_value("\n".join(lines)).run()
    assert not at.exception
    assert not at.error
    assert not at.warning
    assert re.search(r"\d", seen(at))
