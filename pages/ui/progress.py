"""The visitor's progress: one JSON document that lives in the browser, never on the server.

    {"version": 1,
     "reviews": [[card, rating from 1 to 4, time], …],
     "mocks": [[time, [[card, points made, points there are], …]], …],
     "drafts": {challenge: code},
     "solved": {challenge: time},
     "answers": {question: text},
     "interviews": {name: {"names": [question, …], "minutes": …, …}, …}}

A page calls `load` and may then read and change; the router calls `keep` after every page, which hands the changes
to the browser. A change is a small document of the same form, where a null takes an answer or an interview away: the
browser merges it into what it stores then, so two tabs do not undo each other. Change it in a run of the whole page,
not of a fragment: `keep` is not part of that.
Times are UTC, to the second. Whatever comes from the browser or a file is checked item by item.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.ui.component import component

Document = dict[str, Any]
VERSION = 1
MAX_TEXT = 3_000_000  # characters of a whole document: all of the below
MAX_SAID = 8_000_000  # of what a browser says: its document, in quotes, and what it holds of damaged ones
MAX_UNHEARD = 20  # changes that the browser has not yet confirmed; older ones become one
MAX_REVIEWS = 20_000
MAX_MOCKS = 500
MAX_NAMES = 200  # challenges, and questions
MAX_INTERVIEWS = 20
MAX_CODE = 65_536  # characters of a draft: the sandbox takes no more
MAX_ANSWER = 5000  # characters of a typed answer
TIME = "%Y-%m-%dT%H:%M:%SZ"
_KEY, _STORE = "progress", "_progress"
_NAME = re.compile(r"[a-z0-9_]{1,80}")
_TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_NOTICES = {
    "damaged": "The progress stored in this browser is damaged. What could be read is used; the whole is kept, and "
    "the page Recall offers it as a file.",
    "blocked": "This browser does not let the page store your progress: it lasts until you close or reload the page. "
    "The page Recall offers it as a file.",
    "full": "This browser has no room for your progress: what you do now lasts until you close or reload the page. "
    "The page Recall offers it as a file.",
}
_browser = component("progress", room=MAX_SAID)


@dataclass(frozen=True)
class Interview:
    """A mock interview that has begun; it is at the question after those of `made`, and over after the last."""

    names: tuple[str, ...]  # of its questions
    minutes: int  # for each question
    since: datetime  # when the question now was asked
    shown: bool = False  # whether its points are on screen
    made: tuple[int, ...] = ()  # points made, question by question
    typed: str = ""  # the answer to the question now
    ticked: tuple[int, ...] = ()  # the points of it that were made, by their places

    @property
    def is_over(self) -> bool:
        """Whether every question was answered."""
        return len(self.made) == len(self.names)


def load() -> Document | None:
    """The visitor's document, or None before the browser has answered; says so if there is something wrong with it."""
    store = _store()
    store["wanted"] = True
    for notice in sorted(store["notices"]):
        st.warning(_NOTICES[notice], icon=":material/healing:")
    return store["document"] if store["heard"] else None


def keep() -> None:
    """Hand the changes to the browser and hear what it stores; draws nothing."""
    store = st.session_state.get(_STORE)
    if store is None or not store["wanted"]:
        return
    _browser(
        key=_KEY,
        data={"session": store["session"], "changes": store["changes"], "limit": MAX_TEXT},
        on_answer_change=_hear,
        height="content",
    )


def reviews() -> list[tuple[str, int, datetime]]:
    """Card, rating (1 to 4) and time of every review, the oldest first."""
    found = [(card, rating, _read_time(at)) for card, rating, at in _store()["document"]["reviews"]]
    return sorted(found, key=lambda review: review[2])


def add_review(card: str, rating: int) -> None:
    """Note how well the visitor answered a card just now."""
    _change(reviews=[[card, rating, _time()]])


def mocks() -> list[tuple[datetime, list[tuple[str, int, int]]]]:
    """Time and answers (card, points made, points there are) of every mock interview, the oldest first."""
    found = [(_read_time(at), answers) for at, answers in _store()["document"]["mocks"]]
    return sorted(((at, [tuple(answer) for answer in answers]) for at, answers in found), key=lambda mock: mock[0])


def add_mock(answers: list[tuple[str, int, int]]) -> None:
    """Note a mock interview that has just ended: card, points made, points there are."""
    _change(mocks=[[_time(), [list(answer) for answer in answers]]])


def draft(name: str) -> str | None:
    """The visitor's program for a challenge, if there is one."""
    return _store()["document"]["drafts"].get(name)


