"""mlcore imports numpy and the standard library, nothing else: read in the source and seen in a process."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "mlcore").rglob("*.py"))
ALLOWED = {"numpy", "mlcore"} | set(sys.stdlib_module_names)


def imported(source: str) -> set[str]:
    """Top-level names of all modules that the source imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("mlcore" if node.level else (node.module or "").split(".")[0])
    return names


def dotted(module: Path) -> str:
    return ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_the_reader_of_imports_sees_all_kinds() -> None:
    source = "import a.b, c as d\nfrom e.f import g\nfrom . import h\ndef f():\n    import i\n"
    assert imported(source) == {"a", "c", "e", "mlcore", "i"}


def test_there_are_modules() -> None:
    assert {"mlcore", "mlcore.bias_variance"} <= {dotted(module) for module in MODULES}


@pytest.mark.parametrize("module", MODULES, ids=dotted)
def test_source_imports_only_numpy_and_the_standard_library(module: Path) -> None:
    assert imported(module.read_text(encoding="utf-8")) <= ALLOWED


@pytest.mark.parametrize("module", MODULES, ids=dotted)
def test_importing_loads_only_numpy_and_the_standard_library(module: Path) -> None:
    # -S leaves out site-packages and what its .pth files import, so numpy's own folder is put back by hand.
    import numpy

    folder = str(Path(numpy.__file__).parents[1])
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]; sys.path.append({folder!r})\n"
        "import numpy\nbefore = set(sys.modules)\n"
        f"import {dotted(module)}\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    loaded = set(run.stdout.split())
    assert "mlcore" in loaded
    assert loaded <= ALLOWED
