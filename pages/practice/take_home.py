"""The file to take home: a challenge with its probes, for NumPy and pytest alone."""

import textwrap

import numpy as np

from pages.practice.challenge import Challenge
from pages.practice.grading import answer_of, calls
from pages.ui.script import standalone

COMPARE = '''
def agrees(came, want, tolerance):
    """Whether two answers agree in structure, shape, kind of number and value."""
    if isinstance(want, (tuple, list)):
        return (
            isinstance(came, (tuple, list))
            and len(came) == len(want)
            and all(agrees(one, other, tolerance) for one, other in zip(came, want))
        )
    if isinstance(want, str):
        return came == want
    came, want = np.asarray(came), np.asarray(want)
    return (
        came.shape == want.shape
        and (came.dtype.kind == "f") == (want.dtype.kind == "f")
        and np.allclose(came, want, rtol=tolerance, atol=1e-10, equal_nan=True)
    )


@pytest.mark.parametrize(("name", "function", "args", "want", "judge", "canonical", "tolerance"), PROBES)
def test_probe(name, function, args, want, judge, canonical, tolerance):
    given = copy.deepcopy(args)
    came = function(*given)
    assert came is not None, f"{function.__name__} returned None: is a return missing?"
    assert all(agrees(now, was, 0) for now, was in zip(given, args) if was is not None), "an argument was changed"
    if judge:
        says = judge(came, *args)
        assert not says, f"{name}: {says}"
    else:
        same = canonical or (lambda answer, *_: answer)
        assert agrees(same(came, *args), same(want, *args), tolerance), f"{name}: expected {want}, got {came}"
'''


def take_home(challenge: Challenge, solution: str = "") -> str:
    """A test file around `solution` (the starter, unless given): `pytest <name>.py` runs every probe."""
    rows, helpers = [], []
    for probe, call in zip(challenge.probes, calls(challenge), strict=False):
        judge, canonical = probe.judge, challenge.canonical.get(call.function)
        helpers += [function.__name__ for function in (judge, canonical) if function]
        want = None if judge else answer_of(challenge.reference, call).value
        rows.append(
            f"    ({probe.name!r}, {call.function}, {_source(call.args)}, {_source(want)}, "
            f"{judge.__name__ if judge else None}, {canonical.__name__ if canonical and not judge else None}, "
            f"{probe.tolerance!r}),"
        )
    task = textwrap.fill(
        f"{challenge.title}. Complete the program below, then run: pytest {challenge.name}.py (NumPy and pytest are "
        "all it needs).",
        100,
    )
    cut = standalone("; ".join(dict.fromkeys(helpers)) or "None", challenge.module)
    main = "; ".join(dict.fromkeys(helpers)) or "None"
    tools = cut.removesuffix(f"{main}\n").replace("from __future__ import annotations\n", "").strip()
    parts = [
        f'"""{task}"""',
        "import copy\n\nimport numpy as np\nimport pytest",
        (solution or challenge.starter).strip(),
        "# --- The probes ---",
        tools,
        "PROBES = [\n" + "\n".join(rows) + "\n]",
        COMPARE.strip(),
    ]
    return "\n\n\n".join(part for part in parts if part) + "\n"


def _source(value: object) -> str:
    """An expression that makes a value: numbers, strings, None, arrays, and tuples or lists of them."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        text = np.array2string(
            array, separator=", ", threshold=array.size + 1, floatmode="unique", max_line_width=10**6
        )
        text = " ".join(text.split()).replace("nan", "np.nan").replace("inf", "np.inf")
        return f"np.array({text}, dtype={array.dtype.name!r})"
    if isinstance(value, tuple):
        return f"({''.join(f'{_source(item)}, ' for item in value)})"
    if isinstance(value, list):
        return f"[{', '.join(_source(item) for item in value)}]"
    if isinstance(value, float) and not np.isfinite(value):
        return f"float('{value}')"
    return repr(value)