def keep_draft(name: str, code: str) -> None:
    """Keep the program; one that is too long or no text is not kept."""
    if code != draft(name) and _is_code(code):
        _change(drafts={name: code})


def answer(name: str) -> str:
    """What the visitor has typed as the answer to a question; empty if nothing."""
    return _store()["document"]["answers"].get(name, "")


def keep_answer(name: str, text: str) -> None:
    """Keep a typed answer; an empty one takes it away."""
    if text != answer(name) and _is_typed(text):
        _change(answers={name: text or None})


def interviews() -> dict[str, Interview]:
    """The mock interviews that have begun, in every tab, until `drop_interview`."""
    found = {}
    for name, its in _store()["document"]["interviews"].items():
        lists = {part: tuple(its[part]) for part in ("names", "made", "ticked")}
        found[name] = Interview(**{**its, **lists, "since": _read_time(its["since"])})
    return found


def keep_interview(name: str, interview: Interview) -> None:
    """Keep how an interview stands."""
    its = {**asdict(interview), "since": interview.since.strftime(TIME)}
    its = {part: list(value) if isinstance(value, tuple) else value for part, value in its.items()}
    if _is_interview(name, its):
        _change(interviews={name: its})


def drop_interview(name: str) -> None:
    """Forget an interview; its score stays among the `mocks`."""
    _change(interviews={name: None})


def solved() -> dict[str, str]:
    """When each solved challenge was solved first."""
    return dict(_store()["document"]["solved"])


def mark_solved(name: str) -> None:
    """Note that a challenge is solved; the first time counts."""
    if name not in _store()["document"]["solved"]:
        _change(solved={name: _time()})


def exported() -> str:
    """The document as the text of a file."""
    return json.dumps(_store()["document"], indent=1)


def take_in(text: str) -> str | None:
    """Add what a file holds; a sentence if it could not be read, or not all of it.

    What is there already of drafts, answers and interviews stays as it is.
    """
    document, whole = parse(text)
    for part in ("drafts", "answers", "interviews"):
        here = _store()["document"][part]
        document[part] = {name: item for name, item in document[part].items() if name not in here}
    if whole:
        _change(**document)
        return None
    if not any(document[part] for part in _PARTS):
        return "This file holds no progress that can be read. Nothing was changed."
    _change(**document)
    return "A part of this file could not be read; the rest of it was added. The file itself is as it was."


def damaged() -> str | None:
    """What the browser keeps of documents that could not be read."""
    return _store()["damaged"]


def parse(text: str) -> tuple[Document, bool]:
    """The document that a text holds, and whether it holds nothing but that; unusable items are left out."""
    document = _empty()
    if len(text) > MAX_TEXT:
        return document, False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return document, False
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return document, False
    whole = document.keys() - _LATER <= found.keys() <= document.keys()
    for part, (form, limit, is_sound) in _PARTS.items():
        items = found.get(part, form() if part in _LATER else None)
        if not isinstance(items, form):
            whole = False
            continue
        pairs = list(items.items() if form is dict else enumerate(items))
        sound = [(name, item) for name, item in pairs if is_sound(name, item)][-limit:]
        document[part] = dict(sound) if form is dict else _unique([item for _, item in sound])
        whole = whole and len(sound) == len(pairs)
    return document, whole


def merge(old: Document, change: Document) -> Document:
    """A document after a change, as the browser does it."""
    return {
        "version": VERSION,
        "reviews": _unique([*old["reviews"], *change["reviews"]]),
        "mocks": _unique([*old["mocks"], *change["mocks"]]),
        "drafts": {**old["drafts"], **change["drafts"]},
        "solved": {**change["solved"], **old["solved"]},
        "answers": _latest(old["answers"], change["answers"]),
        "interviews": _latest(old["interviews"], change["interviews"]),
    }


def _store() -> dict[str, Any]:
    """What this session knows."""
    new = {
        "session": uuid.uuid4().hex,
        "document": _empty(),
        "heard": False,  # whether the browser has answered
        "wanted": False,  # whether a page has asked for the document
        "changes": [],  # those that the browser has not yet confirmed
        "made": 0,  # how many changes this session has made
        "notices": set(),
        "damaged": None,
    }
    return st.session_state.setdefault(_STORE, new)


def _change(**parts: Any) -> None:
    """Make a change here and queue what is new in it for the browser."""
    store = _store()
    old, change = store["document"], {**_empty(), **parts}
    document = merge(old, change)
    if document == old:
        return
    if len(json.dumps(document)) > MAX_TEXT // 2:  # far from what `parse` takes, however the browser writes it
        store["notices"].add("full")
        return
    store["document"] = document
    for part in ("reviews", "mocks"):
        change[part] = document[part][len(old[part]) :]
    change["drafts"] = {name: code for name, code in change["drafts"].items() if old["drafts"].get(name) != code}
    change["solved"] = {name: at for name, at in change["solved"].items() if name not in old["solved"]}
    _queue(change)


