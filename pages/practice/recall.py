"""Recall: when each question comes back, by FSRS-6, and the mix of a mock interview.

Nothing is stored but the log of reviews: the state of every card is found anew by replaying it through the reference
implementation (the package `fsrs`), so a later version of the scheduler applies to old reviews too. All times are UTC.
"""

import functools
import random
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

from pages.practice.questions import LEVELS, Question

Review = tuple[str, int, datetime]  # card, rating from 1 (Again) to 4 (Easy), time
AGAIN_AFTER = (timedelta(minutes=10),)  # the one step of learning: a question takes minutes, not seconds
WEEK = 7  # days: the longest interval if the interview is in a week
LONGEST = 36_500  # days: FSRS's own


@dataclass(frozen=True)
class Deck:
    """The cards of a visitor at some time."""

    cards: Mapping[str, Card]  # those reviewed at least once
    due: tuple[str, ...]  # the longest overdue first
    new: tuple[str, ...]  # today's share of those never reviewed
    later: tuple[datetime, ...]  # when the others come back, the soonest first


@dataclass(frozen=True)
class Strength:
    """How well a topic is remembered."""

    recall: float  # the share of its cards that will be recalled in a day, as far as can be expected
    learnt: int
    begun: int
    total: int


@functools.cache
def scheduler(longest: int = LONGEST) -> Scheduler:
    """The scheduler; without FSRS's random spread of intervals, so that a replay always ends alike."""
    return Scheduler(
        learning_steps=AGAIN_AFTER, relearning_steps=AGAIN_AFTER, maximum_interval=longest, enable_fuzzing=False
    )


def new_card(name: str, at: datetime) -> Card:
    """A card never reviewed; its number is a stable function of its name."""
    return Card(card_id=zlib.crc32(name.encode()), due=at)


def replay(reviews: Iterable[Review], longest: int = LONGEST) -> dict[str, Card]:
    """Every reviewed card after all its reviews, in whatever order they come."""
    cards: dict[str, Card] = {}
    for name, rating, at in sorted(reviews, key=lambda review: (review[2], review[:2])):
        card = cards.get(name) or new_card(name, at)
        cards[name], _ = scheduler(longest).review_card(card, Rating(rating), at)
    return cards


def due_from(card: Card) -> datetime:
    """When a card may be asked: by the minute while it is being learnt, from the start of its day afterwards."""
    if is_learnt(card):
        return card.due.replace(hour=0, minute=0, second=0, microsecond=0)
    return card.due


def deal(
    names: Sequence[str], reviews: Sequence[Review], now: datetime, *, new_a_day: int, longest: int = LONGEST
) -> Deck:
    """The deck of these cards, new ones in the order given; reviews of other cards do not count."""
    known = set(names)
    reviews = [review for review in reviews if review[0] in known]
    cards = replay(reviews, longest)
    waiting = sorted(cards, key=lambda name: (due_from(cards[name]), name))
    due = tuple(name for name in waiting if due_from(cards[name]) <= now)
    begun: dict[str, date] = {}
    for name, _, at in sorted(reviews, key=lambda review: review[2]):
        begun.setdefault(name, at.date())
    share = max(0, new_a_day - list(begun.values()).count(now.date()))
    new = tuple(name for name in names if name not in cards)[:share]
    later = tuple(due_from(cards[name]) for name in waiting[len(due) :])
    return Deck(cards, due, new, later)


def comes_back_after(card: Card | None, name: str, now: datetime, longest: int = LONGEST) -> dict[Rating, timedelta]:
    """What each rating given now would mean for a card."""
    plan = scheduler(longest)
    return {rating: plan.review_card(card or new_card(name, now), rating, now)[0].due - now for rating in Rating}


def ratings(predicted: bool | None) -> list[Rating]:
    """The ratings open to a visitor: after a wrong prediction an answer counts as Hard at most."""
    return [Rating.Again, Rating.Hard] if predicted is False else list(Rating)


def rating_of(made: int, points: int) -> Rating:
    """The rating of an answer that made so many of its points: half of them for Hard, three quarters for Good."""
    if 2 * made < points:
        return Rating.Again
    return Rating.Hard if 4 * made < 3 * points else Rating.Good


def is_learnt(card: Card) -> bool:
    """Whether a card has left learning."""
    return card.state == State.Review


def strengths(questions: Iterable[Question], cards: Mapping[str, Card], now: datetime) -> dict[str, Strength]:
    """How well each topic is remembered.

    Of a day from now, because FSRS calls everything certain on the day it was reviewed, even what was not known; a card
    that was not begun counts as not recalled.
    """
    by_topic: dict[str, list[str]] = {}
    for question in questions:
        by_topic.setdefault(question.topic, []).append(question.name)
    found = {}
    for topic, names in by_topic.items():
        begun = [cards[name] for name in names if name in cards]
        chances = [scheduler().get_card_retrievability(card, now + timedelta(days=1)) for card in begun]
        learnt = sum(is_learnt(card) for card in begun)
        found[topic] = Strength(sum(chances) / len(names), learnt, len(begun), len(names))
    return found


def choose_mock(
    questions: Iterable[Question], count: int, levels: Iterable[str], topics: Iterable[str], seed: int
) -> list[Question]:
    """A mix for a mock interview: at random, the topics in turn, from entry to senior; fewer if there are fewer."""
    rng = random.Random(seed)
    piles: dict[str, list[Question]] = {topic: [] for topic in topics}
    for question in questions:
        if question.level in set(levels) and question.topic in piles:
            piles[question.topic].append(question)
    stacks = list(piles.values())
    rng.shuffle(stacks)
    for stack in stacks:
        rng.shuffle(stack)
    turns = max(map(len, stacks), default=0)
    dealt = [stack[turn] for turn in range(turns) for stack in stacks if turn < len(stack)]
    return sorted(dealt[:count], key=lambda question: LEVELS.index(question.level))
