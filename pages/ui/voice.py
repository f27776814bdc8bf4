"""What a chart says: the tooltips of a specification and the numbers on its axes, made from its own encodings.

Every mark speaks in the words of its axes and its legend, every number as in `numbers`. A line is one mark, of which a
browser would always tell the first point; so it says its name, and points on it, often invisible, say the values.
Pictures, areas and words have nothing to add.
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import altair as alt

from pages.ui import numbers

Part = dict[str, Any]
MOST_DOTS = 150  # of the invisible points of a line: each costs the browser a tooltip at every change of the data
_SILENT = {"image", "area", "text"}
_PLACES = ("x", "y")
_LOOKS = ("color", "fill", "stroke", "shape", "strokeDash")


def speak(plain: Part) -> Part:
    """The specification with a tooltip for each mark, and with axes and legends that write numbers alike."""
    words = {}
    for unit in units(plain):
        for place in _PLACES:
            words[place] = words.get(place) or _title(unit["encoding"].get(place, {}))
    _voice(plain, words, many=False)
    for unit in units(plain):
        for encoding in _encodings(unit, _PLACES):
            _number_axis(encoding)
        for encoding in _encodings(unit, _LOOKS):
            if encoding.get("legend"):
                _fold_legend(encoding)
    return plain


def said(**values: str) -> alt.ExprRef:
    """A tooltip by hand: the expressions of numbers, by what they are called."""
    return alt.expr(_tooltip("", {name: numbers.expression(value) for name, value in values.items()})["value"]["expr"])


def units(part: Part) -> Iterator[Part]:
    """Every mark of a specification with its encodings."""
    if "layer" in part:
        for inner in part["layer"]:
            yield from units(inner)
    else:
        part["mark"] = part["mark"] if isinstance(part["mark"], dict) else {"type": part["mark"]}
        part.setdefault("encoding", {})
        yield part


def _encodings(unit: Part, channels: tuple[str, ...]) -> Iterator[Part]:
    """The encodings of a mark in some channels; one channel can have several."""
    for channel in channels:
        found = unit["encoding"].get(channel, [])
        yield from found if isinstance(found, list) else [found]


def _title(encoding: Part) -> str:
    """What an axis or a legend calls its field, without the remarks in brackets or after a colon."""
    title = encoding.get("title") or (encoding.get("legend") or {}).get("title") or ""
    title = " ".join(title) if isinstance(title, list) else title
    return re.split("[:;] ", re.sub(r" \([^()]*\)$", "", title))[0]


def _voice(part: Part, words: dict[str, str], many: bool) -> list[Part]:
    """Give tooltips to every mark in `part`; the layers that stand for it then. `many` if it has too many points."""
    many = many or any("fold" in step or "<= frame" in step.get("filter", "") for step in part.get("transform", []))
    if "layer" in part:
        part["layer"] = [new for inner in part["layer"] for new in _voice(inner, words, many)]
        return [part]
    mark, encoding = part["mark"], part["encoding"]
    if "tooltip" in mark:  # said by hand
        encoding["tooltip"] = {"value": mark.pop("tooltip")}
        return [part]
    parts = [part]
    name, values = _name(part), _values(part, words)
    if mark["type"] == "line":
        point = mark.pop("point", False)
        if values and (point or not many):
            look = {"opacity": 1, "filled": True, **(point if isinstance(point, dict) else {})}
            dots = {"type": "point", "clip": mark.get("clip", False), **(look if point else {"opacity": 0, "size": 90})}
            channels = (*_PLACES, *(_LOOKS[:-1] if point else ()))
            own = {channel: copy.deepcopy(encoding[channel]) for channel in channels if channel in encoding}
            steps = [*part.get("transform", []), *([] if point else [{"sample": MOST_DOTS}])]
            encoding_of_dots = {**own, "tooltip": _tooltip(name, values)}
            parts.append({**part, "transform": steps, "mark": dots, "encoding": encoding_of_dots})
        values = {}
    if mark["type"] in _SILENT or mark.get("fill") == "transparent":
        name, values = "", {}
    encoding["tooltip"] = _tooltip(name, values)
    return parts


def _name(unit: Part) -> str:
    """The expression of what a mark is called: its entry on an axis of names, and in the legend."""
    names = []
    for found in _encodings(unit, (*_PLACES, *_LOOKS, "detail")):
        if found.get("type") in {"nominal", "ordinal"} and "field" in found and not _title(found):
            names.append(_written(found, found["field"]))
        elif isinstance(found.get("datum"), str):
            names.append(json.dumps(found["datum"], ensure_ascii=False))
    return " + ', ' + ".join(dict.fromkeys(names))


def _values(unit: Part, words: dict[str, str]) -> dict[str, str]:
    """The expressions of the values of a mark, by what they are called; `words` name an axis that has no title."""
    values = {}
    for channel in (*_PLACES, *_LOOKS, "detail"):
        for found in _encodings(unit, (channel,)):
            title, axis = _title(found) or words.get(channel, ""), found.get("axis", {})
            if "field" not in found or not title or axis is None or axis.get("labels") is False:
                continue
            values[title] = _written(found, found["field"])
            other = unit["encoding"].get(f"{channel}2", {})
            if "field" in other:
                values[title] += f" + ' to ' + {_written(found, other['field'])}"
    return values


def _written(encoding: Part, field: str) -> str:
    """The expression that writes a field: a number, a share, or a word."""
    value = f"datum[{json.dumps(field)}]"
    guide = encoding.get("axis") or encoding.get("legend") or {}
    if "datum.value" in guide.get("labelExpr", ""):
        return f"({guide['labelExpr'].replace('datum.value', value)})"
    if encoding.get("type") != "quantitative":
        return value
    if "%" in guide.get("format", ""):
        return f"format({value}, '.3~p')"
    return numbers.expression(value)


def _tooltip(name: str, values: dict[str, str]) -> Part:
    """The encoding; `title` is what a browser puts above the values."""
    words = [f"title: {name}"] if name else []
    words += [f"{json.dumps(called, ensure_ascii=False)}: {value}" for called, value in values.items()]
    return {"value": {"expr": f"{{{', '.join(words)}}}"} if words else None}


def _number_axis(encoding: Part) -> None:
    """Let an axis write its numbers as all else does, where it would use an e or a letter for a power of ten."""
    axis, log = encoding.get("axis", {}), (encoding.get("scale") or {}).get("type") == "log"
    if encoding.get("type") != "quantitative" or axis is None or "labelExpr" in axis:
        return
    if re.search("[esg]$", axis.get("format", "")) or (log and "format" not in axis):
        words = f"datum.label == '' ? '' : {numbers.expression('datum.value')}"
        encoding["axis"] = {key: value for key, value in axis.items() if key != "format"} | {"labelExpr": words}


def _fold_legend(encoding: Part) -> None:
    """Give a legend as many columns as there is room for, up to those that it asks for."""
    legend, names = encoding["legend"], [str(name) for name in (encoding.get("scale") or {}).get("domain", [])]
    if not names or encoding["type"] == "quantitative":
        return
    fitting = "1"
    for columns in range(2, min(legend.get("columns", len(names)), len(names)) + 1):
        # In pixels: a symbol with its gaps, and the letters; each column is as wide as its longest name.
        needed = round(sum(40 + 6.2 * max(map(len, names[column::columns])) for column in range(columns)))
        fitting = f"width + 26 >= {needed} ? {columns} : {fitting}"
    legend["columns"] = {"expr": fitting}
