"""The measures of words themselves: they would be worth nothing if they overlooked a long sentence."""

import pytest

from tests.prose import ranges, rows, sentences, words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("one two", 2),
        ("a $x + y$ b", 3),
        ("a\n$$\nx = y\n$$\nb", 3),
        ("| a | b c |\n|---|---|\n| 1 | − |", 4),
        ("**bold** – `code here`", 2),
    ],
)
def test_words_are_counted_with_a_formula_as_one(text, count):
    assert words(text) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("At 0.05 e.g. one. $x$ goes on", ["At 0.05 e.g. one.", "$x$ goes on"]),
        ("**Entry. Why?** Because. “No.” Yes", ["**Entry.", "Why?", "Because.", "“No.", "Yes"]),
        ("One\n\ntwo:\n- three\n- four", ["One", "two:", "- three", "- four"]),
        ("| a. B | c |\n|---|---|\n| d | e |", ["a.", "B", "c", "d", "e"]),
        ("Before $$x$$ after", ["Before", "after"]),
        ("A line\nbroken; not: ended", ["A line broken; not: ended"]),
    ],
)
def test_sentences_end_where_a_reader_takes_breath(text, found):
    assert sentences(text) == found


def test_rows_and_their_ranges():
    text = "Prose, 1 to 2\n\n| a | $|x|$ |\n|---|---|\n| 11 to 30, 4–7 | $1 \\dots 2$, 5% to 8% |"
    assert rows(text) == ["| a | $|x|$ |", "|---|---|", "| 11 to 30, 4–7 | $1 \\dots 2$, 5% to 8% |"]
    assert [ranges(row) for row in rows(text)] == [0, 0, 4]
