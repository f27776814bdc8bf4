"""Recall against the package `fsrs` itself, and the choice of a mock interview."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Rating, ReviewLog, Scheduler, State
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.practice import recall
from pages.practice.questions import LEVELS, Question

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"]


def question(name, level="mid", topic="T", number=1):
    return Question(name, number, name, level, topic, "lab", "", "?", ("x", "y"), "x", "", ("p",) * 4, {})


def log(seed, length=60, names=NAMES):
    """Some reviews, oldest first."""
    rng = random.Random(seed)
    at, found = NOW - 100 * DAY, []
    for _ in range(length):
        at += timedelta(seconds=rng.randrange(60, 3 * 24 * 3600))
        found.append((rng.choice(names), rng.randint(1, 4), at))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("longest", [recall.WEEK, recall.LONGEST])
def test_a_replay_is_what_fsrs_makes_of_the_log(seed, longest):
    """Its own `reschedule_card` replays a log card by card."""
    plan = Scheduler(
        learning_steps=[timedelta(minutes=10)],
        relearning_steps=[timedelta(minutes=10)],
        maximum_interval=longest,
        enable_fuzzing=False,
    )
    reviews = log(seed)
    cards = recall.replay(reviews, longest)
    assert cards.keys() == {name for name, _, _ in reviews}
    for name, card in cards.items():
        logs = [ReviewLog(card.card_id, Rating(rating), at, None) for its, rating, at in reviews if its == name]
        assert card == plan.reschedule_card(Card(card_id=card.card_id, due=card.due), logs)


def test_the_defaults_are_those_of_fsrs_6():
    ours, theirs = recall.scheduler(), Scheduler()
    assert ours.parameters == theirs.parameters
    assert len(ours.parameters) == 21
    assert ours.desired_retention == theirs.desired_retention == 0.9
    assert ours.maximum_interval == theirs.maximum_interval == recall.LONGEST
    assert recall.scheduler(recall.WEEK).maximum_interval == 7


@pytest.mark.parametrize("seed", range(5))
def test_a_replay_ends_alike_whatever_the_order(seed):
    reviews = log(seed)
    again = random.Random(seed).sample(reviews, len(reviews))
    assert recall.replay(reviews) == recall.replay(again) == recall.replay(reviews)


def test_a_card_has_the_same_number_for_ever():
    assert recall.new_card("123456789", NOW).card_id == 0xCBF43926  # the check value of CRC-32
    assert len({recall.new_card(name, NOW).card_id for name in NAMES}) == len(NAMES)


def test_only_utc():
    with pytest.raises(ValueError, match="UTC"):
        recall.replay([("a", 3, NOW.replace(tzinfo=None))])
    assert all(card.due.tzinfo is UTC for card in recall.replay(log(0)).values())


def test_an_interview_in_a_week_puts_nothing_off_for_longer():
    reviews = [("a", 4, NOW - 60 * DAY), ("a", 4, NOW - 40 * DAY), ("a", 4, NOW)]
    assert recall.replay(reviews)["a"].due > NOW + 30 * DAY
    assert recall.replay(reviews, recall.WEEK)["a"].due == NOW + 7 * DAY
    after = recall.comes_back_after(recall.replay(reviews, recall.WEEK)["a"], "a", NOW, recall.WEEK)
    assert max(after.values()) == 7 * DAY


def test_what_a_rating_means_grows_with_the_rating():
    for card in (None, recall.replay([("a", 3, NOW - 9 * DAY)])["a"]):
        after = recall.comes_back_after(card, "a", NOW)
        assert list(after) == [Rating.Again, Rating.Hard, Rating.Good, Rating.Easy]
        assert list(after.values()) == sorted(after.values())
        assert after[Rating.Again] == timedelta(minutes=10)
        for rating, wait in after.items():
            before = [("a", 3, NOW - 9 * DAY)] if card else []
            assert recall.replay([*before, ("a", int(rating), NOW)])["a"].due == NOW + wait


def test_a_new_deck_holds_the_days_share_in_order():
    deck = recall.deal(NAMES, [], NOW, new_a_day=3)
    assert (deck.due, deck.new, deck.later, deck.cards) == ((), ("a", "b", "c"), (), {})
    assert recall.deal(NAMES, [], NOW, new_a_day=0).new == ()
    assert recall.deal(NAMES, [], NOW, new_a_day=99).new == tuple(NAMES)


def test_what_was_begun_today_counts_against_todays_share():
    begun = [("a", 3, NOW - timedelta(hours=2)), ("a", 3, NOW), ("b", 1, NOW)]
    assert recall.deal(NAMES, begun, NOW, new_a_day=3).new == ("c",)
    assert recall.deal(NAMES, begun, NOW, new_a_day=1).new == ()
    assert recall.deal(NAMES, begun, NOW + DAY, new_a_day=3).new == ("c", "d", "e")


def test_a_card_is_due_from_the_start_of_its_day_and_by_the_minute_while_it_is_learnt():
    good = recall.deal(["a"], [("a", 3, NOW)], NOW, new_a_day=5)
    day = good.cards["a"].due.replace(hour=0)
    assert good.due == ()
    assert good.later == (day,)
    assert recall.deal(["a"], [("a", 3, NOW)], day - timedelta(seconds=1), new_a_day=5).due == ()
    assert recall.deal(["a"], [("a", 3, NOW)], day, new_a_day=5).due == ("a",)
    again = [("a", 1, NOW)]
    assert recall.deal(["a"], again, NOW + timedelta(minutes=9), new_a_day=5).due == ()
    assert recall.deal(["a"], again, NOW + timedelta(minutes=10), new_a_day=5).due == ("a",)


def test_the_longest_overdue_comes_first_and_unknown_cards_do_not_count():
    reviews = [("b", 3, NOW - 30 * DAY), ("a", 3, NOW - 20 * DAY), ("gone", 3, NOW), ("gone", 1, NOW - 50 * DAY)]
    deck = recall.deal(["a", "b", "c"], reviews, NOW, new_a_day=1)
    assert deck.due == ("b", "a")
    assert deck.new == ("c",)
    assert deck.cards.keys() == {"a", "b"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.integers(1, 4),
            st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
        ),
        max_size=40,
    ),
    st.sampled_from([recall.WEEK, recall.LONGEST]),
)
def test_any_log_that_progress_lets_through_makes_a_deck(reviews, longest):
    """Reviews of the future, or a century apart, or many in a second."""
    deck = recall.deal(NAMES, reviews, NOW, new_a_day=4, longest=longest)
    known = {name for name, _, _ in reviews}
    assert set(deck.cards) == known
    assert len(deck.due) + len(deck.later) == len(known)
    assert not set(deck.new) & known
    assert all(card.stability > 0 for card in deck.cards.values())
    for strength in recall.strengths([question(name) for name in NAMES], deck.cards, NOW).values():
        assert 0 <= strength.recall <= 1


def test_a_long_log_of_ease_overflows_nothing():
    reviews = [("a", 4, NOW + i * timedelta(days=20)) for i in range(1300)]
    card = recall.replay(reviews)["a"]
    assert card.state == State.Review
    assert card.due - card.last_review <= timedelta(days=recall.LONGEST)


def test_strength_is_the_share_of_the_topic_that_will_be_recalled_in_a_day():
    questions = [question("a"), question("b"), question("c"), question("d", topic="U")]
    reviews = [("a", 3, NOW - 10 * DAY), ("b", 3, NOW - 3 * DAY), ("b", 3, NOW - 2 * DAY)]
    cards = recall.replay(reviews)
    found = recall.strengths(questions, cards, NOW)
    plan = Scheduler(enable_fuzzing=False)
    chances = [plan.get_card_retrievability(cards[name], NOW + DAY) for name in "ab"]
    assert found["T"].recall == pytest.approx(sum(chances) / 3)
    assert 0 < found["T"].recall < 2 / 3
    assert (found["T"].learnt, found["T"].begun, found["T"].total) == (2, 2, 3)
    assert found["U"] == recall.Strength(0.0, 0, 0, 1)


@pytest.mark.parametrize("rating", [1, 2, 3, 4])
def test_a_first_review_shows_at_once_and_the_better_one_shows_more(rating):
    """What was reviewed a minute ago is certain to FSRS now, whatever the rating; in a day it is not."""
    cards = recall.replay([("a", rating, NOW), ("b", rating - 1 or 1, NOW)])
    assert Scheduler().get_card_retrievability(cards["a"], NOW) == 1
    one, other = (recall.strengths([question(name)], cards, NOW)["T"].recall for name in "ab")
    stability = Scheduler().parameters[rating - 1]  # FSRS-6: R(t) = (1 + f t / S)^-d, which is 0.9 at t = S
    decay = Scheduler().parameters[20]
    assert one == pytest.approx((1 + (0.9 ** (-1 / decay) - 1) / stability) ** -decay)
    assert 0 < one < 1
    assert one > other or rating == 1


def test_a_wrong_prediction_leaves_hard_at_most():
    assert recall.ratings(False) == [Rating.Again, Rating.Hard]
    assert recall.ratings(True) == recall.ratings(None) == list(Rating)


def test_points_make_a_rating():
    assert [recall.rating_of(made, 4).name for made in range(5)] == ["Again", "Again", "Hard", "Good", "Good"]
    assert [recall.rating_of(made, 5).name for made in range(6)] == ["Again", "Again", "Again", "Hard", "Good", "Good"]


BANK = [
    question(f"{topic}{number}", level=LEVELS[number % 3], topic=topic, number=number)
    for topic in "TUV"
    for number in range(9)
]


@pytest.mark.parametrize("seed", range(20))
def test_a_mock_interview_mixes_topics_and_rises_from_entry_to_senior(seed):
    found = recall.choose_mock(BANK, 6, LEVELS, "TUV", seed)
    assert len({its.name for its in found}) == 6
    assert [[its.topic for its in found].count(topic) for topic in "TUV"] == [2, 2, 2]
    assert [its.level for its in found] == sorted((its.level for its in found), key=LEVELS.index)
    assert found == recall.choose_mock(BANK, 6, LEVELS, "TUV", seed)


def test_another_seed_is_another_interview():
    assert len({tuple(its.name for its in recall.choose_mock(BANK, 6, LEVELS, "TUV", seed)) for seed in range(20)}) > 15


def test_a_mock_interview_keeps_to_levels_and_topics_and_to_what_there_is():
    assert {its.level for its in recall.choose_mock(BANK, 99, ["senior"], "TU", 0)} == {"senior"}
    assert len(recall.choose_mock(BANK, 99, ["senior"], "TU", 0)) == 6
    assert recall.choose_mock(BANK, 5, [], "TU", 0) == recall.choose_mock(BANK, 5, LEVELS, [], 0) == []
    assert recall.choose_mock(BANK, 5, LEVELS, ["absent"], 0) == []
