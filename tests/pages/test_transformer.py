"""What only the transformer lab has: trainings that can be stopped, measured times, the visitor's own tokens."""

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from mlcore import transformer
from tests.pages.visit import charts, players, problems, seen, visit

WATCH = {"tf_view": "Watch a head form"}
ABLATIONS = {"tf_view": "Ablations", "tf_part": "Tied head"}


class Interrupted:
    """A training during which the visitor does something: that run of the page ends at the fourth checkpoint."""

    train = staticmethod(transformer.filmed_training)

    def __init__(self, **plan):
        self.films, self.asked = self.train(**plan), 0

    def __next__(self):
        self.asked += 1
        if self.asked == 4:
            raise StopException
        return next(self.films)


@pytest.fixture
def interrupted(monkeypatch):
    """No film is there, and each training is interrupted once."""
    monkeypatch.setattr(transformer, "filmed_training", Interrupted)
    st.cache_resource.clear()


def labels(at):
    (player,) = players(at)
    return player["labels"]


@pytest.mark.parametrize("settings", [WATCH, ABLATIONS], ids=lambda settings: settings["tf_view"])
def test_a_stopped_training_shows_how_far_it_came_and_goes_on(settings, interrupted):
    at = visit("transformer", settings)
    at.button(key="tf_stop").click().run()
    assert problems(at) == []
    assert "Stopped at step 10 of 100" in [node.proto.text for node in at.get("progress")]
    begun = labels(at)
    assert [label.partition(":")[0] for label in begun] == ["step 0", "step 5", "step 10"]
    at.run()
    assert labels(at) == begun
    at.button(key="tf_go").click().run()
    at.run()  # the other of two trainings is interrupted in its turn
    assert problems(at) == []
    assert not at.get("progress")
    assert len(labels(at)) == 21
    assert labels(at)[:3] == begun
    assert seen(at) == seen(visit("transformer", settings))


def test_an_interrupted_training_goes_on_by_itself(interrupted):
    at = visit("transformer", WATCH)
    assert not at.get("vega_lite_chart")
    at.run()
    assert problems(at) == []
    assert len(labels(at)) == 21


def test_the_script_of_a_stopped_training_stops_there_too(interrupted):
    at = visit("transformer", WATCH | {"tf_code": "true"})
    at.button(key="tf_stop").click().run()
    assert "if film.steps[-1] == 10:\n        break" in at.code[0].value


def test_times_are_measured_when_asked_for_and_only_shown_with_their_settings():
    at = visit("transformer", {"tf_view": "KV cache", "tf_width": "8", "tf_n_layers": "1"})
    before, said = len(charts(at)), seen(at)
    at.button(key="tf_measure").click().run()
    assert problems(at) == []
    assert len(charts(at)) == before + 1
    assert seen(at) == said
    assert any("Measured on this server" in markdown.value for markdown in at.markdown)
    at.slider(key="tf_width").set_value(16).run()
    assert len(charts(at)) == before


def test_the_visitors_own_tokens_come_with_the_link_and_are_cut_to_size():
    own = {"tf_sentence": "Your own words"}
    at = visit("transformer", own | {"tf_words": "2 + 2 = 4"})
    assert problems(at) == []
    assert "The last token, `4`," in seen(at)
    at = visit("transformer", own | {"tf_words": "incomprehensible `` <b> " + "x " * 20})
    assert problems(at) == []
    assert not at.warning
    assert any("Used are the first 8 tokens" in markdown.value for markdown in at.markdown)
    assert "The last token, `x`," in seen(at)
    for empty in ("", " ", "```", "\x00"):
        at = visit("transformer", own | {"tf_words": empty})
        assert problems(at) == []
        assert any("no token" in info.value for info in at.info)


def test_where_all_keys_are_hidden_the_weights_are_zero():
    at = visit("transformer", {"tf_padding": "2", "tf_mask": "true"})
    assert problems(at) == []
    assert "tokens 1 to 2 have nothing else to look at: 0/0, set to zero" in seen(at)
