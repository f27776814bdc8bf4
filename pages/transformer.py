"""Transformer: attention matrix by matrix, small models trained and taken apart, text generated.

The lesson: attention is a mean of values, weighted by how well queries match keys; every other part is there to
make that trainable (scaling, residuals, layer norm), to give it order (positions) or to keep the future out (the
mask). Each view below is one experiment; only the chosen one computes and draws.
"""

import time
from dataclasses import dataclass
from math import exp, log, sqrt
from threading import Lock
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore import transformer as tf
from pages.charts import transformer as charts
from pages.proof import transformer as proof
from pages.ui.charts import Rows, draw, is_dark, make_rows, stack_rows
from pages.ui.data import language_model
from pages.ui.lab import Closing, ask, choose_experiment, choose_one, close_lab, live, open_lab, scenes, seen, verdict
from pages.ui.numbers import short
from pages.ui.player import go_to, player
from pages.ui.turns import turn

CHARTS = "tf_charts"
SENTENCES = ("the fox saw the owl", "the key fits the lock", "a hen is not a hare", "step by step we learn")
OWN = "Your own words"
LETTERS = 8  # of a word on screen
MAX_WORDS = 500  # characters of all words together
PAD = "[pad]"
TAKEN = ("Scaling", "Mask", "Positions", "Residuals", "Layer norm")
PARTS = {  # what is changed in the complete model
    "Scaling": {"scale": False},
    "Mask": {"causal": False},
    "Positions": {"positions": "none"},
    "Residuals": {"residual": False},
    "Layer norm": {"layer_norm": False},
    "Four heads": {"heads": 4},
    "Sinusoidal positions": {"positions": "sinusoidal"},
    "Tied head": {"tied": True},
}
PROMPTS = ("The fox ", "The owl said, ", "What is ", "A model ")
N_TOKENS = 48  # generated
CONTEXT = 1024  # of the counted generation
LAYERS = {"1 layer": 1, "2 layers": 2, "4 layers": 4}
HEADS = {"1 head": 1, "4 heads": 4}
MEASURED = 5  # lengths at which a token is timed

DEFAULTS = {
    "tf_view": "Attention by hand",
    "tf_sentence": SENTENCES[0],
    "tf_words": SENTENCES[0],
    "tf_d": 16,
    "tf_scale": True,
    "tf_mask": True,
    "tf_positions": True,
    "tf_padding": 0,
    "tf_seed": 0,
    "tf_keys": 32,
    "tf_dimension": 64,
    "tf_task": "Reversal",
    "tf_layers": "2 layers",
    "tf_luck": "2",
    "tf_heads": "1 head",
    "tf_order": "Learnt",
    "tf_tied": False,
    "tf_part": "Scaling",
    "tf_depth": "1 layer",
    "tf_start": "1",
    "tf_width": 64,
    "tf_n_layers": 4,
    "tf_prompt_length": 16,
    "tf_prompt": PROMPTS[0],
    "tf_temperature": 0.8,
    "tf_top_k": 53,
    "tf_top_p": 1.0,
    "tf_draw": 0,
}
SCENES = {
    "No √d": {"tf_d": 64, "tf_scale": False, "frame": 4},
    "No mask": {"tf_mask": False, "frame": 4},
    "Nothing to look at": {"tf_padding": 2, "frame": 4},
    "Saturated softmax": {"tf_view": "Scaling", "tf_dimension": 256},
    "An induction head": {"tf_view": "Watch a head form", "tf_task": "Recall"},
    "Answers in view": {"tf_view": "Ablations", "tf_part": "Mask"},
    "Long context": {"tf_view": "KV cache", "tf_width": 256, "tf_n_layers": 8, "tf_prompt_length": 512},
    "Greedy text": {"tf_view": "Language model", "tf_temperature": 0.0},
}
QUESTIONS = {
    "Attention by hand": (
        "How much of the last token’s attention goes to the token that gets most?",
        ["under 40%", "40% to 70%", "over 70%"],
    ),
    "Scaling": (
        "Not divided by √d: which share of the largest possible entropy is left?",
        ["under 25%", "25% to 60%", "over 60%"],
    ),
    "Watch a head form": (
        "After training, how many fresh sequences are answered without a mistake?",
        ["under 50%", "50% to 95%", "over 95%"],
    ),
    "Ablations": (
        "So changed, how many fresh sequences does the model generate without a mistake?",
        ["under 10%", "10% to 90%", "over 90%"],
    ),
    "KV cache": (
        "Generating up to 1024 tokens: how many times fewer multiplications in all with a cache?",
        ["under 100", "100 to 400", "over 400"],
    ),
    "Language model": (
        "How often is the drawn character not the model’s most probable one?",
        ["never", "up to a quarter of the time", "more often"],
    ),
}


Run = tuple[tf.Task, tf.Config, int]  # a training: what, which model, its seed; not a class of this script's own,
# which would be another one at each rerun, so that no film would ever be found again