def _queue(document: Document, *, repair: bool = False) -> None:
    """A change for the browser: merge this document, or, to repair, set aside what is there and store this one."""
    store = _store()
    store["made"] += 1
    changes = [*store["changes"], {"number": store["made"], "repair": repair, "document": document}]
    if len(changes) > MAX_UNHEARD:  # a browser that has made the first of two makes it twice, to the same end
        first, second, *others = changes
        both = merge(first["document"], second["document"])
        changes = [{**second, "repair": first["repair"], "document": both}, *others]
    store["changes"] = changes


def _hear() -> None:
    """Take the browser's answer."""
    store = _store()
    try:
        said = st.session_state[_KEY]["answer"]
        if len(said) > MAX_SAID:
            return
        answer = json.loads(said)
        session, done, text = answer["session"], answer["done"], answer["text"]
        problem, broken = answer["problem"], answer["damaged"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return
    # A browser that has lost its server repeats first what it told the old one.
    if session != store["session"] or type(done) is not int or not isinstance(text, str | None):
        return
    document, whole = (_empty(), True) if text is None else parse(text)
    store["changes"] = [change for change in store["changes"] if change["number"] > done]
    for change in store["changes"]:
        document = merge(document, change["document"])
    if not whole:
        store["changes"] = []
        _queue(document, repair=True)
    store["document"], store["heard"] = document, True
    store["damaged"] = broken if isinstance(broken, str) and _is_text(broken) else None
    store["notices"] &= {"damaged"}
    if not whole:
        store["notices"].add("damaged")
    if isinstance(problem, str) and problem in _NOTICES:
        store["notices"].add(problem)


def _empty() -> Document:
    return {"version": VERSION, **{part: form() for part, (form, _, _) in _PARTS.items()}}


def _time() -> str:
    return datetime.now(UTC).strftime(TIME)


def _read_time(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


def _latest(old: Document, change: Document) -> Document:
    """What stands after a change; its nulls take away."""
    return {name: item for name, item in {**old, **change}.items() if item is not None}


def _unique(items: list[Any]) -> list[Any]:
    """Every item once, in order."""
    return list({json.dumps(item): item for item in items}.values())


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.strptime(value, TIME)
    except ValueError:
        return False
    return True


def _is_count(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return "\0" not in value


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_CODE and _is_text(value)


def _is_review(_: int, value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and _is_name(value[0])
        and _is_count(value[1], 1, 4)
        and _is_time(value[2])
    )


def _is_answer(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and _is_name(value[0])
        and _is_count(value[2], 1, 20)
        and _is_count(value[1], 0, value[2])
    )


def _is_mock(_: int, value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and _is_time(value[0])
        and isinstance(value[1], list)
        and 1 <= len(value[1]) <= 100
        and all(_is_answer(answer) for answer in value[1])
    )


def _is_typed(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_ANSWER and _is_text(value)


def _are(value: Any, is_sound: Callable[[Any], bool], low: int, high: int) -> bool:
    return isinstance(value, list) and low <= len(value) <= high and all(is_sound(item) for item in value)


def _is_interview(name: Any, value: Any) -> bool:
    return (
        _is_name(name)
        and isinstance(value, dict)
        and value.keys() == Interview.__annotations__.keys()
        and _are(value["names"], _is_name, 1, 100)
        and _is_count(value["minutes"], 1, 60)
        and _is_time(value["since"])
        and isinstance(value["shown"], bool)
        and _are(value["made"], lambda count: _is_count(count, 0, 20), 0, len(value["names"]))
        and _is_typed(value["typed"])
        and _are(value["ticked"], lambda place: _is_count(place, 0, 19), 0, 20)
    )


_PARTS: dict[str, tuple[type, int, Callable[[Any, Any], bool]]] = {
    "reviews": (list, MAX_REVIEWS, _is_review),
    "mocks": (list, MAX_MOCKS, _is_mock),
    "drafts": (dict, MAX_NAMES, lambda name, code: _is_name(name) and _is_code(code)),
    "solved": (dict, MAX_NAMES, lambda name, at: _is_name(name) and _is_time(at)),
    "answers": (dict, MAX_NAMES, lambda name, text: _is_name(name) and _is_typed(text)),
    "interviews": (dict, MAX_INTERVIEWS, _is_interview),
}
_LATER = {"answers", "interviews"}  # what documents stored by earlier versions do not have
