"""The measures of words themselves: they would be worth nothing if they overlooked a long sentence."""

import pytest

from tests.prose import ranges, rows, said_in_time, sentences, stumbles, words


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


def test_a_reader_stumbles_at_each_of_them():
    long = f"{'word ' * 36}end."
    row = "| 1 to 2 | 3 to 4 | 5 to 6 |"
    assert stumbles(f"Fine.\n\n{long}\n\nA miss is dear.\n\n{row}") == [long, "dear", row]
    assert stumbles(f"{'word ' * 35}\n\n| 1 to 2 | 3 to 4 |\n\nA clear answer, overconfident or not.") == []


def test_what_cannot_be_said_in_its_time():
    short, long = "A short one. " + "Word. " * 62, "Word. " * 240

    def found(in_30_seconds=short, in_2_minutes=long):
        return said_in_time({"In 30 seconds": in_30_seconds, "In 2 minutes": in_2_minutes})

    assert found() == []
    assert found("Word. " * 59) == ["In 30 seconds: 59 words"]
    assert found(in_2_minutes="Word. " * 261) == ["In 2 minutes: 261 words"]
    assert len(found(in_2_minutes=f"{long}\n\n| a |")) == 1
    first, formula = f"A {'word ' * 30}ends.", r"$\sum_{i=1}^n x_i^2$"
    assert found(f"{first} {'Word. ' * 40}") == [f"32 words: {first}"]
    assert found(f"It is {formula}. {'Word. ' * 60}") == [formula]
