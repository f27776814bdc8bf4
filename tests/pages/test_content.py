"""The words of a lab: every depth of answer is there, and the spoken ones can be said in their time."""

import pytest

from tests.pages.visit import LABS, PAGES, ROOT, SECTIONS, named, sections, visit
from tests.prose import said_in_time, stumbles


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_every_depth_of_answer_is_there(lab):
    assert list(lab.sections) == SECTIONS
    assert all(len(text.split()) > 20 for text in lab.sections.values())
    assert said_in_time(lab.sections) == []


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_a_reader_is_not_stopped(lab):
    assert stumbles("\n\n".join((*lab.sections.values(), lab.question, lab.summary))) == []


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_the_page_says_it_all(lab):
    shown = "\n".join(markdown.value for markdown in visit(lab.name, sections(lab.name)).markdown)
    assert lab.question in shown
    assert [title for title, text in lab.sections.items() if text.strip() not in shown] == []


def test_labs_differ_in_what_tells_them_apart():
    for trait in ("name", "prefix", "title", "question", "order"):
        assert len({getattr(lab, trait) for lab in LABS}) == len(LABS)


def test_home_leads_to_every_page():
    at = visit("home")
    assert {link.proto.page for link in at.page_link} == set(PAGES) - {"home"}
    shown = "\n".join(markdown.value for markdown in at.markdown)
    assert all(lab.question in shown and lab.summary in shown for lab in LABS)


def test_a_displayed_formula_is_one_line_or_stands_between_lines_of_its_own():
    """Otherwise Markdown takes what follows for part of it, and shows all of that in red."""
    for path in (ROOT / "pages" / "content").rglob("*.md"):
        inside = False
        for line in path.read_text("utf-8").splitlines():
            if "$$" in line:
                assert line == "$$" or (line.count("$$") == 2 and not inside), f"{path.name}: {line}"
                inside ^= line == "$$"
        assert not inside, path.name
