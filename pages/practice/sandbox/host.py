"""The server's side of running a visitor's program: sealed children, a pool of them, and whether to run at all.

`start()` once, then `policy()` says whether programs are run here, and `run(code, calls)` runs one. Each run has a
child of its own, which waits ready and sealed (see `child` and `seal`). The server never waits longer than the limits
allow, whatever a child does, and reads all that comes from it as hostile.

**Whether to run.** The sandbox tests itself at the start, in the background, with what a program must not be able to
do. Where every layer holds, programs are run. Where one does not (macOS, an old kernel, a strict container), they are
run only if the environment variable ML_INTERVIEW_LAB_RUN_UNSEALED is 1 *and* Streamlit's `server.address` and all of
`server.allowedHosts` are names of this machine alone. Streamlit listens to the whole network unless `server.address`
says otherwise, and unless `server.allowedHosts` does, a page of any site can let its own name point to this machine
and talk to this server from the visitor's browser (DNS rebinding).
"""

import atexit
import contextlib
import functools
import ipaddress
import json
import math
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.practice import outcome
from pages.practice.outcome import Answer, Call, Fault, Outcome
from pages.practice.sandbox import wire

WARNINGS = 20  # kept of one call, as many as an honest child sends
LAYERS = ("limits", "landlock", "seccomp")
UNSEALED = "ML_INTERVIEW_LAB_RUN_UNSEALED"
PROBES = Path(__file__).with_name("probes.py")
# The modules of the child's side, each after those that it imports.
CHILDS = ("outcome", "sandbox.seal", "sandbox.wire", "sandbox.child")
# A child gets our modules as text: nothing in it shows where this project lies.
BOOT = """
import json, sys, types
config = json.loads(sys.argv[1])
sys.path.append(config["numpy"])
for name, text in config["modules"]:
    module = types.ModuleType(name)
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, module)
    exec(compile(text, "<the sandbox>", "exec"), module.__dict__)
from pages.practice.sandbox import child
child.main()
"""
KEEPER = "keeper of the sandbox"  # the name of the thread that starts children


@dataclass(frozen=True)
class Limits:
    """What one run may use; bytes and seconds."""

    memory: int = 512 << 20  # address space
    cpu: int = 5
    wall: float = 8.0
    boot: float = 20.0  # until a child is sealed
    code: int = 64 << 10
    log: int = 64 << 10  # kept of what the program prints
    flood: int = 1 << 20  # printed: ends the run
    results: int = 8 << 20


LIMITS = Limits()


@dataclass(frozen=True)
class Policy:
    """Whether programs are run here (None: not known yet) and why."""

    allowed: bool | None
    reason: str


class Ended(Exception):
    """A run is over before all calls were answered; holds the status."""

    def __init__(self, status: str) -> None:
        """Hold one of the words of `outcome`."""
        super().__init__(status)
        self.status = status