def run_of(name: str, layers: int, seed: int, **changes: Any) -> Run:
    """The training of a task's usual size."""
    task = tf.Task("recall", 4, 8) if name == "recall" else tf.Task(name, 10, 10)
    return task, tf.Config(len(task.symbols), task.context, layers=layers, **changes), seed


def plan_of(run: Run) -> dict[str, Any]:
    """Arguments of `filmed_training`."""
    task, config, seed = run
    more = {"n_steps": 300, "lr": 0.005, "batch_size": 64} if task.name == "recall" else {"n_steps": 100}
    return {"task": task, "config": config, "n_checkpoints": 21, "seed": seed} | more


@dataclass(frozen=True)
class Chosen:
    """The choices of the chosen experiment; changing one reruns the whole page."""

    words: tuple[str, ...] = ()
    scale: bool = True
    mask: bool = True
    runs: tuple[Run, ...] = ()
    part: str = ""
    prompt: str = ""


def _slider(title: str, low: float, high: float, step: float = 1, *, key: str, help: str | None = None) -> Any:
    """A bound slider at its default."""
    return st.slider(title, low, high, DEFAULTS[key], step, key=key, help=help, bind="query-params")


def _switch(title: str, key: str, help: str) -> bool:
    """A bound switch at its default."""
    return st.toggle(title, DEFAULTS[key], key=key, help=help, bind="query-params")


def _select(title: str, options: list[str], key: str, help: str | None = None) -> str:
    """A bound choice among several."""
    return st.selectbox(title, options, index=options.index(DEFAULTS[key]), key=key, help=help, bind="query-params")


def own_words() -> tuple[str, ...]:
    """The visitor's tokens: what stands between spaces, as much of it as has room."""
    text = st.text_input(
        f"Up to {charts.CELLS} tokens",
        SENTENCES[0],
        key="tf_words",
        bind="query-params",
        max_chars=MAX_WORDS,
        help="Separated by spaces. They travel in the link.",
    )
    # A token is shown as code; a backtick would end that, and what cannot be printed would only confuse.
    clean = ["".join(letter for letter in word if letter.isprintable() and letter != "`") for word in text.split()]
    words = [word for word in clean if word]
    shown = tuple(word[:LETTERS] for word in words[: charts.CELLS])
    if not shown:
        st.info("There is no token in it; an example stands in its place.", icon=":material/touch_app:")
        return tuple(SENTENCES[0].split())
    if shown != tuple(text.split()):
        st.markdown(
            f":small[Used are the first {charts.CELLS} tokens, and of each the first {LETTERS} characters that can be "
            "shown.]"
        )
    return shown


def choose(view: str) -> tuple[Chosen, DeltaGenerator]:
    """Draw the choices; the second result is the place left for the sliders."""
    chosen = Chosen()
    if view == "Attention by hand":
        sentence = _select("Tokens", [*SENTENCES, OWN], "tf_sentence")
        words = own_words() if sentence == OWN else tuple(sentence.split())
        chosen = Chosen(
            words=words,
            scale=_switch("Divide by √d", "tf_scale", "Divide the scores by √d_k before the softmax."),
            mask=_switch("Causal mask", "tf_mask", "No token may look at a later one."),
        )
    elif view == "Watch a head form":
        task = choose_one(
            "Task",
            ["Reversal", "Copying", "Recall"],
            DEFAULTS["tf_task"],
            key="tf_task",
            help="Reversal: abc|cba. Copying: abc|abc. Recall: pairs of a letter and a digit, then the letters again, "
            "each to be followed by its digit.",
        )
        layers = "1 layer"
        if task == "Recall":
            layers = choose_one("Depth", ["1 layer", "2 layers"], DEFAULTS["tf_layers"], key="tf_layers")
        luck = choose_one(
            "Seed", ["0", "1", "2"], DEFAULTS["tf_luck"], key="tf_luck", help="Of the start and of the sequences."
        )
        with st.popover("More settings", icon=":material/tune:", width="stretch"):
            heads = choose_one("Heads", list(HEADS), DEFAULTS["tf_heads"], key="tf_heads", help="Of 32 units in all.")
            order = choose_one(
                "Positions",
                ["Learnt", "Sinusoidal", "None"],
                DEFAULTS["tf_order"],
                key="tf_order",
                help="Added to the tokens: a learnt vector for each place, or fixed waves.",
            )
            tied = _switch("Tied head", "tf_tied", "The output reuses the matrix of the embedding.")
        changes = {"heads": HEADS[heads], "positions": order.lower(), "tied": tied}
        chosen = Chosen(runs=(run_of(task.lower(), LAYERS[layers], int(luck), **changes),))
    elif view == "Ablations":
        part = _select(
            "Take away (or change)",
            list(PARTS),
            "tf_part",
            "One thing is changed in a model that is otherwise complete; both train on the same sequences.",
        )
        depth = choose_one("Depth", ["1 layer", "4 layers"], DEFAULTS["tf_depth"], key="tf_depth")
        start = choose_one("Seed", ["0", "1", "2"], DEFAULTS["tf_start"], key="tf_start")
        whole, changed = (run_of("reversal", LAYERS[depth], int(start), **changes) for changes in ({}, PARTS[part]))
        chosen = Chosen(runs=(whole, changed), part=part)
    elif view == "Language model":
        chosen = Chosen(prompt=_select("Prompt", [*PROMPTS], "tf_prompt"))
    return chosen, st.container()


