"""A program that runs on its own, cut out of `mlcore`: the definitions that a snippet needs, and no others."""

import ast
import base64
import builtins
import functools
import inspect
import zlib
from types import ModuleType

import numpy as np


def standalone(main: str, *modules: ModuleType) -> str:
    """The source of everything in `modules` that `main` uses, directly or not, followed by `main`.

    The modules must define distinct names at their top level and import only NumPy and the standard library.
    """
    imports: list[str] = []
    definitions: dict[str, str] = {}
    uses: dict[str, set[str]] = {}
    for module in modules:
        for node, source in _statements(module):
            if isinstance(node, ast.Import | ast.ImportFrom):
                if not (isinstance(node, ast.ImportFrom) and str(node.module).startswith("mlcore")):
                    imports.append(source)
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
    code = "\n\n\n".join([*body, main.strip()])
    words = _used(ast.parse(code))
    kept = [line for line in dict.fromkeys(imports) if _imported(line) & words]
    return "\n".join(sorted(kept, key=lambda line: (line.startswith("import numpy"), line))) + "\n\n\n" + code + "\n"


def packed(array: np.ndarray) -> str:
    """An expression that rebuilds `array` exactly, with `base64`, `zlib` and NumPy: data inside a script."""
    text = base64.b64encode(zlib.compress(np.ascontiguousarray(array, dtype=np.float64).tobytes(), 9)).decode()
    lines = "\n".join(f'    "{text[i : i + 100]}"' for i in range(0, len(text), 100))
    return f"np.frombuffer(zlib.decompress(base64.b64decode(\n{lines}\n))).reshape({array.shape})"


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
    """The names that a top-level statement binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _used(node: ast.AST) -> set[str]:
    """The names that a piece of code reads."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - set(dir(builtins))


def _imported(line: str) -> set[str]:
    """The names that an import statement binds."""
    (node,) = ast.parse(line).body
    assert isinstance(node, ast.Import | ast.ImportFrom)
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
