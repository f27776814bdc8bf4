"""Pages run in-process, as a visitor meets them: an address, the controls on the page, what is on screen.

Nothing here knows a page by name: pages are the scripts in `pages/`, labs are what `all_labs()` finds, and a
lab's controls are whatever its experiments draw.
"""

import functools
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.state.common import TESTING_KEY
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.element_tree import Block, Element

from pages.practice.questions import all_questions
from pages.ui.lab import Lab, all_labs, load

# Every new session would look through all installed packages for components, and compile the page anew at every
# run: each takes longer than the page does. A server does both once.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
app_test.ScriptCache = local_script_runner.ScriptCache = functools.cache(ScriptCache)

ROOT = Path(__file__).parents[2]
LABS = all_labs()
PAGES = sorted(path.stem for path in ROOT.glob("pages/*.py") if path.stem not in {"__init__", "router"})
# The depths of answer of a lab and of a question.
SECTIONS = [
    "In 30 seconds",
    "In 2 minutes",
    "On the whiteboard",
    "In practice",
    "Follow-ups",
    "The common wrong answer",
]
BROUGHT = {"file_uploader", "text_area"}  # what a visitor brings along: too large, and too private, for an address
OF_BROUGHT = {"target", "features", "positive", "names_on", "gaps", "score_first"}  # how it is read: ends of keys
TEXTS = ["", "one", "1 + 1 = 2", "more of them than any page shows " * 8, "`a` <b>bold</b> *b* $c$ \u202e 😀"]
NO_NUMBER = re.compile(r"\b(nan|inf|NaN|Infinity|None(?! [a-z]))\b")
# Numbers as Python prints them: a hyphen for a minus, an e for a power of ten.
RAW_NUMBER = re.compile(r"(?<![\w)\]’'.-])-\.?\d|\d[eE][-+]?\d")
# What is written, not computed, may speak of numbers that are none.
WRITTEN = [text.strip() for page in [*LABS, *all_questions()] for text in page.sections.values()]
WRITTEN += [point for question in all_questions() for point in question.points]
PROSE = [text for text in WRITTEN if NO_NUMBER.search(text)]

Node = Element | Block
Choice = str | list[str]  # a control's value as the address writes it
Settings = Mapping[str, Choice]


def visit(page: str, settings: Settings | None = None) -> AppTest:
    """Arrive at a page by an address, in a new session."""
    at = AppTest.from_file(ROOT / "pages" / "router.py", default_timeout=60).run()
    at.switch_page(f"{page}.py")
    at.query_params.update(settings or {})
    return at.run()


def bound(at: AppTest) -> dict[str, Node]:
    """Everything on the page that the address holds, by its key."""
    nodes = (node for node in at if getattr(getattr(node, "proto", None), "query_param_key", ""))
    return {node.proto.query_param_key: node for node in nodes}


def controls(at: AppTest) -> dict[str, Node]:
    """The bound controls of the experiment: all but the folded sections."""
    return {key: node for key, node in bound(at).items() if isinstance(node, Element)}


def sections(page: str) -> Settings:
    """The address that opens everything folded on a page."""
    return {key: "true" for key, node in bound(visit(page)).items() if isinstance(node, Block)}


def options(node: Node) -> list[str]:
    """The labels that a control offers; none if it is a number or a switch."""
    return [getattr(option, "content", option) for option in getattr(node.proto, "options", [])]


def is_number(node: Node) -> bool:
    """Whether a control is a number: its values are an ordered range, and no chart may be redrawn for them."""
    return hasattr(node.proto, "step") and not options(node)


def is_text(node: Node) -> bool:
    """Whether a control takes what the visitor writes."""
    return getattr(node, "type", "") == "text_input"


def choices(node: Node) -> list[Choice]:
    """Every value that a control takes, from the lowest to the highest; of a text, some of all kinds."""
    if is_text(node):
        return [*TEXTS]
    labels: list[Choice] = [*options(node)]
    if labels:
        return [*([label] for label in labels), labels] if isinstance(node.value, list) else labels
    if not is_number(node):
        return ["false", "true"]
    low, step = node.proto.min, node.proto.step
    return [f"{low + step * i:.10g}" for i in range(int((node.proto.max - low) / step + 1e-9) + 1)]


