"""The file to take home: a challenge with its probes, for NumPy and pytest alone.

The program stands first and is a module of its own. All that the probes need are names inside one function below it,
so that no helper of the program's can take the place of one of theirs, nor the other way round.
"""

import ast
import builtins
import textwrap
from types import ModuleType

import numpy as np

from pages.practice import compare
from pages.practice.challenge import RULES, Challenge
from pages.practice.grading import REMEMBERS, answer_of, calls
from pages.ui.script import standalone

TESTS = f'''
def answer(function, args):
    """What the program answers, and what is wrong with how it does."""
    program = globals().get(function)
    assert program, f"The program defines no function {{function}}."
    given = copy.deepcopy(args)
    came = program(*given)
    assert came is not None, f"{{function}} returned None: is a return missing?"
    assert not changed(given, args), f"{{function}} changed an argument in place: copy it first."
    return came


@pytest.mark.parametrize(("name", "function", "args", "want", "judge", "canonical", "tolerance", "unlike"), PROBES)
def test_probe(name, function, args, want, judge, canonical, tolerance, unlike):
    came = answer(function, args)
    says = what_is_wrong(came, args, want, judge, canonical, tolerance)
    assert not says, f"{{name}}: {{says}}"
    if unlike:
        assert difference(came, answer(function, unlike), 0), f"{{name}}: it has no effect."


def test_it_remembers_nothing():
    (_, function, args, *_), *others = PROBES
    first = answer(function, args)
    for _, *call in others:
        with contextlib.suppress(Exception):  # another test's
            answer(*call[:2])
    assert not difference(answer(function, args), first, 1e-12), {REMEMBERS!r}


return test_probe, test_it_remembers_nothing
'''
IMPORTS = "import contextlib\n\nimport numpy as np\nimport pytest"


def take_home(challenge: Challenge, solution: str = "") -> str:
    """A test file around `solution` (the starter, unless given): `pytest <name>.py` runs every probe."""
    arguments = {probe.name: probe.args for probe in challenge.probes}
    rows, helpers = [], set()
    for probe, call in zip(challenge.probes, calls(challenge), strict=False):
        judge, canonical = probe.judge, challenge.canonical.get(call.function)
        helpers |= {function.__name__ for function in (judge, canonical) if function}
        row = (
            repr(probe.name),
            repr(call.function),
            _source(call.args),
            _source(answer_of(challenge.reference, call).value),
            judge.__name__ if judge else "None",
            canonical.__name__ if canonical else "None",
            repr(probe.tolerance),
            _source(arguments.get(probe.unlike)),
        )
        rows.append(f"    ({', '.join(row)}),")
    compare_answers = _definitions(compare, ["changed", "difference", "what_is_wrong"])
    judge_answers = _definitions(challenge.module, sorted(helpers)) if helpers else ""
    table = "PROBES = [\n" + "\n".join(rows) + "\n]"
    probes = "\n\n\n".join(part for part in (compare_answers, judge_answers, table, TESTS.strip()) if part)
    names = {
        node.id
        for node in ast.walk(ast.parse(f"def _():\n{textwrap.indent(probes, ' ')}"))
        if isinstance(node, ast.Name)
    }
    python = f"from builtins import {', '.join(sorted(names & set(dir(builtins)) - {'None'}))}"
    probes = f"{python}\n{IMPORTS}\n{probes}"
    task = textwrap.wrap(
        f"{challenge.title}. Complete the program, then run: pytest {challenge.name}.py (NumPy and pytest are all it "
        f"needs). The probes stand below it. {RULES}",
        100,
    )
    return "\n".join(
        [
            *(f"# {line}" for line in task),
            "",
            (solution or challenge.starter).strip(),
            "",
            "",
            "# --- The probes: their names are their own, whatever the program above defines ---",
            f"def _probes_of_{challenge.name}():",
            textwrap.indent(probes, "    "),
            "",
            "",
            f"test_probe, test_it_remembers_nothing = _probes_of_{challenge.name}()",
            "",
        ]
    )


def _definitions(module: ModuleType, names: list[str]) -> str:
    """The source of these functions and of all that they use."""
    main = "; ".join(names)
    script = standalone(main, module).removesuffix(f"{main}\n")
    return script.replace("from __future__ import annotations\n", "").replace("import numpy as np\n", "").strip()


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
