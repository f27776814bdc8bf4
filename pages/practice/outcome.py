"""What is asked of a visitor's program, and what came of it: all that the sandbox and the grader share."""

from dataclasses import dataclass
from typing import Any

# Why a run ended.
FINISHED = "finished"  # every call was answered, perhaps by an exception
NOT_LOADED = "not loaded"  # the program itself raised, or is no Python
TIME = "time"  # the wall clock's or the processor's limit
MEMORY = "memory"  # the process died for want of memory
OUTPUT = "output"  # printed or returned more than allowed
DIED = "died"  # the process ended by itself or was killed for what it tried
TOO_LONG = "too long"  # the program's text is over the limit: it was not run
BUSY = "busy"  # no place became free in time: it was not run
ANOTHER = "another"  # of the same visitor's programs is still running: it was not run
FAILED = "failed"  # by a defect of ours, the answers could not be judged
UNAVAILABLE = "unavailable"  # the sandbox is switched off: it was not run

UNDEFINED = "the program defines no {}"  # a NameError's message: there is no function of that name to call


@dataclass(frozen=True)
class Call:
    """One call of a function that the visitor was asked to write; arguments are numbers, strings, None or arrays."""

    function: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Fault:
    """An exception, as its author should read it."""

    kind: str  # the exception's class
    message: str
    line: int | None = None  # in the visitor's own program


@dataclass(frozen=True)
class Answer:
    """What one call returned; `value` holds arrays, numbers, strings, None, and tuples, lists or dicts of them."""

    value: Any = None
    fault: Fault | None = None
    changed: tuple[int, ...] = ()  # positions of arguments that were changed in place
    warnings: tuple[tuple[str, int | None], ...] = ()  # NumPy's words and the line in the visitor's program
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    status: str
    answers: tuple[Answer, ...] = ()  # of the calls that were answered, in order
    fault: Fault | None = None  # why it was not loaded
    log: str = ""  # what the program printed
    seconds: float = 0.0
    loaded: bool = True  # whether it got beyond its top level, if it was run