def put(node: Node, choice: Choice) -> None:
    """Set a control to one of its `choices`."""
    if options(node):
        node.root.session_state[TESTING_KEY][node.id] = str  # labels are given as they are on screen
        node.set_value(choice)
    elif is_number(node):
        node.set_value(type(node.value)(choice))
    else:
        node.set_value(choice if is_text(node) else choice == "true")


def holds(at: AppTest, node: Node, choice: Choice) -> bool:
    """Whether a control's value is what the address said."""
    key = node.proto.query_param_key
    value = at.session_state[key]
    if options(node):
        said = choice if isinstance(choice, list) else [choice]
        # Of a setting given twice the widgets for one value take the last; `?key=` chooses none of several.
        said = [item for item in said if item] if isinstance(value, list) else said[-1:]
        return [node.format_func(item) for item in (value if isinstance(value, list) else [value])] == said
    if isinstance(choice, list):
        choice = choice[-1]  # of a setting given twice the widgets take the last
    if isinstance(value, bool):
        return choice.lower() == str(value).lower()
    if is_text(node):
        return choice == value
    try:
        return float(choice) == value
    except ValueError:
        return False


def address(at: AppTest) -> dict[str, Choice]:
    """What the browser's address says once the controls stand as they do."""
    found: dict[str, Choice] = {}
    for key, node in controls(at).items():
        value = node.value
        if options(node):
            labels = [node.format_func(item) for item in (value if isinstance(value, list) else [value])]
            found[key] = labels if isinstance(value, list) else labels[0]
        else:
            found[key] = value if is_text(node) else str(value).lower()
    return found


def in_range(at: AppTest, node: Node) -> bool:
    """Whether a control's value is one that it offers."""
    value = at.session_state[node.proto.query_param_key]
    if options(node):
        return all(node.format_func(item) in options(node) for item in (value if isinstance(value, list) else [value]))
    return (
        node.proto.min <= value <= node.proto.max
        if is_number(node)
        else isinstance(value, str if is_text(node) else bool)
    )


def draw(at: AppTest, rng: random.Random) -> dict[str, Choice]:
    """Random settings for everything on the page but its experiment."""
    return {key: rng.choice(choices(node)) for key, node in controls(at).items() if not key.endswith("_view")}


def views(lab: Lab) -> list[Settings]:
    """The address of each experiment of a lab."""
    at = visit(lab.name)
    key = f"{lab.prefix}_view"
    return [{key: view} for view in options(controls(at)[key])]


@functools.cache
def experiments() -> list[tuple[Lab, Settings]]:
    """Every experiment of every lab; a lab that cannot even be opened counts as one."""
    found = []
    for lab in LABS:
        try:
            found += [(lab, view) for view in views(lab)]
        except KeyError:
            found.append((lab, {f"{lab.prefix}_view": "absent"}))
    return found


def named(experiment: object) -> str:
    """A readable test id."""
    if isinstance(experiment, Lab):
        return experiment.name
    return "-".join(str(value) for value in experiment.values()) if isinstance(experiment, Mapping) else str(experiment)


def texts(at: AppTest) -> Iterator[str]:
    """All that a visitor reads or hears on a page, source code excepted."""
    for node in at:
        if getattr(node, "type", "") != "code":
            proto = getattr(node, "proto", None)
            yield from filter(None, (getattr(proto, name, "") for name in ("body", "label", "alt", "help", "json")))
    for table in at.table:
        yield table.value.to_string()


def seen(at: AppTest) -> str:
    """The sentences of what is seen."""
    (text,) = (markdown.value for markdown in at.markdown if markdown.value.startswith(":material/visibility:"))
    return text


def said(at: AppTest) -> list[str]:
    """All that is computed and said of what is seen: sentences, small print, the player's labels, alternatives."""
    written = (markdown.value for markdown in at.markdown)
    sentences = [
        text
        for text in written
        if text.startswith((":material/visibility:", ":small", "**Predict", ":green", ":orange"))
    ]
    labels = [label for player in players(at) for label in player["labels"]]
    return [*sentences, *labels, *(alt for component in components(at, "describe") for alt in component["alts"])]


