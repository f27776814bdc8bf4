"""The rooms: what lies where, and what each may import."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = {"app.py", "pages", "mlcore", "tests", "requirements.txt", "README.md", "pyproject.toml", "LICENSE"}
HOSTING = {"Dockerfile", "Procfile", "packages.txt", "runtime.txt"}
COMMON = {"numpy", "pandas"}
ROOMS = ("ui", "charts", "proof", "practice")
NO_LABS = {"__init__", "router", "home", "questions", "recall", "challenges"}  # the other scripts in pages/
MAY_IMPORT = {  # by the folder of the file, the most specific first
    "app.py": {"streamlit", "starlette", "pages.server"},
    "pages/router.py": {"streamlit", "pages.ui"},
    "pages/ui": {
        *COMMON,
        "streamlit",
        "altair",
        "fsrs",
        "pyarrow",
        "sklearn.datasets",
        "pages.ui",
        "pages.practice",
    },
    "pages/charts": {*COMMON, "altair", "mlcore", "pages.charts", "pages.ui"},
    "pages/proof": {*COMMON, "mlcore", "sklearn", "pages.proof", "pages.ui"},
    "pages/practice/sandbox": {"numpy", "streamlit", "pages.practice"},
    "pages/practice": {*COMMON, "streamlit", "mlcore", "sklearn", "fsrs", "pages.practice", "pages.ui.script"},
    "pages/server": {"streamlit", "starlette", "google.protobuf", "pages.practice.sandbox", "pages.server"},
    "pages/content": set(),
    "pages": {*COMMON, "streamlit", "fsrs", "mlcore", "sklearn", *(f"pages.{room}" for room in ROOMS)},
}
CODE = sorted([ROOT / "app.py", *ROOT.joinpath("pages").rglob("*.py")])


def named(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """The dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", CODE, ids=named)
def test_a_file_imports_what_its_room_may(path):
    allowed = next(names for room, names in MAY_IMPORT.items() if f"{named(path)}/".startswith(f"{room}/"))
    allowed = allowed | sys.stdlib_module_names
    assert [name for name in imports(path) if not any(f"{name}.".startswith(f"{room}.") for room in allowed)] == []


def test_the_top_level_holds_what_a_newcomer_expects():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the top level may hold anything of the visitor's own")
    top = {line.strip('"').partition("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= TOP | HOSTING


def test_prose_is_data():
    assert list(ROOT.joinpath("pages", "content").rglob("*.py")) == []


def test_every_lab_has_its_words_and_every_word_its_lab():
    scripts = {path.stem for path in ROOT.glob("pages/*.py")} - NO_LABS
    assert {path.stem for path in ROOT.glob("pages/content/labs/*.md")} == scripts


def test_no_page_asks_another_host_or_sends_telemetry():
    config = ROOT.joinpath(".streamlit", "config.toml").read_text("utf-8")
    assert "gatherUsageStats = false" in config
    served = [path for path in ROOT.joinpath("pages").rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert [named(path) for path in served if "://" in path.read_text("utf-8").replace("http://www.w3.org/", "")] == []


def test_the_licence_of_what_we_serve_of_others_names_each_package():
    vendor = ROOT / "pages" / "ui" / "vendor" / "codemirror"
    packages = json.loads(vendor.joinpath("package.json").read_text("utf-8"))["dependencies"]
    licence = vendor.joinpath("LICENSE").read_text("utf-8")
    assert [
        f"{name} {version}" for name, version in packages.items() if f"{name} {version}: Copyright" not in licence
    ] == []
    assert "The above copyright notice and this permission notice shall be included" in licence


def test_ci_runs_the_command_that_the_readme_gives():
    line = next(line for line in ROOT.joinpath(".ci", "run").read_text("utf-8").splitlines() if "&& pytest" in line)
    command = line.split("'")[1]
    assert command in ROOT.joinpath("README.md").read_text("utf-8").splitlines()
