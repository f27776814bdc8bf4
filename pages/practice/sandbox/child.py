"""A single-use process that seals itself and then answers calls of a visitor's program; started by `host`.

It imports all that a program may use, seals itself, says so, and only then reads its job: the program and the calls,
with their arguments and nothing else. What is expected of the answers never enters this process, so a program that
forges its results has to forge the right numbers.

Here the program may do what it likes: everything that leaves this process is read as hostile by `wire` and `host`.
"""

import importlib
import importlib.machinery
import io
import json
import os
import sys
import time
import types
import warnings
from typing import Any

import numpy as np

from pages.practice.outcome import UNDEFINED
from pages.practice.sandbox import seal, wire

# What a program may import: nothing can be opened once the process is sealed, so it is imported before. NumPy and
# Python also load some of these by themselves, when they are first needed.
LIBRARY = """
    __future__ _strptime abc array bisect calendar cmath codecs collections.abc contextlib contextvars copy
    copyreg ctypes dataclasses datetime decimal difflib enum fractions functools gc hashlib heapq inspect io
    itertools json locale logging math numbers operator pickle pprint queue random re secrets statistics
    string struct textwrap threading time timeit traceback types typing unicodedata unittest warnings weakref
    zlib
    encodings.ascii encodings.idna encodings.latin_1 encodings.utf_8
    numpy.char numpy.ctypeslib numpy.exceptions numpy.fft numpy.lib.format numpy.lib.scimath
    numpy.lib.stride_tricks numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.rec numpy.strings
    numpy.testing numpy.typing
"""
PROGRAM = "<your program>"  # the file name in its tracebacks
WARNINGS = 20  # reported of one call


class Missing:
    """The last finder: turns every other import into a clear message."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Refuse to find a module."""
        package = name.partition(".")[0]
        known = name if package in sys.modules else package
        raise ModuleNotFoundError(
            f"{known} is not available here: NumPy and the standard library's computing modules only", name=name
        )


class Warned:
    """Collects warnings, each once, with the line of the program during which it came."""

    def __init__(self) -> None:
        """Start with none."""
        self.seen: dict[tuple[str, int | None], None] = {}

    def show(self, message: Any, category: Any, filename: Any, lineno: Any, file: Any = None, line: Any = None) -> None:
        """Take the place of `warnings.showwarning`."""
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_filename != PROGRAM:
            frame = frame.f_back
        if len(self.seen) < WARNINGS:
            self.seen[str(message)[:300], frame.f_lineno if frame else None] = None


def main() -> None:
    """Run once: seal, read the job, answer, end."""
    config = json.loads(sys.argv[1])
    results = os.dup(1)
    os.dup2(2, 1)  # what the program prints goes to the log
    os.closerange(3, results)
    os.closerange(results + 1, 1 << 16)
    import_library()
    sys.stdout = sys.stderr = io.TextIOWrapper(
        io.FileIO(1, "w", closefd=False), encoding="utf-8", errors="replace", write_through=True
    )
    sys.stdin = io.StringIO()
    layers = seal.seal(config["layers"], config["memory"], config["cpu"])
    forget_the_host()
    send(results, {"kind": "sealed", "layers": layers})
    try:
        answer(receive(), results)
    except MemoryError:
        os._exit(wire.OUT_OF_MEMORY)
    os._exit(0)  # no clean-up: it might run more of the program


def import_library() -> None:
    """Import what programs may use, and call what sets itself up at its first call."""
    for name in LIBRARY.split():
        importlib.import_module(name)
    np.einsum("ij,jk->ik", np.eye(2), np.eye(2))
    np.linalg.svd(np.eye(3))
    np.random.default_rng(0).normal(size=3)
    repr(np.zeros(2))


def forget_the_host() -> None:
    """Leave no way to look for modules, and no trace of the command line."""
    sys.path[:] = []
    sys.path_hooks[:] = []
    sys.path_importer_cache.clear()
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, Missing]
    sys.argv[:] = [PROGRAM]
    sys.orig_argv[:] = [PROGRAM]


def send(results: int, message: dict[str, Any]) -> None:
    """Write one frame; an answer over the limits is replaced by saying so."""
    try:
        frame = wire.pack(message)
    except wire.TooLarge:
        frame = wire.pack({"kind": "too large"})
    while frame:
        frame = frame[os.write(results, frame) :]


def receive() -> dict[str, Any]:
    """Read the job; ends the process if the server has gone."""
    buffer = bytearray()
    while (job := wire.take(buffer)) is None:
        chunk = os.read(0, 1 << 16)
        if not chunk:
            os._exit(0)
        buffer += chunk
    os.close(0)
    return job


def answer(job: dict[str, Any], results: int) -> None:
    """Load the program and send what each call returned."""
    warned = Warned()
    warnings.simplefilter("always")
    warnings.showwarning = warned.show
    module = types.ModuleType("solution")
    sys.modules["solution"] = module  # dataclasses look themselves up there
    try:
        exec(compile(job["code"], PROGRAM, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        send(results, {"kind": "loaded", "fault": fault(error)})
        return
    send(results, {"kind": "loaded", "fault": None})
    for name, args, kwargs in job["calls"]:
        warned.seen.clear()
        message = call(module.__dict__, name, args, kwargs)
        message["warnings"] = list(warned.seen)
        try:
            send(results, message)
        except wire.Unsendable as error:
            wrong = ("TypeError", f"{name} returned {error}: return arrays, numbers, strings or None", None)
            send(results, {**message, "value": None, "fault": wrong})


def call(names: dict[str, Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Call one function of the program and describe what came of it."""
    given = [*args, *kwargs.values()]
    before = [value.copy() if isinstance(value, np.ndarray) else None for value in given]
    value = problem = function = None
    start = time.perf_counter()
    try:
        if name not in names:
            raise NameError(UNDEFINED.format(name))
        function = names[name]
        value = function(*args, **kwargs)
    except BaseException as error:
        problem = fault(error, function)
    seconds = time.perf_counter() - start
    changed = [i for i, old in enumerate(before) if old is not None and not same(old, given[i])]
    return {"kind": "answer", "value": value, "fault": problem, "changed": changed, "seconds": seconds}


def same(old: np.ndarray, new: np.ndarray) -> bool:
    """Whether an argument is what it was, shape, type and every bit of it."""
    return old.shape == new.shape and old.dtype == new.dtype and old.tobytes() == new.tobytes()


def fault(error: BaseException, function: Any = None) -> tuple[str, str, int | None]:
    """Return an exception's class, words and line in the program; with no line there, that of the function called."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == PROGRAM:
            line = trace.tb_lineno
        trace = trace.tb_next
    code = getattr(function, "__code__", None)
    if line is None and getattr(code, "co_filename", None) == PROGRAM:
        line = code.co_firstlineno
    try:
        words = str(error)
    except BaseException:  # the program's own class
        words = ""
    if isinstance(error, SyntaxError) and error.filename == PROGRAM:
        words, line = str(error.msg), error.lineno
    elif isinstance(error, MemoryError) and not words:
        words = "more memory than a program may use here"
    elif isinstance(error, PermissionError):
        words = f"{words} (a program has no files, network or processes here)"
    elif isinstance(error, EOFError) and not words.strip():
        words = "there is no input here"
    return type(error).__name__[:100], words[:2000], line if isinstance(line, int) else None