def by_hand(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Queries, keys and values to the output, one matrix at a time."""
    with controls:
        d = _slider("d_k, length of a query", 1, 64, key="tf_d")
        with st.popover("More settings", icon=":material/tune:", width="stretch"):
            positions = _switch("Positions", "tf_positions", "Add sinusoids, so that a word differs by its place.")
            padding = _slider(
                "Padding tokens",
                0,
                3,
                key="tf_padding",
                help="So many tokens at the front stand for nothing, as when sentences of different length share a "
                "batch. No token may look at them.",
            )
            seed = _slider(
                "Seed", 0, 999, key="tf_seed", help="Of the random vectors and matrices: an untrained layer."
            )
    n = len(chosen.words)
    padding = min(padding, n - 1)
    words = (*[PAD] * padding, *chosen.words[padding:])
    v = tf.word_vectors(words, d, seed, positions)
    may_look = (tf.causal_mask(n) if chosen.mask else True) & (np.arange(n) >= padding)
    steps = tf.attention(v.Q, v.K, v.V, may_look, chosen.scale)
    blind = int((steps.weights.sum(axis=1) == 0).sum())
    seen_most = int(steps.weights[-1].argmax())
    share = float(steps.weights[-1, seen_most])
    spread = [float(scores.std()) for scores in (steps.scores, steps.scaled)]
    left = abs(float(tf.entropy(steps.weights[-1])))  # not −0
    what = (
        f"The {n * n} scores QKᵀ have standard deviation {spread[0]:.2f} (it grows like √d, here {sqrt(d):.2f}), "
        + (f"after the division {spread[1]:.2f}. " if chosen.scale else "and are not divided. ")
        + f"The last token, `{words[-1]}`, puts **{share:.3f}** of its attention on `{words[seen_most]}` "
        f"(token {seen_most + 1}); the entropy of its weights is **{left:.3f}** of at most {log(n - padding):.3f}. "
    )
    if padding:
        what += "No token looks at the padding" + (
            f"; tokens 1 to {blind} have nothing else to look at: 0/0, set to zero." if blind else "."
        )
    else:
        what += "The mask leaves the first token itself alone." if chosen.mask else "Without mask all look at all."
    hidden = np.isneginf(steps.masked)
    divided = f"÷ √{d}" if chosen.scale else "not divided"
    labels = [
        "1 of 6: queries Q = XW_Q, keys K = XW_K, values V = XW_V",
        f"2 of 6: scores QKᵀ, spread {spread[0]:.2f}",
        f"3 of 6: {divided}, spread {spread[1]:.2f}",
        f"4 of 6: {int(hidden.sum())} scores hidden" if hidden.any() else "4 of 6: no mask, all stay",
        f"5 of 6: softmax row by row; last token’s largest weight {share:.3f}",
        "6 of 6: output, the weighted mean of the values",
    ]
    low = n + 3.35  # where the lower matrix begins
    under = [
        [("QKᵀ", steps.scores, "number", 1, 1), (f"QKᵀ {divided}", steps.scaled, "number", 2, 2)],
        [("P = softmax", steps.weights, "weight", 4, 9)],
        [("O = PV", steps.output, "number", 5, 9)],
    ]
    under[0].append((f"QKᵀ {divided}, {'masked' if hidden.any() else 'no mask'}", steps.masked, "number", 3, 9))
    with stage:
        right = QUESTIONS["Attention by hand"][1][0 if share < 0.4 else 1 if share <= 0.7 else 2]
        verdict(lab, "Attention by hand", right, f"It is {share:.3f}.")
        with st.container(key=CHARTS):
            tables = {}
            places = st.columns(3, gap="small")
            for place, letter, above, below in zip(places, "QKV", (v.Q, v.K, v.V), under, strict=True):
                cells, names = [], []
                for title, matrix, kind, first, last in [(letter, above, "number", 0, 9), *below]:
                    top = 1.3 if title == letter else low
                    columns = words if matrix.shape == (n, n) and title not in ("Q", "K", "V", "O = PV") else None
                    cells.append(cells_of(matrix, top, kind, first, last, words, columns))
                    names.append(names_of(title, top, first, last, words, columns))
                tables[letter] = stack_rows(cells)
                with place:
                    draw(
                        charts.matrices(n, is_dark()),
                        f"{letter}, and below it what it leads to.",
                        what,
                        cells=tables[letter],
                        names=stack_rows(names),
                    )
        player(CHARTS, labels, start=charts.STEPS - 1, rate=1)
        st.markdown(
            f":small[Rows are tokens. Of Q, K, V and O the first {charts.CELLS} columns. Blue is negative, orange "
            "positive (full colour from 3); weights from the page's own shade, 0, to blue, 1.]"
        )
        seen(what)
    weights = {f"to {i + 1} {word}": steps.weights[:, i].round(6) for i, word in enumerate(words)}
    return proof.by_hand_closing(words, d, seed, positions, chosen.mask, padding, chosen.scale) | {
        "data": {"Weights": make_rows(weights | {"token": words})}
    }


def cells_of(
    matrix: np.ndarray,
    top: float,
    kind: str,
    first: int,
    last: int,
    words: tuple[str, ...],
    columns: tuple[str, ...] | None,
) -> Rows:
    """Rows of a chart for the cells of a matrix, which is on screen from frame `first` to `last`."""
    matrix = matrix[:, : charts.CELLS]
    rows, width = matrix.shape
    value = matrix.ravel()
    names = columns or [str(i + 1) for i in range(width)]
    return make_rows(
        {
            "x": np.tile(np.arange(width), rows),
            "y": np.repeat(np.arange(rows) + top, width),
            "value": np.where(np.isneginf(value), 0, value).round(4),
            "kind": np.where(np.isneginf(value), "hidden", kind),
            "row": np.repeat(words, width),
            "column": np.tile(names, rows),
            "first": first,
            "last": last,
        }
    )


def names_of(
    title: str, top: float, first: int, last: int, words: tuple[str, ...], columns: tuple[str, ...] | None
) -> Rows:
    """Rows of a chart for the words around a matrix."""
    across = columns or ()
    down = top + np.arange(len(words)) + 0.5
    return make_rows(
        {
            "part": ["title", *["row"] * len(words), *["column"] * len(across)],
            "x": np.r_[-2, np.full(len(words), -0.2), np.arange(len(across)) + 0.5],
            "y": np.r_[top - (1.35 if across else 1), down, np.full(len(across), top - 0.3)],
            "text": [title, *words, *across],
            "first": first,
            "last": last,
        }
    )


def scaling(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Undivided scores spread like √d: the softmax saturates, and no gradient passes."""
    with controls:
        d = _slider("d_k, length of a query", 1, 256, key="tf_dimension")
        keys = _slider("Keys", 2, 128, key="tf_keys")
        seed = _slider("Seed", 0, 999, key="tf_seed")
    dimensions = (*charts.DIMENSIONS, d)
    study = tf.entropy_study(dimensions, keys, seed)
    at = {name: (study.entropy[name][-1], study.slope[name][-1], study.sd[name][-1]) for name in charts.SCALINGS}
    raw, divided = at["unscaled"], at["scaled"]
    share = float(raw[0] / study.max_entropy)
    what = (
        f"At d_k = {d} the scores of random queries and keys have standard deviation {raw[2]:.2f} (theory √d = "
        f"{sqrt(d):.2f}). Not divided, the softmax over {keys} keys keeps an entropy of **{raw[0]:.2f}** of at most "
        f"{study.max_entropy:.2f}, and the trace of its Jacobian is **{raw[1]:.2f}**; divided by √d, "
        f"**{divided[0]:.2f}** and **{divided[1]:.2f}**."
    )
    order = np.argsort(dimensions[:-1])
    lines = stack_rows(
        make_rows(
            {
                "d": np.array(dimensions[:-1])[order],
                "entropy": study.entropy[name][:-1][order].round(4),
                "slope": study.slope[name][:-1][order].round(4),
                "kind": title,
            }
        )
        for name, (title, *_) in charts.SCALINGS.items()
    )
    entropies, slopes, _ = zip(*at.values(), strict=True)
    titles = [title for title, *_ in charts.SCALINGS.values()]
    here = make_rows({"d": d, "entropy": entropies, "slope": slopes, "kind": titles})
    with stage:
        right = QUESTIONS["Scaling"][1][0 if share < 0.25 else 1 if share <= 0.6 else 2]
        verdict(lab, "Scaling", right, f"{raw[0]:.2f} of {study.max_entropy:.2f} is {share:.1%}.")
        left, right_column = st.columns(2)
        for place, field, title, top, most in (
            (left, "entropy", "Mean entropy of the weights, nats", 5.0, study.max_entropy),
            (right_column, "slope", "Trace of the softmax’s Jacobian", 1.0, 1 - 1 / keys),
        ):
            with place:
                draw(
                    charts.saturation(field, title, top),
                    f"{title}, against d.",
                    what,
                    lines=lines.select(["d", "kind", field]).rename_columns(["d", "kind", "value"]),
                    here=here.select(["d", "kind", field]).rename_columns(["d", "kind", "value"]),
                    most=make_rows({"value": [most]}),
                )
        st.markdown(":small[Dotted: the largest possible, with all keys alike. Means over 200 queries.]")
        seen(what)
    return proof.scaling_closing(dimensions, keys, seed) | {"data": {"Entropy": lines}}


@st.cache_resource
def finished() -> dict[Run, tf.Film]:
    """Films of whole trainings, for all visitors of this process; no more than the page has choices."""
    return {}


class Begun:
    """A training under way, and the film so far."""

    def __init__(self, run: Run):
        """With the model as it is before any step."""
        self.films = tf.filmed_training(**plan_of(run))
        self.film = next(self.films)
        self.lock = Lock()

    def go_on(self) -> bool:
        """To the next checkpoint, if there is one.

        When the visitor does something, the new run of the page begins while the old one is still on its way there.
        """
        with self.lock, turn():
            after = next(self.films, None)
            self.film = after or self.film
        return after is not None


def film_of(run: Run) -> tf.Film:
    """The film of a training, as far as it came."""
    return finished().get(run) or st.session_state["_tf_begun"][run].film


def train(runs: tuple[Run, ...]) -> None:
    """Go on with what is not trained to its end, showing how far it is, unless the visitor has stopped it.

    Whatever the visitor does meanwhile ends this run of the page at the next checkpoint; the training then goes on
    from there in the next one, if it is still asked for.
    """

    def stop(what: tuple[Run, ...] | None) -> None:
        st.session_state["_tf_stopped"] = what
        go_to(CHARTS, None)  # the latest checkpoint

    def done() -> int:
        return int(min(training.film.steps[-1] for training in begun.values()))

    before = st.session_state.get("_tf_begun", {})
    begun = {run: before.get(run) or Begun(run) for run in runs if run not in finished()}
    st.session_state["_tf_begun"] = dict(begun)
    if not begun:
        return
    steps = plan_of(runs[0])["n_steps"]
    with (place := st.empty()).container():
        if st.session_state.get("_tf_stopped") == runs and begun.keys() <= before.keys():
            st.progress(done() / steps, f"Stopped at step {done()} of {steps}")
            st.button("Go on", key="tf_go", on_click=stop, args=(None,), icon=":material/play_arrow:", width="stretch")
            return
        bar = st.empty()
        st.button("Stop", key="tf_stop", on_click=stop, args=(runs,), icon=":material/stop:", width="stretch")
    while begun:
        bar.progress(done() / steps, f"Training: step {done()} of {steps}")
        for run, training in list(begun.items()):
            if not training.go_on():
                finished()[run] = begun.pop(run).film
    place.empty()


def curves_of(film: tf.Film, name: str, accuracy: np.ndarray | None = None) -> Rows:
    """Rows of the charts of a training, with its own accuracies or others; a loss below the axis is on its edge."""
    return make_rows(
        {
            "frame": np.arange(len(film.steps)),
            "step": film.steps,
            "loss": np.clip(film.loss, charts.LEAST, 10).round(5),
            "accuracy": film.accuracy if accuracy is None else accuracy,
            "kind": name,
        }
    )


def checkpoint_labels(film: tf.Film, symbols: tuple[str, ...]) -> list[str]:
    """What the model can do at each checkpoint."""
    rows = zip(film.steps, film.loss, film.accuracy, film.answers, strict=True)
    return [
        f"step {step}: loss {loss:.3f}, without a mistake {right:.2f}; answers {' '.join(symbols[a] for a in answers)}"
        for step, loss, right, answers in rows
    ]


def head_maps(film: tf.Film, layer: int, boxes: Rows, symbols: tuple[str, ...], what: str) -> None:
    """Draw the films of a layer's heads, two beside each other."""
    n, heads = len(film.tokens), film.config.heads
    names = make_rows({"at": np.arange(n) + 0.5, "text": [symbols[token] for token in film.tokens]})
    places = [place for _ in range(0, heads, 2) for place in st.columns(min(heads, 2), gap="small")]
    for head, place in enumerate(places):
        with place:
            if heads > 1:
                st.markdown(f":small[Head {head + 1}]")
            draw(
                charts.attention_map(n, 370 if heads == 1 else 220),
                f"Attention map of layer {layer + 1}, head {head + 1}.",
                what,
                film=charts.film(film.attention[:, layer, head], is_dark()),
                source=boxes,
                names=names,
            )


def head_forms(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """A head is not built in: the loss falls when it finds the token that holds the answer."""
    (run,) = chosen.runs
    film, plan = film_of(run), plan_of(run)
    layers, heads = film.config.layers, film.config.heads
    task, right = plan["task"], float(film.accuracy[-1])
    last = film.on_source[:, -1]  # (checkpoints, heads)
    surest = int(last[-1].argmax())
    what = (
        f"{film.steps[-1]} steps bring the loss from {film.loss[0]:.3f} to **{film.loss[-1]:.3f}** and the share of "
        f"100 fresh sequences answered without a mistake to **{right:.2f}**. An answering token puts "
        f"**{last[-1, surest]:.2f}** of the attention of {'' if heads == 1 else f'head {surest + 1} of '}"
        f"the last layer on the token that holds its answer, {last[0, surest]:.2f} before training."
    )
    answers = make_rows({"x": film.source, "y": film.positions})
    pairs = np.arange(1, 8, 2)
    before = make_rows({"x": pairs - 1, "y": pairs})  # recall: each digit's letter
    if layers == 2:
        previous = float(film.attention[-1, 0][:, pairs, pairs - 1].mean(axis=1).max())
        what += f" In the first, the digits of the pairs put {previous:.2f} of theirs on the letter before them"
        what += "." if heads == 1 else ", in the head that does so most."
    if task.name == "recall":
        what += f" Guessing among four different digits would cost {log(4):.3f}."
    curves = curves_of(film, "model")
    with stage:
        options = QUESTIONS["Watch a head form"][1]
        verdict(
            lab,
            "Watch a head form",
            options[0 if right < 0.5 else 1 if right <= 0.95 else 2],
            f"It is {right:.0%}.",
        )
        with st.container(key=CHARTS):
            left, right_column = st.columns([1, 1.25 * layers])
            with left:
                for field, name in (("accuracy", "Share answered without a mistake"), ("loss", "Loss")):
                    rows = curves.select(["frame", "step", field])
                    draw(
                        charts.training(("model",), plan["n_steps"], field, 190), f"{name} by step.", what, curves=rows
                    )
            with right_column:
                for layer, place in enumerate(st.columns(layers)):
                    with place:
                        st.markdown(f"**Layer {layer + 1}**: rows look at columns")
                        head_maps(film, layer, answers if layer == layers - 1 else before, task.symbols, what)
        player(CHARTS, checkpoint_labels(film, task.symbols), start=len(film.steps) - 1, rate=5)
        st.markdown(
            ":small[The page's own shade: weight 0, blue: 1. Boxes: where the answer is found"
            + ("; in layer 1: the letter before each digit.]" if layers == 2 else ".]")
        )
        seen(what)
    return proof.training_closing(plan, film) | {"data": {"Training": curves}}


def ablations(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """What each part is for shows when it is missing."""
    complete, changed = map(film_of, chosen.runs)
    layers = changed.config.layers
    right = float(changed.accuracy[-1])
    done = len(changed.train_loss)
    what = (
        f"Complete, the model generates **{complete.accuracy[-1]:.2f}** of 100 fresh sequences without a mistake after "
        f"{len(complete.train_loss)} steps (loss {complete.loss[-1]:.3f}). With the change it generates "
        f"**{right:.2f}** after {done} (loss {changed.loss[-1]:.3f}); with all later answers in view, as in training, "
        f"{changed.seen_accuracy[-1]:.2f}."
    )
    if chosen.part == "Mask":
        what += " Its low loss comes from reading the answers, which are not there when it has to generate."
    changed_name = f"no {chosen.part.lower()}" if chosen.part in TAKEN else chosen.part.lower()
    seen_name = "answers in view"  # of the changed model too
    curves = stack_rows([curves_of(complete, "complete"), curves_of(changed, changed_name)])
    in_view = curves_of(changed, seen_name, changed.seen_accuracy)
    frames = len(complete.steps)
    symbols = chosen.runs[0][0].symbols
    labels = checkpoint_labels(changed, symbols)[:frames]
    ended = f"stopped after {done} steps" + (": not finite" if changed.diverged_at else "")
    labels += [ended] * (frames - len(labels))
    with stage:
        options = QUESTIONS["Ablations"][1]
        verdict(lab, "Ablations", options[0 if right < 0.1 else 1 if right <= 0.9 else 2], f"It is {right:.0%}.")
        with st.container(key=CHARTS):
            left, right_column = st.columns([1.25, 1])
            with left:
                names = ("complete", changed_name)
                rows = stack_rows([curves, in_view]).select(["frame", "step", "accuracy", "kind"])
                title = "Share generated without a mistake by step."
                draw(charts.training((*names, seen_name), 100, "accuracy", 230), title, what, curves=rows)
                rows = curves.select(["frame", "step", "loss", "kind"])
                draw(charts.training(names, 100, "loss", 200), "Loss by step.", what, curves=rows)
            with right_column:
                heads = ", head 1" if changed.config.heads == 1 else ", by head"
                last = "" if layers == 1 else f" of layer {layers}"
                st.markdown(f"**With the change**: attention{last}{heads}")
                boxes = make_rows({"x": changed.source, "y": changed.positions})
                head_maps(changed, layers - 1, boxes, symbols, what)
        player(CHARTS, labels, start=frames - 1, rate=5)
        st.markdown(
            ":small[“Answers in view”: the changed model, given the later answers too, as in training. Boxes: where "
            "the answer is found. The map is taken with the whole sequence in view, the loss too; "
            f"a loss under {charts.LEAST} is drawn at the edge.]"
        )
        seen(what)
    whole = plan_of(chosen.runs[0]), complete
    data = {"Training": stack_rows([curves, in_view])}
    return proof.training_closing(plan_of(chosen.runs[1]), changed, whole) | {"data": data}


def measured(config: tf.Config, start: int) -> Rows:
    """Milliseconds of the pass for the next token, as `generate` makes it, without the cache and with it.

    At some lengths from the prompt's to the context; the best of all that fit into 50 ms, as other work on the server
    can only delay.
    """
    theta = tf.initial_parameters(config, dtype=np.float32)
    tokens = np.arange(CONTEXT)[None] % config.vocabulary
    rows = {"length": [], "milliseconds": [], "kind": []}
    for length in np.unique(np.geomspace(start, CONTEXT, MEASURED).round().astype(int)):
        past = None
        for kind, new in (("no cache", length), ("with cache", 1)):
            taken = []
            while sum(taken) < 0.05:
                begin = time.perf_counter()
                passed = tf.forward(theta, config, tokens[:, length - new : length], [-1], past)
                taken.append(time.perf_counter() - begin)
            for column, value in zip(rows.values(), (int(length), 1e3 * min(taken), kind), strict=True):
                column.append(value)
            past = [(K[:, :, :-1], V[:, :, :-1]) for K, V in passed.cache]
    return make_rows(rows)


def kv_cache(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Counted multiplications of a generation, with the keys and values kept and without."""
    with controls:
        width = _slider("Width C", 8, 256, 8, key="tf_width")
        layers = _slider("Layers", 1, 8, key="tf_n_layers")
        start = _slider("Prompt, tokens", 1, 512, key="tf_prompt_length")
        measure = st.button(
            "Measure",
            key="tf_measure",
            icon=":material/timer:",
            width="stretch",
            help="Time the passes for a next token on this server, now: up to a few seconds.",
        )
    config = tf.Config(proof.VOCABULARY, CONTEXT, width, 1, layers)
    if measure:
        with controls, st.spinner("Measuring …"):
            st.session_state["_tf_measured"] = (config, start), measured(config, start)
    spent = tf.generation_cost(config, start, CONTEXT + 1 - start)
    one = spent.uncached / spent.cached
    whole = np.cumsum(spent.uncached) / np.cumsum(spent.cached)
    what = (
        f"From {start} to {CONTEXT:,} tokens: {short(spent.uncached.sum())} multiplications without a cache, "
        f"{short(spent.cached.sum())} with it, **{whole[-1]:.1f}** times fewer. The last token alone costs "
        f"{short(spent.uncached[-1])} or {short(spent.cached[-1])}, {one[-1]:.1f} times fewer; the first costs "
        f"the same: the prompt has to pass once. In exchange {spent.cache_size[-1]:,} numbers are kept, "
        f"{spent.cache_size[-1] * 2 / 2**20:.2f} MiB in 16 bits."
    )
    some = np.unique(np.linspace(0, len(one) - 1, 100).round().astype(int))
    frame = np.arange(len(some))
    costs = stack_rows(
        make_rows({"frame": frame, "length": spent.length[some], "cost": values[some], "kind": name})
        for name, values in (("no cache", spent.uncached), ("with cache", spent.cached))
    )
    savings = stack_rows(
        make_rows({"frame": frame, "length": spent.length[some], "times": values[some].round(2), "kind": name})
        for name, values in (("for the next token", one), ("for all so far", whole))
    )
    labels = [
        f"token after {spent.length[i]:,}: {one[i]:.1f} times fewer; all so far {whole[i]:.1f} times fewer"
        for i in some
    ]
    with stage:
        options = QUESTIONS["KV cache"][1]
        times = whole[-1]
        verdict(lab, "KV cache", options[0 if times < 100 else 1 if times <= 400 else 2], f"It is {times:.1f} times.")
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(charts.cost(400), "Multiplications for the next token by length.", what, costs=costs)
            with right:
                draw(charts.saving(400), "How many times fewer with the cache, by length.", what, savings=savings)
            of, seconds = st.session_state.get("_tf_measured", (None, None))
            if of == (config, start):
                slow, fast = seconds["milliseconds"].to_pylist()[-2:]
                with left:
                    draw(charts.time_taken(300), "Milliseconds for the next token by length.", what, times=seconds)
                right.markdown(
                    f":material/timer: Measured on this server just now: the token after {CONTEXT:,} took "
                    f"**{slow:.3g} ms** without cache and **{fast:.3g} ms** with it, {slow / fast:.3g} times less, "
                    f"where {one[-1]:.0f} times fewer multiplications are counted. Many tokens at once use the "
                    "hardware well, one alone does not; and a small pass still takes its time to start."
                )
        player(CHARTS, labels, start=len(some) - 1, rate=25)
        seen(what)
    return proof.cache_closing(config, start, CONTEXT, some) | {"data": {"Multiplications": costs, "Savings": savings}}


@st.cache_resource(show_spinner=False)
def model() -> tf.LanguageModel:
    """The trained model of characters, in double precision."""
    return tf.LanguageModel.unpacked(language_model(), np.float64)


def written(text: str) -> str:
    """A text on one line."""
    return text.replace("\n", "↵")


def language(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """A text grows by one character at a time, drawn from the model's probabilities."""
    with controls:
        temperature = _slider("Temperature", 0.0, 2.0, 0.05, key="tf_temperature", help="0 takes the most probable.")
        top_k = _slider("Top-k", 1, 53, key="tf_top_k", help="Keep the k most probable; 53 keeps all.")
        top_p = _slider("Top-p", 0.05, 1.0, 0.05, key="tf_top_p", help="Then keep the fewest that reach p together.")
        seed = _slider("Seed of the draws", 0, 99, key="tf_draw")
    lm = model()
    prompt = lm.encode(chosen.prompt)
    options = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    made = tf.generate(lm.theta, lm.config, prompt, N_TOKENS, **options)
    at, drawn = np.arange(N_TOKENS), made.tokens[len(prompt) :]
    other = int((drawn != made.model_probabilities.argmax(axis=1)).sum())
    surprise = -float(np.log(made.model_probabilities[at, drawn]).mean())
    kept = (made.probabilities > 0).sum(axis=1)
    text = written(lm.decode(drawn))
    what = (
        f"“{written(chosen.prompt)}” goes on “{text}”. {other} of these {N_TOKENS} characters are not the model’s most "
        f"probable ones. They cost it **{surprise:.3f}** nats each, a perplexity of **{exp(surprise):.2f}** of "
        f"{len(lm.alphabet)} characters; on average {kept.mean():.2f} stood to be drawn."
    )
    order = np.argsort(-made.logits, axis=1, kind="stable")[:, : charts.TOP]  # (tokens, TOP)
    p, own = (np.take_along_axis(q, order, axis=1) for q in (made.probabilities, made.model_probabilities))
    names = np.array([{" ": "␣", "\n": "↵"}.get(c, c) for c in lm.alphabet])
    rows = make_rows(
        {
            "frame": np.repeat(at, charts.TOP),
            "rank": np.tile(np.arange(charts.TOP), N_TOKENS),
            "token": names[order].ravel(),
            "p": p.ravel().round(4),
            "model": own.ravel().round(4),
            "most": np.maximum(p, own).ravel().round(4),
            "drawn": (order == drawn[:, None]).ravel().astype(int),
        }
    )
    whole = written(lm.decode(made.tokens))
    ends = len(prompt) + at  # tokens that are there when token `frame` is drawn
    labels = [
        f"…{whole[max(0, end - 20) : end]}▸{whole[end]}, drawn at probability {made.probabilities[i, token]:.3f}"
        for i, (end, token) in enumerate(zip(ends, drawn, strict=True))
    ]
    heads = tuple(
        f"layer {layer + 1}, head {head + 1}" for layer in range(lm.config.layers) for head in range(lm.config.heads)
    )
    looked = made.attention.reshape(N_TOKENS, len(heads), -1)
    looked = np.concatenate([np.zeros((N_TOKENS, len(heads), charts.WINDOW)), looked], axis=2)
    window = ends[:, None] + np.arange(charts.WINDOW)  # the last characters before each token, padded on the left
    strips = np.take_along_axis(looked, window[:, None, :], axis=2)
    padded = np.array(list(" " * charts.WINDOW + whole))
    letters = padded[window].ravel()
    some = letters != " "
    words = make_rows(
        {
            "frame": np.repeat(at, charts.WINDOW)[some],
            "x": np.tile(np.arange(charts.WINDOW) + 0.5, N_TOKENS)[some],
            "text": letters[some],
        }
    )
    share = other / N_TOKENS
    with stage:
        verdict(
            lab,
            "Language model",
            QUESTIONS["Language model"][1][0 if not other else 1 if share <= 0.25 else 2],
            f"{other} of {N_TOKENS} times.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns([1, 1.5])
            with left:
                draw(charts.next_tokens(340), "The most probable next characters.", what, next=rows)
            with right:
                name = "Where the last token looks, by head."
                draw(charts.last_position(heads, 340), name, what, film=charts.film(strips, is_dark(), 4), words=words)
        player(CHARTS, labels, start=N_TOKENS - 1, rate=6)
        st.markdown(
            ":small[Left: bars are the probabilities drawn from, ticks the model’s own before temperature, top-k and "
            "top-p. Right: the page's own shade is weight 0, blue 1; the last character is the one that looks.]"
        )
        seen(what)
    return proof.language_closing(lm, chosen.prompt, N_TOKENS, options) | {"data": {"Next characters": rows}}


VIEWS = {
    "Attention by hand": by_hand,
    "Scaling": scaling,
    "Watch a head form": head_forms,
    "Ablations": ablations,
    "KV cache": kv_cache,
    "Language model": language,
}

lab = open_lab("transformer")
for kept in DEFAULTS.keys() & st.session_state.keys():
    st.session_state[kept] = st.session_state[kept]  # or a setting would be lost in an experiment without it
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, {title: DEFAULTS | scene for title, scene in SCENES.items()}, CHARTS)
controls, stage = st.columns([1, 3.6], gap="medium")
with controls:
    chosen, sliders_here = choose(view)
with stage:
    ask(lab, view, *QUESTIONS[view])
    shown_here = st.container()
with controls:
    train(chosen.runs)
live(lab, VIEWS[view], sliders_here, shown_here, chosen)
close_lab(lab)
