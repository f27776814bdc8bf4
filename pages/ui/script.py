"""A program that runs on its own, cut out of `mlcore`: the definitions that a snippet needs, and no others."""

import ast
import base64
import builtins
import functools
import inspect
import sys
import zlib
from types import ModuleType

import numpy as np

# Not every output takes every sign: a file or a pipe on Windows is often in cp1252. That of a notebook takes all.
_OUTPUT = """\
if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(errors="backslashreplace")  # an output without λ gets \\u03bb"""


def standalone(main: str, *modules: ModuleType) -> str:
    """The source of everything in `modules` that `main` uses, directly or not, followed by `main`.

    What the modules take from others of `mlcore` is followed there; beside them they must import only NumPy and the
    standard library. A name that two of them define differently is the last one's.
    """
    imports: dict[str, tuple[str, str]] = {}
    definitions: dict[str, str] = {}
    uses: dict[str, set[str]] = {}
    for module in _with_imported(*modules):
        for node, source in _statements(module):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports |= _imported(node)
            else:
                for name in _defined(node):
                    definitions[name] = source
                    uses[name] = _used(node)
    needed: set[str] = set()
    waiting = _used(ast.parse(main)) & set(definitions)
    while waiting:
        needed |= waiting
        waiting = set().union(*(uses[name] for name in waiting)) & set(definitions) - needed
    body = list(dict.fromkeys(source for name, source in definitions.items() if name in needed))
    code = "\n\n\n".join([*body, _OUTPUT, main.strip()])
    words = _used(ast.parse(code))
    lines = _import_lines({("", "sys"), *(what for name, what in imports.items() if name in words)})
    return "\n".join(["from __future__ import annotations", "", *lines, "", "", code, ""])


def packed(array: np.ndarray) -> str:
    """An expression that rebuilds `array` exactly, with `base64`, `zlib` and NumPy: data inside a script."""
    text = base64.b64encode(zlib.compress(np.ascontiguousarray(array, dtype=np.float64).tobytes(), 9)).decode()
    lines = "\n".join(f'    "{text[i : i + 100]}"' for i in range(0, len(text), 100))
    return f"np.frombuffer(zlib.decompress(base64.b64decode(\n{lines}\n))).reshape({array.shape})"


def _with_imported(*modules: ModuleType) -> list[ModuleType]:
    """The modules, each after those of `mlcore` that it takes something from."""
    found: list[ModuleType] = []
    for module in modules:
        taken = [node.module for node, _ in _statements(module) if isinstance(node, ast.ImportFrom)]
        ours = [sys.modules[name] for name in taken if name and name.startswith("mlcore.")]
        found += [one for one in (*_with_imported(*ours), module) if one not in found]
    return found


@functools.cache
def _statements(module: ModuleType) -> list[tuple[ast.stmt, str]]:
    """Top-level statements with their source, decorators included; the module's docstring left out."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr):
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        found.append((node, "\n".join(lines[first - 1 : node.end_lineno])))
    return found


def _defined(node: ast.stmt) -> set[str]:
    """The names that a top-level statement binds; the variables of a comprehension are its own."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    own = {
        n.id
        for c in ast.walk(node)
        if isinstance(c, ast.comprehension)
        for n in ast.walk(c.target)
        if isinstance(n, ast.Name)
    }
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - own


def _used(node: ast.AST) -> set[str]:
    """The names that a piece of code reads."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - set(dir(builtins))


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, tuple[str, str]]:
    """For each name that a statement imports from outside `mlcore`: the module ("" for `import x`) and what of it."""
    module = str(node.module) if isinstance(node, ast.ImportFrom) else ""
    if module.startswith(("mlcore", "__future__")):
        return {}
    return {(alias.asname or alias.name).split(".")[0]: (module, ast.unparse(alias)) for alias in node.names}


def _import_lines(wanted: set[tuple[str, str]]) -> list[str]:
    """Import statements, one for each module."""
    plain = [f"import {what}" for module, what in sorted(wanted) if not module]
    modules = sorted({module for module, _ in wanted if module})
    return plain + [f"from {m} import {', '.join(sorted(w for n, w in wanted if n == m))}" for m in modules]