class Child:
    """One process that runs one program. Starting it does not wait for it; `seal` does."""

    def __init__(
        self, layers: Sequence[str] = LAYERS, limits: Limits = LIMITS, command: Sequence[str] | None = None
    ) -> None:
        """Start the process; raises OSError where that fails. `command` replaces it in tests."""
        self.layers, self.limits = tuple(layers), limits
        self.why = ""  # it could not be sealed
        self._buffer, self._log = bytearray(), bytearray()
        self._received = self._printed = 0
        self._job = memoryview(b"")
        self._started = time.monotonic()
        self._selector: selectors.BaseSelector | None = None
        self._process = subprocess.Popen(
            command or child_command(layers, limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=child_environment(),
            cwd="/",
            start_new_session=True,
        )
        try:
            self._selector = selectors.DefaultSelector()
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                os.set_blocking(pipe.fileno(), False)
            self._selector.register(self._process.stdout, selectors.EVENT_READ, self._read_results)
            self._selector.register(self._process.stderr, selectors.EVENT_READ, self._read_log)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def seal(self) -> bool:
        """Wait until the child is sealed; if it could not be, close it, say `why`, and return False."""
        try:
            message = self._next(time.monotonic() + self.limits.boot)
            if message != {"kind": "sealed", "layers": list(self.layers)}:
                self.why = f"the layers {', '.join(self.layers)} were wanted, and there are {message.get('layers')}"
            elif self._process.poll() is not None:
                self.why = "the process was ended while it waited"
            else:
                return True
        except (Ended, wire.Malformed) as error:
            self._drain_log()
            lines = self._log.decode("utf-8", "replace").strip().splitlines()
            self.why = lines[-1] if lines else f"the process did not start: {error}"
        self.close()
        return False

    def run(self, code: str, calls: Sequence[Call]) -> Outcome:
        """Run a program in this sealed child and close it.

        Raises wire.Unsendable or wire.TooLarge where the calls' own arguments cannot be sent.
        """
        self._started = time.monotonic()
        deadline = self._started + self.limits.wall
        job = {"code": code, "calls": [(call.function, call.args, dict(call.kwargs)) for call in calls]}
        lines = len(code.splitlines())
        problem, answers, loaded = None, [], False
        try:
            self._job = memoryview(wire.pack(job))
            self._selector.register(self._process.stdin, selectors.EVENT_WRITE, self._write_job)
            problem = read_loaded(self._next(deadline), lines)
            loaded = problem is None
            if loaded:
                while len(answers) < len(calls):
                    call = calls[len(answers)]
                    answers.append(read_answer(self._next(deadline), lines, len(call.args) + len(call.kwargs)))
            status = outcome.FINISHED if loaded else outcome.NOT_LOADED
        except Ended as end:
            status = end.status
        except wire.Malformed:
            status = outcome.DIED
        finally:
            self._drain_log()
            self.close()
        return Outcome(status, tuple(answers), problem, self._words(), time.monotonic() - self._started, loaded)

    def close(self) -> None:
        """End the process and give back all that it held here."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._selector:
            self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()

    def _next(self, deadline: float) -> dict[Any, Any]:
        """Return the next message, a dict; raises Ended or Malformed."""
        while (message := wire.take(self._buffer)) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Ended(outcome.TIME)
            for key, _ in self._selector.select(left):
                key.data()
        if not isinstance(message, dict):
            raise wire.Malformed("a message that is no dict")
        return message

    def _read_results(self) -> None:
        """Move what has come from the results' pipe into the buffer."""
        chunk = self._process.stdout.read(1 << 16)  # None if there is nothing yet, b"" at the end
        if chunk == b"":
            raise Ended(self._cause_of_death())
        self._buffer += chunk or b""
        self._received += len(chunk or b"")
        if self._received > self.limits.results + wire.JSON_BYTES:
            raise Ended(outcome.OUTPUT)

    def _read_log(self) -> bool:
        """Move what the program printed into the log, as far as it is kept; whether there was something."""
        chunk = self._process.stderr.read(1 << 16)
        if chunk == b"":
            self._selector.unregister(self._process.stderr)
        self._log += (chunk or b"")[: self.limits.log - len(self._log)]
        self._printed += len(chunk or b"")
        if self._printed > self.limits.flood:
            raise Ended(outcome.OUTPUT)
        return bool(chunk)

    def _write_job(self) -> None:
        """Write as much of the job as the pipe takes."""
        try:
            self._job = self._job[self._process.stdin.write(self._job) or 0 :]
        except BrokenPipeError:  # the end of the results' pipe will tell why
            self._job = memoryview(b"")
        if not self._job:
            self._selector.unregister(self._process.stdin)

    def _drain_log(self) -> None:
        """Read what was printed and is not read yet; a flood ends it."""
        with contextlib.suppress(Ended):
            while self._process.stderr in self._selector.get_map().values() and self._read_log():
                pass

    def _words(self) -> str:
        """What the program printed, for its author."""
        cut = "\n… (the rest is cut)" if self._printed > self.limits.log else ""
        return self._log.decode("utf-8", "replace") + cut

    def _cause_of_death(self) -> str:
        """Return the status of a run whose child has closed its results' pipe."""
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return outcome.DIED
        if code == wire.OUT_OF_MEMORY:
            return outcome.MEMORY
        if code == -signal.SIGXCPU:
            return outcome.TIME
        if code == -signal.SIGKILL:  # the processor's hard limit, or the kernel short of memory
            return outcome.TIME if time.monotonic() - self._started >= self.limits.cpu else outcome.MEMORY
        return outcome.DIED


def read_loaded(message: dict[Any, Any], lines: int) -> Fault | None:
    """Read whether the program could be loaded; raises Malformed."""
    match message:
        case {"kind": str(kind), "fault": problem} if kind == "loaded":
            return read_fault(problem, lines)
    raise wire.Malformed("no word on loading")


def read_answer(message: dict[Any, Any], lines: int, given: int) -> Answer:
    """Read the answer to a call with so many arguments; raises Malformed, and Ended where it was over the limits."""
    kind = message.get("kind")
    if not isinstance(kind, str):  # an array, say, which compares with nothing
        raise wire.Malformed("no kind")
    if kind == "too large":
        raise Ended(outcome.OUTPUT)
    match message:
        case {"value": value, "fault": problem, "changed": list(changed), "warnings": list(warned)} if kind == "answer":
            if not all(type(position) is int and 0 <= position < given for position in changed):
                raise wire.Malformed("positions of no arguments")
            seconds = message.get("seconds")
            return Answer(
                value,
                read_fault(problem, lines),
                tuple(changed[:given]),
                tuple(read_warning(warning, lines) for warning in warned[:WARNINGS]),
                seconds if isinstance(seconds, float) and 0 <= seconds < math.inf else 0.0,
            )
    raise wire.Malformed("no answer")


def read_fault(problem: Any, lines: int) -> Fault | None:
    """Read an exception's class, words and line; raises Malformed."""
    match problem:
        case None:
            return None
        case (str(kind), str(words), line):
            return Fault(kind[:100], words[:2000], read_line(line, lines))
    raise wire.Malformed("no fault")


def read_warning(warning: Any, lines: int) -> tuple[str, int | None]:
    """Read a warning's words and line; raises Malformed."""
    match warning:
        case (str(words), line):
            return words[:300], read_line(line, lines)
    raise wire.Malformed("no warning")


def read_line(line: Any, lines: int) -> int | None:
    """Return a line's number if the program has such a line."""
    return line if type(line) is int and 1 <= line <= lines else None


def child_command(layers: Sequence[str], limits: Limits) -> list[str]:
    """The command that starts a child: Python without site packages, with NumPy's folder and our modules' text."""
    config = {
        "layers": list(layers),
        "memory": limits.memory,
        "cpu": limits.cpu,
        "numpy": str(Path(np.__file__).parents[1]),
        "modules": modules(),
    }
    return [sys.executable, "-I", "-S", "-B", "-c", BOOT, json.dumps(config)]


@functools.cache
def modules() -> list[tuple[str, str]]:
    """The names and the text of the modules that a child is made of; that of packages is empty."""
    practice = Path(__file__).parents[1]
    packages = ("pages", "pages.practice", "pages.practice.sandbox")
    texts = [practice.joinpath(*name.split(".")).with_suffix(".py").read_text("utf-8") for name in CHILDS]
    own = [f"pages.practice.{name}" for name in CHILDS]
    return [*((name, "") for name in packages), *zip(own, texts, strict=True)]


def child_environment() -> dict[str, str]:
    """A child's environment: nothing of the server's but where its libraries are. One thread, as `seal` demands."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
    return kept | dict.fromkeys(threads, "1") | {"LC_ALL": "C.UTF-8", "PATH": "/nonexistent"}


HONEST = "import numpy as np\ndef length(x):\n    return np.linalg.norm(x)"
ENDLESS = "while True: pass"


def self_test(start: Callable[..., Child] = Child, layers: Sequence[str] = LAYERS, limits: Limits = LIMITS) -> str:
    """Try the sandbox with real programs; return what is wrong with it, or nothing."""

    def run(code: str, calls: Sequence[Call], limits: Limits = limits) -> Outcome | str:
        try:
            child = start(layers, limits)
        except OSError as error:
            return f"no process can be started: {error}"
        return child.run(code, calls) if child.seal() else child.why

    came = run(HONEST, [Call("length", (np.array([3.0, 4.0]),))])
    if isinstance(came, str):
        return came
    if came.status != outcome.FINISHED or came.answers[0].value != 5:
        return f"an honest program did not run: {came}"
    if "seccomp" not in layers:  # without it, only limits are promised
        return ""

    file = str(PROBES)
    probes = [
        Call("read_a_file", (file,)),
        Call("list_the_root"),
        Call("look_up_a_file", (file,)),
        Call("write_a_file"),
        Call("open_a_socket"),
        Call("fork"),
        Call("execute"),
        Call("signal_the_server", (os.getpid(),)),
        Call("look_for_the_server", (os.getpid(),)),
        Call("open_by_the_newer_call"),
        Call("open_a_ring"),
        Call("take_memory"),
    ]
    came = run(PROBES.read_text("utf-8"), probes)
    if isinstance(came, str):
        return came
    through = [call.function for call, answer in zip(probes, came.answers, strict=False) if answer.fault is None]
    if through:
        return f"these got through: {', '.join(through)}"
    if came.status != outcome.FINISHED:
        return f"the probes ended early: {came.status} after {len(came.answers)} of {len(probes)}"

    came = run(ENDLESS, [], replace(limits, wall=0.3))
    if isinstance(came, str):
        return came
    return "" if came.status == outcome.TIME else f"a program without end was not stopped: {came.status}"


def is_own(name: str) -> bool:
    """Whether a host's name or address means this machine alone, whoever asks."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:  # some other name
        return False


def is_hosted() -> bool:
    """Whether others can reach this server: it listens at any address but one of this machine alone."""
    return not is_own(st.get_option("server.address") or "")


def answers_to_foreign_names() -> bool:
    """Whether the server takes connections that a browser opened to another name than this machine's own."""
    allowed = st.get_option("server.allowedHosts")
    return not allowed or not all(map(is_own, allowed))


def decide(test: Callable[..., str] = self_test) -> tuple[Policy, tuple[str, ...]]:
    """Return whether programs are run here, and behind which layers."""
    wrong = test() if sys.platform == "linux" else f"this is {sys.platform}, and the sandbox needs Linux"
    if not wrong:
        reason = "Each run has a process of its own: no files, no network, no other processes, little time and memory."
        return Policy(True, reason), LAYERS
    off = f"Running programs is switched off here, because the sandbox does not hold ({wrong})."
    if is_hosted():
        return Policy(False, f"{off} Download the challenge and run it on your own machine."), ()
    if os.environ.get(UNSEALED) != "1" or answers_to_foreign_names():
        how = f"set {UNSEALED}=1 and start with --server.address localhost --server.allowedHosts localhost"
        return Policy(False, f"{off} To run your own programs unsealed on your own machine, {how}."), ()
    wrong = test(layers=LAYERS[:1]) if os.name == "posix" else "Windows has no limits on a process"
    if wrong:
        return Policy(False, f"{off} {UNSEALED} is set, but programs do not run unsealed either ({wrong})."), ()
    reason = f"Programs are NOT sealed here, only limited in time and memory: {UNSEALED} is set. Run your own alone."
    return Policy(True, reason), LAYERS[:1]


class Pool:
    """Children that wait sealed, each for one run; a few runs at a time, then a short queue.

    All children are started by one thread that lives as long as the pool: a child ends with the thread that started
    it (see PR_SET_PDEATHSIG in prctl(2)), and Streamlit's own threads come and go.
    """

    def __init__(self, warm: int = 2, parallel: int = 2, patience: float = 8.0) -> None:
        """Keep `warm` children ready, run `parallel` at a time, and let others wait for `patience` seconds."""
        self.policy = Policy(None, "The sandbox is testing itself: a few seconds.")
        self.patience = patience
        self._layers: tuple[str, ...] = ()
        self._decided, self._closing = threading.Event(), threading.Event()
        self._wanted = threading.Semaphore(warm)
        self._slots = threading.BoundedSemaphore(parallel)
        self._ready: queue.SimpleQueue[Child] = queue.SimpleQueue()
        self.keeper = threading.Thread(target=self._keep, name=KEEPER, daemon=True)
        self.keeper.close = self.close  # for `start`, which may know only the thread
        self.keeper.start()
        atexit.register(self.close)

    def run(self, code: str, calls: Sequence[Call]) -> Outcome:
        """Run a program, once a place is free."""
        if len(code.encode("utf-8", "replace")) > LIMITS.code:
            return Outcome(outcome.TOO_LONG)
        deadline = time.monotonic() + self.patience
        if not self._decided.wait(self.patience):
            return Outcome(outcome.BUSY)
        if not self.policy.allowed:
            return Outcome(outcome.UNAVAILABLE)
        if not self._slots.acquire(timeout=max(0, deadline - time.monotonic())):
            return Outcome(outcome.BUSY)
        try:
            for _ in range(3):  # one that has waited long may have been ended from outside
                child = self._ready.get(timeout=max(0, deadline - time.monotonic()))
                self._wanted.release()
                with contextlib.closing(child):  # whatever happens here
                    if child.seal():
                        return child.run(code, calls)
            return Outcome(outcome.UNAVAILABLE)
        except queue.Empty:
            return Outcome(outcome.BUSY)
        finally:
            self._slots.release()

    def close(self) -> None:
        """End the children that wait, and start no more."""
        atexit.unregister(self.close)
        self._closing.set()
        self._wanted.release()
        self.keeper.join(5)

    def _keep(self) -> None:
        """Decide whether to run; then start a child for each one taken, until the pool is closed."""
        try:
            self.policy, self._layers = decide()
        except Exception as error:  # whatever it is, nothing runs, and the page says why
            self.policy = Policy(False, f"Running programs is switched off here: the self-test ended in {error!r}.")
        self._decided.set()
        while self.policy.allowed:
            self._wanted.acquire()
            if self._closing.is_set():
                break
            try:
                self._ready.put(Child(self._layers))
            except Exception:  # no memory, processes or descriptors left for the moment; without this thread none runs
                self._wanted.release()
                self._closing.wait(1)
        with contextlib.suppress(queue.Empty):
            while True:
                self._ready.get_nowait().close()


_pool: Pool | None = None
_lock = threading.Lock()


def start() -> None:
    """Start the sandbox; once it runs, does nothing."""
    global _pool
    with _lock:
        if _pool is None:
            for thread in threading.enumerate():
                if thread.name == KEEPER:  # of this module before Streamlit reloaded it
                    thread.close()
            _pool = Pool()


def policy() -> Policy:
    """Whether programs are run here, and why."""
    return _pool.policy if _pool else Policy(None, "The sandbox has not been started.")


def run(code: str, calls: Sequence[Call]) -> Outcome:
    """Run a program that a visitor wrote and put calls to it.

    Returns within the limits on waiting for a place, starting and running; never raises for what the program does.
    """
    start()
    return _pool.run(code, calls)
