"""Hostile addresses: every bound key takes every bad value, and the page says which it could not use."""

import functools
import itertools
import random

import pytest

from pages.ui.lab import load
from tests.pages.visit import (
    LABS,
    bound,
    experiments,
    holds,
    in_range,
    named,
    options,
    players,
    problems,
    survey,
    visit,
)

VALUES_A_KEY = 5
HOSTILE = [
    "",
    "nan",
    "inf",
    "-inf",
    "-1",
    "1e400",
    "9" * 400,
    "x" * 5000,
    "0.123456789",
    "1_0",
    "１２",
    "²",
    " 5 ",
    "TRUE",
    "None",
    "0x10",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) ![](https://example.com/x.png) `tick` :red[x] $x$",
    "'; DROP TABLE labs; --",
    "__import__('os').system('true')",
    "../../etc/passwd",
    "😀",
    "\x00",
    "%00%0a",
    "line\nbreak",
    "\u202egnisrever",
    ["0", "1"],
    ["", ""],
    ["nan", "<b>"],
]


@functools.cache
def first_seen(name):
    """Settings, and the bound keys that they were the first to bring onto the page of a lab."""
    found, known = [], set()
    for sight in survey(load(name)):
        found.append((sight.settings, sorted(sight.bound - known - sight.settings.keys())))
        known |= sight.bound
    return [(settings, keys) for settings, keys in found if keys]


def foreign(lab):
    """Labels that are right elsewhere, and the lab's own in the wrong case."""
    at = visit(lab.name)
    labels = [label for node in bound(at).values() if hasattr(node, "options") for label in options(node)]
    return [*random.Random(0).sample(labels, 3), *(label.upper() for label in labels[:2])]


def judge(at, settings):
    """A page that met bad values is sound, stands on good ones and names exactly those it could not use."""
    assert problems(at) == []
    notice = "".join(warning.value for warning in at.warning)
    for key, node in bound(at).items():
        if key in settings:
            assert in_range(at, node), (key, settings[key], at.session_state[key])
            assert (f"`{key}=" in notice) == (not holds(at, node, settings[key])), (key, settings[key], notice)
    assert "\n" not in notice


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_every_key_takes_bad_values(lab):
    """A few for each key, so dealt that the keys of a lab together meet all of them."""
    deck = itertools.cycle(HOSTILE + foreign(lab))
    for settings, keys in first_seen(lab.name):
        for _ in range(VALUES_A_KEY):
            hostile = dict(zip(keys, deck, strict=False))
            judge(visit(lab.name, {**settings, **hostile}), hostile)


DEALT = [(LABS[number % len(LABS)], value) for number, value in enumerate(HOSTILE)]


@pytest.mark.parametrize(("lab", "value"), DEALT, ids=lambda part: ascii(named(part))[:30])
def test_the_experiment_and_the_frame_take_every_bad_value(lab, value):
    (charts,) = {player["charts"] for sight in survey(lab) for player in sight.players}
    settings = {f"{lab.prefix}_view": value, f"{charts}_frame": value, f"{lab.prefix}_unknown": value, "other": value}
    at = visit(lab.name, settings)
    judge(at, {f"{lab.prefix}_view": value})
    for player in players(at):
        assert 0 <= player["frame"] < player["frames"]


@pytest.mark.parametrize(("lab", "view"), experiments(), ids=named)
def test_a_frame_in_the_address_is_shown_or_ignored(lab, view):
    at = visit(lab.name, view)
    for player in players(at):
        name, last = f"{player['charts']}_frame", player["frames"] - 1
        for asked, shown in {"0": 0, str(last): last, str(last + 1): player["frame"], "1e1": player["frame"]}.items():
            (again,) = players(visit(lab.name, {**view, name: asked}))
            assert again["frame"] == shown


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_a_notice_leaves_when_the_visitor_sets_the_control(lab):
    key = f"{lab.prefix}_view"
    at = visit(lab.name, {key: "nonsense"})
    assert f"`{key}=nonsense`" in at.warning[0].value
    at.segmented_control(key=key).set_value(at.segmented_control(key=key).options[1]).run()
    assert not at.warning
    assert problems(at) == []


def test_another_labs_settings_leave_no_notice():
    for lab in LABS:
        settings = {f"{other.prefix}_view": "nonsense" for other in LABS if other != lab}
        at = visit(lab.name, settings)
        assert not at.warning
        assert problems(at) == []