def components(at: AppTest, name: str) -> list[dict[str, Any]]:
    """What each of our own components of that name was given."""
    protos = (node.proto for node in at.get("bidi_component"))
    return [json.loads(proto.json) for proto in protos if proto.component_name == name]


players = functools.partial(components, name="player")


def charts(at: AppTest) -> list[Any]:
    """The charts on the page, as sent to the browser."""
    return [node.proto for node in at.get("vega_lite_chart")]


def problems(at: AppTest) -> list[str]:
    """What no page may show, in any state: an exception, an error, a number that is none."""
    found = [f"exception: {exception.message}\n" + "\n".join(exception.stack_trace) for exception in at.exception]
    found += [f"error: {error.value}" for error in at.error]
    for text in texts(at):
        for part in PROSE:
            text = text.replace(part, "")
        text = re.sub("`[^`]*`", "", text)  # what the address said, quoted in the notice
        if match := NO_NUMBER.search(text):
            found.append(f"{match[0]}: …{text[max(0, match.start() - 80) : match.end() + 40]}…")
    for text in said(at):
        if match := RAW_NUMBER.search(re.sub("`[^`]*`", "", text)):
            found.append(f"a raw number: …{text[max(0, match.start() - 80) : match.end() + 40]}…")
    return found


def tables(page: str, settings: Settings) -> dict[str, bytes]:
    """The files with the data of the charts, by their names."""
    offered = {}

    def download_button(label, data, file_name, mime, **_):
        assert mime == "text/csv"
        offered[file_name] = data

    with mock.patch.object(st, "download_button", download_button):
        assert not visit(page, settings).exception
        return {name: data() for name, data in offered.items()}


@dataclass(frozen=True)
class Sight:
    """One state of a page: how it was reached, and what must hold there."""

    settings: Settings
    problems: list[str]
    keys: frozenset[str]  # of widgets and containers
    unbound: list[str]  # controls that the address does not hold
    charts: list[str]  # the name of each
    alts: list[str]  # what each shows now
    players: list[dict[str, Any]]
    bound: frozenset[str]
    specs: list[dict[str, Any]]  # of the charts, without their data


def look(at: AppTest, settings: Settings) -> Sight:
    """Note what the contracts of a page look at."""
    widgets = [node for node in at if hasattr(node, "set_value") and hasattr(node, "_widget_state")]
    return Sight(
        settings=settings,
        problems=problems(at),
        keys=frozenset(node.key for node in at if getattr(node, "key", None) and node.type != "bidi_component"),
        unbound=[
            f"{node.type} {node.label!r}"
            for node in widgets
            if not node.key
            or (
                node.type not in {"button", "download_button", *BROUGHT}
                and node.key.partition("_")[2] not in OF_BROUGHT
                and node.key not in bound(at)
            )
        ],
        charts=[chart.alt for chart in charts(at)],
        alts=[alt for component in components(at, "describe") for alt in component["alts"]],
        players=players(at),
        bound=frozenset(bound(at)),
        specs=[json.loads(chart.spec) for chart in charts(at)],
    )


def survey(lab: Lab) -> list[Sight]:
    """Every experiment of a lab, with each option of each of its choices tried in turn; looked at once."""
    return _survey(lab.name)


@functools.cache
def _survey(name: str) -> list[Sight]:
    lab = load(name)
    sights = []
    for view in views(lab):
        at = visit(lab.name, view)
        sights.append(look(at, view))
        known = controls(at)
        for key, node in known.items():
            if key in view or is_number(node):
                continue
            for choice in choices(node):
                put(controls(at)[key], choice)
                at.run()
                sights.append(look(at, {**view, key: choice}))
                for own in [own for own, node in controls(at).items() if is_text(node) and own not in known]:
                    for text in choices(controls(at)[own]):
                        put(controls(at)[own], text)
                        sights.append(look(at.run(), {**view, key: choice, own: text}))
                if at.exception:
                    at = visit(lab.name, view)
            at = visit(lab.name, view)
    return sights
