"""Words that are data: a Markdown file with a TOML head, then one section for each `## ` heading."""

import tomllib
from pathlib import Path
from typing import Any


def read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The head of a file, and its sections by their headings."""
    _, head, body = path.read_text("utf-8").split("+++\n", 2)
    parts = body.strip().removeprefix("## ").split("\n## ")
    return tomllib.loads(head), dict(part.split("\n", 1) for part in parts)
