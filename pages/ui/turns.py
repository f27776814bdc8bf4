"""Heavy computations take turns, so that those of many visitors leave the server answering all the others.

with turn():
    result = train(...)
"""

import contextlib
import os
from collections import deque
from collections.abc import Iterator
from threading import Event, Lock

_lock = Lock()
_free = os.cpu_count() or 1  # places
_waiting: deque[Event] = deque()


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """Hold one of as many places as there are cores; they go to those who wait in the order in which they came.

    Work that takes longer than a few tenths of a second is cut into pieces that ask for a turn each. A piece must
    not ask for another turn.
    """
    global _free
    mine = Event()
    with _lock:
        if _free:
            _free -= 1
            mine.set()
        else:
            _waiting.append(mine)
    mine.wait()
    try:
        yield
    finally:
        with _lock:
            if _waiting:
                _waiting.popleft().set()
            else:
                _free += 1
