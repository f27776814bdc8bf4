"""The sandbox: what gets out of it (nothing), what runs in it, what it leaves behind, and when it is switched off."""

import ast
import gc
import json
import math
import os
import random
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.web.server.starlette import starlette_websocket

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

from pages.practice import attempt, outcome
from pages.practice.challenge import load
from pages.practice.grading import calls, grade
from pages.practice.outcome import Call, Fault, Outcome
from pages.practice.sandbox import host, seal, wire
from tests.practice import honest, siege

ROOT = Path(__file__).parents[2]
QUICK = replace(host.LIMITS, wall=0.5)


def run(code, *calls, limits=host.LIMITS, command=None):
    """One run in a child of its own; a call is a name or a Call."""
    child = host.Child(limits=limits, command=command)
    assert child.seal(), child.why
    return child.run(code, [call if isinstance(call, Call) else Call(call) for call in calls])


def only(came):
    """The single answer of a run that finished."""
    assert came.status == outcome.FINISHED, came
    (answer,) = came.answers
    return answer


@pytest.fixture(scope="module")
def pool():
    pool = host.Pool(patience=60)
    assert pool._decided.wait(60)
    assert pool.policy.allowed, pool.policy.reason
    yield pool
    pool.close()


# What gets out.


def test_no_attack_gets_through():
    assert siege.lay_siege() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="the test before this one ran as an unprivileged user")
def test_no_attack_gets_through_where_the_server_is_an_unprivileged_user():
    # Python may lie where only root may look, so the user gets it at another place, in a mount namespace of its own.
    script = 'mount --bind "$0" /mnt && exec setpriv --reuid 65534 --regid 65534 --clear-groups /mnt/bin/python3 "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, sys.base_prefix]
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]]), "PYTHONDONTWRITEBYTECODE": "1"}

    def python(*arguments):
        return subprocess.run([*command, *arguments], cwd="/", env=os.environ | environment, capture_output=True)

    tried = python("-c", "import os, numpy, pages.practice; print(os.getuid())")
    if tried.stdout != b"65534\n":
        pytest.skip(f"another user cannot run Python here: {tried.stderr.decode()[-200:]}")
    came = python("-m", "tests.practice.siege")
    assert came.returncode == 0, came.stderr.decode()[-1000:]
    assert json.loads(came.stdout) == {}


def test_the_attacks_are_attacks():
    through = siege.lay_siege(layers=())
    assert len(through) > 0.6 * len(siege.ATTACKS), set(siege.ATTACKS) - set(through)


@pytest.mark.parametrize("machine", seal.ALLOWED)
def test_arguments_are_limited_of_calls_that_are_allowed(machine):
    assert seal.ONLY_WITH.keys() | seal.NOT_WITH.keys() <= seal.ALLOWED[machine].keys()
    assert len(set(seal.ALLOWED[machine].values())) == len(seal.ALLOWED[machine])


@pytest.mark.parametrize("name", ["calls_of_32_bits", "calls_of_x32"])
def test_the_numbers_of_another_processor_mode_end_the_process(name):
    assert run(siege.CODE, Call(name, (None,))).status == outcome.DIED


FRAME = """
import os, struct, time
def channel():
    for fd in range(3, 16):
        try:
            os.write(fd, b"")
            return fd
        except OSError:
            pass
def frame(text):
    return struct.pack(">II", len(text), 0) + text.encode()
"""
ENDS = {
    "an endless loop": ("def f():\n    while True: pass", outcome.TIME),
    "an endless loop while loading": ("while True: pass", outcome.TIME),
    "catching everything": (
        "def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        outcome.TIME,
    ),
    "asleep": ("import time\ndef f(): time.sleep(60)", outcome.TIME),
    "a lock that nobody opens": (
        "import threading\ndef f():\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()",
        outcome.TIME,
    ),
    "within one call of C": ("def f(): return sum(range(10**12))", outcome.TIME),
    "a regular expression": ("import re\ndef f(): re.match('(a+)+b', 'a' * 60)", outcome.TIME),
    "printing for ever": ("def f():\n    while True: print('x' * 1000)", outcome.OUTPUT),
    "writing to the log for ever": ("import os\ndef f():\n    while True: os.write(2, b'x' * 65536)", outcome.OUTPUT),
    "an array without bytes": ("import numpy as np\ndef f(): return np.zeros((2**23, 2**23, 0))", outcome.OUTPUT),
    "a large array": ("import numpy as np\ndef f(): return np.zeros(2**21)", outcome.OUTPUT),
    "a long string": ("def f(): return 'x' * 2**21", outcome.OUTPUT),
    "many numbers": ("def f(): return list(range(10**5))", outcome.OUTPUT),
    "ending itself": ("import os\ndef f(): os._exit(0)", outcome.DIED),
    "ending itself while loading": ("import os\nos._exit(0)", outcome.DIED),
    "a wrong address": ("import ctypes\ndef f(): ctypes.string_at(1)", outcome.DIED),
    "abort": ("import ctypes\ndef f(): ctypes.CDLL(None).abort()", outcome.DIED),
    "closing everything": ("import os, time\ndef f():\n    os.closerange(0, 99)\n    time.sleep(60)", outcome.DIED),
    "no memory to answer": (
        "import sys\ndef broken(*_): raise MemoryError\nsys.modules['pages.practice.sandbox.child'].call = broken",
        outcome.MEMORY,
    ),
    "a frame of four gigabytes": (f"{FRAME}\ndef f(): os.write(channel(), b'\\xff' * 8); time.sleep(60)", outcome.DIED),
    "a frame that is no JSON": (f"{FRAME}\ndef f(): os.write(channel(), frame('nonsense'))", outcome.DIED),
    "a frame of lists in lists": (f"{FRAME}\ndef f(): os.write(channel(), frame('[' * 50000))", outcome.DIED),
    "half a frame": (f"{FRAME}\ndef f(): os.write(channel(), frame('[1, 2]')[:-2]); time.sleep(60)", outcome.TIME),
    "frames for ever": (f"{FRAME}\ndef f():\n    while True: os.write(channel(), frame('1'))", outcome.DIED),
    "bytes for ever": (f"{FRAME}\ndef f():\n    while True: os.write(channel(), bytes(65536))", outcome.DIED),
}


@pytest.mark.parametrize(("code", "status"), ENDS.values(), ids=ENDS)
def test_a_run_ends_and_says_why(code, status):
    limits = replace(host.LIMITS, wall=0.3 if status == outcome.TIME else 20)
    start = time.monotonic()
    came = run(code, "f", limits=limits)
    assert came.status == status, came
    assert came.seconds < limits.wall + 1
    assert time.monotonic() - start < 30
    assert len(came.log) <= limits.log + 100


@pytest.mark.parametrize(
    "before", ["", "import _signal\n_signal.signal(24, _signal.SIG_IGN)\n"], ids=["", "deaf to it"]
)
def test_the_processors_limit_is_not_the_clocks(before):
    came = run(f"{before}def f():\n    while True: pass", "f", limits=replace(host.LIMITS, cpu=1, wall=60))
    assert came.status == outcome.TIME
    assert came.seconds < 55


def test_a_forged_answer_is_but_an_answer():
    text = '{\\"dict\\": [[\\"kind\\", \\"loaded\\"], [\\"fault\\", null]]}'
    came = run(f'{FRAME}\nos.write(channel(), frame("{text}"))\ntime.sleep(60)', "f", limits=QUICK)
    assert came.status == outcome.TIME  # "loaded" was believed: the answer is still to come
    assert came.answers == ()


def test_the_child_holds_nothing_but_the_program_and_the_calls():
    code = (
        "import sys\ndef f(): return sorted(n for n in sys.modules if n.startswith(('pages', 'mlcore', 'streamlit')))"
    )
    held = only(run(code, "f")).value
    assert held == ["pages", "pages.practice", "pages.practice.outcome"] + [
        f"pages.practice.sandbox{n}" for n in ("", ".child", ".seal", ".wire")
    ]


# What runs.

HONEST = [name for name, value in vars(honest).items() if getattr(value, "__module__", "") == honest.__name__]
HONEST = [name for name in HONEST if not isinstance(getattr(honest, name), type)]


@pytest.fixture(scope="module")
def answers():
    """What the honest functions return in the sandbox."""
    came = run(Path(honest.__file__).read_text("utf-8"), *HONEST)
    assert came.status == outcome.FINISHED, came
    return dict(zip(HONEST, came.answers, strict=True))


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_returns_what_it_returns_here(answers, name):
    assert answers[name].fault is None
    np.testing.assert_equal(answers[name].value, getattr(honest, name)())


FAULTS = {
    "a mistake in a function that is called": (
        "import numpy as np\ndef g(a):\n    return a @ np.ones((3, 2))\ndef f():\n    return g(np.ones((2, 4)))",
        "ValueError",
        3,
        "mismatch",
    ),
    "a mistake inside numpy": ("import numpy as np\n\ndef f():\n    return np.linalg.inv(np.zeros((2, 2)))", *(
        "LinAlgError", 4, "Singular"
    )),
    "a missing library": ("def f():\n    import torch", "ModuleNotFoundError", 2, "torch is not available here"),
    "a part of a library": (
        "def f():\n    from scipy.special import expit",
        "ModuleNotFoundError",
        2,
        "scipy is not available here: NumPy and the standard library's computing modules only",
    ),
    "no such function": ("def g(): pass", "NameError", None, "the program defines no f"),
    "not a function": ("f = 1", "TypeError", None, "not callable"),
    "too many arguments": ("\n\ndef f(x): pass", "TypeError", 3, "missing 1 required"),
    "a file": ("import numpy as np\ndef f(): return np.load('x.npy')", "PermissionError", 2, "no files"),
    "input": ("def f(): return input()", "EOFError", 1, "EOF"),
    "leaving": ("import sys\ndef f(): sys.exit(3)", "SystemExit", 2, "3"),
    "recursion": ("def f(n=0): return f(n + 1)", "RecursionError", 1, "recursion"),
    "a thread": (
        "import threading\ndef f():\n    threading.Thread(target=print).start()",
        "RuntimeError",
        3,
        "thread",
    ),
    "memory": ("def f():\n    return len(bytearray(2**30))", "MemoryError", 2, "more memory than"),
    "memory in numpy": ("import numpy as np\ndef f():\n    return np.ones(2**28).sum()", *(
        "MemoryError", 3, "Unable to allocate"
    )),
    "an assertion of numpy": ("import numpy as np\ndef f(): np.testing.assert_allclose(1, 1.1)", *(
        "AssertionError", 2, "Not equal"
    )),
    "an exception without words": (
        "class E(Exception):\n    def __str__(self): raise self\ndef f():\n    raise E",
        "E",
        4,
        "",
    ),
    "a generator": ("def f():\n    yield 1", "TypeError", None, "f returned a value of type generator"),
    "an array of lists": ("import numpy as np\ndef f(): return np.array([[1], 2], object)", *(
        "TypeError", None, "dtype object"
    )),
    "a list in itself": ("def f():\n    a = []\n    a.append(a)\n    return a", "TypeError", None, "nested"),
    "a huge number": ("def f(): return 10**5000", "TypeError", None, "64 bits"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "line", "words"), FAULTS.values(), ids=FAULTS)
def test_an_exception_names_its_line_and_cause(code, kind, line, words):
    fault = only(run(code, "f")).fault
    assert (fault.kind, fault.line) == (kind, line)
    assert words in fault.message


NOT_LOADED = {
    "no Python": ("x = 1\ndef f(:\n    pass", Fault("SyntaxError", "invalid syntax", 2)),
    "indentation": ("def f():\npass", Fault("IndentationError", "expected an indented block after function…", 2)),
    "an exception": ("x = 1\ny = 1 / 0", Fault("ZeroDivisionError", "division by zero", 2)),
    "leaving": ("raise SystemExit", Fault("SystemExit", "", 1)),
    "a zero byte": ("x = 1\0", Fault("SyntaxError", "source code string cannot contain null bytes", None)),
    "half a character": ("x = '\ud800'\nassert x == '?', x\nraise OSError", Fault("OSError", "", 3)),
    "deep": ("x = " + "(" * 5000 + ")" * 5000, None),
}


@pytest.mark.parametrize(("code", "fault"), NOT_LOADED.values(), ids=NOT_LOADED)
def test_a_program_that_cannot_be_loaded_says_why(code, fault):
    came = run(code, "f")
    assert (came.status, came.answers) == (outcome.NOT_LOADED, ())
    if fault:
        assert came.fault.kind == fault.kind
        assert came.fault.message.startswith(fault.message.rstrip("…"))
        assert came.fault.line in (fault.line, 1)


def test_a_warning_of_numpy_comes_with_its_words_and_line():
    code = "import numpy as np\ndef f(x):\n    for _ in range(3):\n        y = np.exp(x)\n    return np.mean(y[:0])"
    warned = only(run(code, Call("f", (np.array([1e3]),)))).warnings
    assert warned[0] == ("overflow encountered in exp", 4)
    assert warned[1][0].startswith("Mean of empty slice")
    assert [line for _, line in warned[1:]] == [5] * len(warned[1:])


def test_arguments_arrive_as_they_were_and_changes_are_seen():
    code = "def f(a, b, c, n, *, d):\n    a[0] = 9\n    b.sort()\n    d += 1\n    return [a, b, c, n, d]"
    c = np.array([[True, False]])
    a, b, d = np.arange(3), np.array([1.0, np.nan]), np.zeros(2, np.float32)
    first, second = run(code, *[Call("f", (a, b, c, None), (("d", d),))] * 2).answers
    assert first.changed == second.changed == (0, 4)
    assert [(v.dtype, v.tolist()) for v in (first.value[0], first.value[2], first.value[4])] == [
        (np.int64, [9, 1, 2]),
        (np.bool_, [[True, False]]),
        (np.float32, [1.0, 1.0]),
    ]
    np.testing.assert_array_equal(first.value[1], b)
    assert (a[0], d[0]) == (0, 0)


def test_what_is_printed_comes_back_and_is_cut():
    came = run("import sys\ndef f():\n    print('é', 1)\n    print('two', file=sys.stderr)", "f")
    assert came.log == "é 1\ntwo\n"
    came = run("def f(): print('x' * 100_000)", "f")
    assert only(came).fault is None
    assert came.log == "x" * host.LIMITS.log + "\n… (the rest is cut)"


def test_a_program_that_hangs_at_its_top_level_is_not_loaded():
    assert not run("while True: pass", "f", limits=QUICK).loaded
    assert run("def f():\n    while True: pass", "f", limits=QUICK).loaded


def test_a_function_that_is_not_defined_is_told_as_such():
    challenge = load("softmax")
    says = grade(challenge, run("def other(x): return x", *calls(challenge))).diagnosis
    assert says == f"{challenge.probes[0].name}: The program defines no function `softmax`."


def test_the_calls_before_the_one_that_hangs_are_answered():
    came = run("def f(x):\n    while x > 1: pass\n    return x", *[Call("f", (x,)) for x in range(4)], limits=QUICK)
    assert came.status == outcome.TIME
    assert [answer.value for answer in came.answers] == [0, 1]


# What the server survives.


def fake(tmp_path, after, then="exec /bin/sleep 30"):
    """A child that says it is sealed, sends these bytes, and does not listen."""
    frame = wire.pack({"kind": "sealed", "layers": list(host.LAYERS)})
    path = tmp_path / "bytes"
    path.write_bytes(frame + after)
    return ["/bin/sh", "-c", f'/bin/cat "$0"; {then}', str(path)]


def test_a_child_that_does_not_read_its_job_holds_nobody(tmp_path):
    start = time.monotonic()
    job = Call("f", (np.zeros(1_000_000),))
    assert run("", job, limits=QUICK, command=fake(tmp_path, b"")).status == outcome.TIME
    assert time.monotonic() - start < 5
    assert run("", job, command=fake(tmp_path, b"", then="exec /bin/sleep 0.3")).status == outcome.DIED


def answer(**parts):
    return {"kind": "answer", "value": 1, "fault": None, "changed": [], "warnings": [], "seconds": 0.1} | parts


LOADED = wire.pack({"kind": "loaded", "fault": None})
WRONG = {
    "nothing loaded": wire.pack(answer()),
    "no dict": LOADED + wire.pack([1]),
    "no kind": LOADED + wire.pack({}),
    "kind that is a list": LOADED + wire.pack({"kind": []}),
    "fault that is a number": LOADED + wire.pack(answer(fault=1)),
    "fault of numbers": LOADED + wire.pack(answer(fault=(1, 2, 3))),
    "positions that are arrays": LOADED + wire.pack(answer(changed=[np.zeros(2)])),
    "positions that are truths": LOADED + wire.pack(answer(changed=[True])),
    "positions of no arguments": LOADED + wire.pack(answer(changed=[7])),
    "positions below zero": LOADED + wire.pack(answer(changed=[-1])),
    "warnings that are words": LOADED + wire.pack(answer(warnings=["x"])),
    "warnings that are a number": LOADED + wire.pack(answer(warnings=7)),
    "kind that is an array": LOADED + wire.pack({"kind": np.zeros(3)}),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_a_message_of_the_wrong_form_ends_the_run(tmp_path, data):
    came = run("", "f", command=fake(tmp_path, data))
    assert (came.status, came.answers) == (outcome.DIED, ())


def test_strange_parts_of_an_answer_are_made_harmless(tmp_path):
    for seconds in (math.nan, -1.0, math.inf, "1", None, np.zeros(3)):
        parts = answer(seconds=seconds, fault=("E" * 999, "m" * 9999, 10**9), warnings=[("w" * 999, "x")] * 500)
        came = run("one line", "f", command=fake(tmp_path, LOADED + wire.pack(parts)))
        (got,) = came.answers
        assert (got.seconds, got.fault.line) == (0.0, None)
        assert (len(got.fault.kind), len(got.fault.message), len(got.warnings)) == (100, 2000, host.WARNINGS)


def test_random_bytes_and_damaged_frames_end_the_run(tmp_path):
    rng = random.Random(0)
    good = LOADED + wire.pack(answer(value=[np.arange(6.0).reshape(2, 3), "x", (1, None), {"a": 2}]))
    limits = replace(QUICK, wall=0.05)
    statuses = set()
    for i in range(60):
        if i % 3 == 0:
            data = rng.randbytes(rng.randrange(1, 200))
        elif i % 3 == 1:
            data = good[: rng.randrange(len(good))]
        else:
            data = bytearray(good)
            for _ in range(3):
                data[rng.randrange(len(data))] = rng.randrange(256)
        came = run("", "f", limits=limits, command=fake(tmp_path, bytes(data)))
        assert isinstance(came, Outcome)
        statuses.add(came.status)
    assert {outcome.DIED, outcome.TIME} <= statuses


def text(value, data=b""):
    return wire.HEAD.pack(len(value), len(data)) + value.encode() + data


_EMPTY = '{"array": ["|b1", [0, 1048576]]}'
MALFORMED = {
    "huge text": struct.pack(">II", 2**32 - 1, 0),
    "huge data": struct.pack(">II", 2, 2**32 - 1),
    "no JSON": text("{"),
    "no UTF-8": wire.HEAD.pack(1, 0) + b"\xff",
    "deep": text("[" * 100_000),
    "deep, and JSON": text("[" * 50 + "]" * 50),
    "many": text(f"[{'[],' * 300_000}1]"),
    "a huge number": text("1" * 4000),
    "a number too huge": text("1" * 5000),
    "an unknown name": text('{"object": 1}'),
    "two names": text('{"tuple": [], "dict": []}'),
    "a tuple of a number": text('{"tuple": 1}'),
    "a dict of numbers": text('{"dict": [1]}'),
    "a key that is a list": text('{"dict": [[[], 1]]}'),
    "a key that is a tuple": text('{"dict": [[{"tuple": []}, 1]]}'),
    "objects": text('{"array": ["|O", [1]]}', bytes(8)),
    "a record": text('{"array": ["i8,i8", [1]]}', bytes(16)),
    "big-endian": text('{"array": [">f8", [1]]}', bytes(8)),
    "a dtype that is a list": text('{"array": [["<f8"], [1]]}', bytes(8)),
    "a negative axis": text('{"array": ["<f8", [-1]]}', bytes(8)),
    "an axis that is true": text('{"array": ["<f8", [true]]}', bytes(8)),
    "an axis that is no whole number": text('{"array": ["<f8", [1.0]]}', bytes(8)),
    "a shape that is a number": text('{"array": ["<f8", 1]}', bytes(8)),
    "many axes": text(f'{{"array": ["<f8", {[1] * 40}]}}', bytes(8)),
    "huge axes": text('{"array": ["<f8", [8000000, 8000000, 8000000]]}', bytes(8)),
    "empty and huge": text(f'{{"array": ["<f8", {[0] + [8 << 20] * 7}]}}'),
    "no bytes, endless rows": text('{"array": ["<f8", [8388608, 8388608, 0]]}'),
    "many without bytes": text(f"[{', '.join([_EMPTY] * 20)}]"),
    "too few bytes": text('{"array": ["<f8", [2]]}', bytes(8)),
    "too many bytes": text('{"array": ["<f8", [1]]}', bytes(9)),
    "bytes without an array": text("1", bytes(1)),
    "one array's bytes for two": text('[{"array": ["<f8", [1]]}, {"array": ["<f8", [1]]}]', bytes(8)),
}


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_frame_is_refused(frame):
    with pytest.raises(wire.Malformed):
        wire.take(bytearray(frame))


def test_damaged_frames_are_refused_or_read_as_values():
    rng = random.Random(1)
    good = wire.pack({"kind": "answer", "value": [np.arange(4.0), np.float32(1), True], "changed": [0]})
    for _ in range(3000):
        frame = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            frame[rng.randrange(8, len(frame))] = rng.choice(b'[]{}",:0123456789truefalsn \xff\x00')
        try:
            value = wire.take(frame)
        except wire.Malformed:
            continue
        json.dumps(value, default=lambda v: v.tolist())


def test_values_come_back_as_they_were():
    value = {"a": [np.arange(3, dtype=t) for t in wire.DTYPES if t != "|b1"], 1: (np.bool_(True), math.inf, "\ud800")}
    buffer = bytearray(wire.pack(value) + b"more")
    came = wire.take(buffer)
    assert buffer == b"more"
    assert [v.dtype.str for v in came["a"]] == [v.dtype.str for v in value["a"]]
    assert came[1] == (True, math.inf, "?")
    assert wire.take(bytearray(text('{"array": ["|b1", [2]]}', b"\x02\x00"))).sum() == 1  # a truth value is 0 or 1
    assert all(v.flags.writeable for v in came["a"])


# What is left behind.


@pytest.mark.parametrize("error", [MemoryError, OSError(24, "no descriptors"), RuntimeError("no threads")])
def test_the_keeper_of_waiting_children_survives(monkeypatch, error):
    monkeypatch.setattr(host, "decide", lambda: (host.Policy(True, "in a test"), host.LAYERS))
    start, failing = host.Child, [True]

    def child(layers):
        if failing:
            raise error
        return start(layers)

    monkeypatch.setattr(host, "Child", child)
    pool = host.Pool(warm=1, patience=20)
    time.sleep(0.1)
    assert pool.keeper.is_alive()
    failing.clear()
    assert only(pool.run("def f(): return 1", [Call("f")])).value == 1
    pool.close()


def test_a_child_of_which_something_fails_in_the_server_is_ended(monkeypatch):
    before = held()
    for place in ("DefaultSelector", "BaseSelector.register"):
        with monkeypatch.context() as patch:
            target = "selectors.DefaultSelector" + (".register" if "register" in place else "")
            patch.setattr(target, lambda *_: {}["no memory"])
            with pytest.raises(KeyError):
                host.Child()
        gc.collect()
        assert held() == before


def held():
    """The numbers of children, descriptors and threads of this process."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True)
    without_ps = len(children.stdout.split()) - 1
    return without_ps, len(os.listdir("/proc/self/fd")), threading.active_count()


def resident():
    """Bytes of memory of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def settled(pool):
    """What is held once the pool has its waiting children again."""
    deadline = time.monotonic() + 20
    while pool._ready.qsize() < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    return held()


SUM = "import numpy as np\ndef f(x):\n    print(x.shape)\n    return x.sum() * np.ones(1000)"


def test_a_hundred_runs_leave_nothing_behind(pool):
    x = np.arange(1000.0)
    for _ in range(5):
        pool.run(SUM, [Call("f", (x,))])
    before, memory = settled(pool), resident()
    for _ in range(100):
        assert only(pool.run(SUM, [Call("f", (x,))])).value[0] == x.sum()
    assert settled(pool) == before
    assert resident() - memory < 4 << 20


def test_twenty_at_once_are_all_answered_and_leave_nothing_behind(pool):
    before = settled(pool)
    answers = {}

    def visit(i):
        answers[i] = only(pool.run(SUM, [Call("f", (np.full(4, i),))])).value[0]

    visitors = [threading.Thread(target=visit, args=(i,)) for i in range(20)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert answers == {i: 4 * i for i in range(20)}
    assert settled(pool) == before


def test_runs_that_end_badly_leave_nothing_behind(pool):
    before = settled(pool)
    for code in ("import os\nos._exit(1)", "x =", "def f(): print('x' * 9**7)", "def f(): return 'x' * 9**7"):
        assert pool.run(code, [Call("f")]).status != outcome.FINISHED
    assert settled(pool) == before
    assert not Path("/tmp/ml-interview-lab-probe").exists()


def test_hostile_and_honest_runs_together_leave_nothing_behind(monkeypatch):
    child, limits = host.Child, replace(host.LIMITS, wall=1.0)
    monkeypatch.setattr(host, "decide", lambda: (host.Policy(True, "in a test"), host.LAYERS))
    monkeypatch.setattr(host, "Child", lambda layers: child(layers, limits))
    pool = host.Pool(patience=120)
    monkeypatch.setattr(host, "_pool", pool)
    softmax = load("softmax")
    hostile = [re.sub(r"def f\(.*?\)", "def softmax(*_)", code) for code, _ in ENDS.values()]
    hostile += [f"{siege.CODE}\nsoftmax = lambda x: {name}(x)" for name in siege.ALONE]
    right = "import numpy as np\ndef softmax(x):\n    e = np.exp(x - x.max(-1, keepdims=True))\n"
    right += "    return e / e.sum(-1, keepdims=True)"

    def round_of_visits():
        sessions = [{} for _ in hostile for _ in range(2)]
        for session, program in zip(sessions, [p for each in hostile for p in (each, right)], strict=True):
            while attempt._places._value == 0:
                time.sleep(0.01)
            attempt.begin(session, softmax, program)
            attempt.begin(session, softmax, program)
        came = [session["softmax"].result(300).report for session in sessions]
        assert {report.solved for report in came[1::2]} == {True}
        assert {report.solved for report in came[::2]} == {False}

    round_of_visits()
    before, memory = settled(pool), resident()
    for _ in range(2):
        round_of_visits()
    assert settled(pool) == before
    assert resident() - memory < 8 << 20
    pool.close()


def test_no_child_outlives_the_server():
    server = """
import threading, time
from pages.practice.sandbox import host
waiting, running = host.Child(), host.Child()
assert waiting.seal() and running.seal()
threading.Thread(target=running.run, args=("import time\\ntime.sleep(60)", []), daemon=True).start()
time.sleep(0.2)
print(waiting.pid, running.pid, flush=True)
time.sleep(60)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])}
    with subprocess.Popen([sys.executable, "-c", server], env=environment, stdout=subprocess.PIPE) as process:
        children = [Path(f"/proc/{number}/stat") for number in process.stdout.readline().decode().split()]
        process.kill()
    assert len(children) == 2
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(alive(child) for child in children):
        time.sleep(0.02)
    assert not any(alive(child) for child in children)


def alive(child):
    try:
        return child.read_text().rpartition(")")[2].split()[0] != "Z"  # a zombie waits for its new parent only
    except OSError:
        return False


# The queue.


def test_who_finds_no_place_in_time_is_told_so(pool, monkeypatch):
    monkeypatch.setattr(pool, "patience", 0.2)
    sleepers = [threading.Thread(target=pool.run, args=("import time\ntime.sleep(1.5)", [])) for _ in range(2)]
    for sleeper in sleepers:
        sleeper.start()
    time.sleep(0.5)
    start = time.monotonic()
    assert pool.run(SUM, []).status == outcome.BUSY
    assert time.monotonic() - start < 1
    for sleeper in sleepers:
        sleeper.join()


def test_a_waiting_child_that_was_ended_is_passed_over(pool):
    settled(pool)
    child = pool._ready.get()
    os.kill(child.pid, signal.SIGKILL)
    pool._ready.put(child)
    before = settled(pool)
    for _ in range(2):
        assert only(pool.run(SUM, [Call("f", (np.ones(2),))])).value[0] == 2
    assert settled(pool) == before


def test_a_program_that_is_too_long_is_not_run(pool):
    assert pool.run("#" * (64 << 10), []).status == outcome.FINISHED
    assert pool.run("é" * (32 << 10) + "#", []).status == outcome.TOO_LONG


def test_the_module_starts_one_pool_and_a_reloaded_one_takes_its_place(monkeypatch):
    monkeypatch.setattr(host, "decide", lambda: (host.Policy(True, "in a test"), host.LAYERS))
    monkeypatch.setattr(host, "_pool", None)
    assert host.policy().allowed is None
    assert only(host.run("def f(): return 1", [Call("f")])).value == 1
    first = host._pool
    host.start()
    assert host._pool is first
    monkeypatch.setattr(host, "_pool", None)
    host.start()
    first.keeper.join(5)
    assert not first.keeper.is_alive()
    assert first._ready.empty()
    host._pool.close()


# Whether to run at all.


def broken(patch):
    """Start children in which one function of `seal` is replaced before they seal themselves."""

    def start(layers, limits):
        command = host.child_command(layers, limits)
        code = command[-2].replace("child.main()", f"from pages.practice.sandbox import seal\n{patch}\nchild.main()")
        return host.Child(layers, limits, [*command[:-2], code, command[-1]])

    return start


BROKEN = {
    "Landlock does nothing": ("seal._shut_files_and_network = lambda: None", "Landlock is in place, but a folder"),
    "seccomp does nothing": ("seal._allow_computing_only = lambda: None", "seccomp is in place, but opening a folder"),
    "no such processor": ("seal.ALLOWED.clear()", "no list of system calls for the processor"),
    "no Landlock": ("seal.LANDLOCK_CREATE_RULESET = 9999", "Landlock is not available: Function not implemented"),
    "no seccomp": ("seal.SECCOMP = dict.fromkeys(seal.SECCOMP, 9999)", "seccomp is not available"),
    "no limit on memory": ("seal.resource.setrlimit = lambda *_: None", "RLIMIT_AS is"),
    "a second thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        "the process has 2 threads before it is sealed",
    ),
    "a layer is not said": ("seal.seal = lambda *_: ['limits']", "were wanted, and there are ['limits']"),
    "the child does not start": ("raise OSError('no numpy')", "no numpy"),
    "nothing is sealed": ("seal.seal = lambda layers, *_: layers", "these got through: read_a_file, list_the_root"),
    "a call too many": (
        "seal.ALLOWED = {m: t | {'socket': {'x86_64': 41, 'aarch64': 198}[m]} for m, t in seal.ALLOWED.items()}",
        "these got through: open_a_socket",
    ),
    "a call with any argument": (
        "seal.ONLY_WITH = {}",
        "these got through: look_for_the_server",
    ),
}


@pytest.mark.parametrize(("patch", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_layer_that_fails_is_found_and_named(patch, reason):
    assert reason in host.self_test(broken(patch))


@pytest.mark.parametrize(
    ("address", "hosted"),
    {
        None: True,
        "": True,
        "0.0.0.0": True,
        "::": True,
        "192.168.1.2": True,
        "lab.example.org": True,
        "localhost.example.org": True,
        "localhost": False,
        "127.0.0.1": False,
        "127.3.2.1": False,
        "::1": False,
    }.items(),
)
def test_a_server_is_hosted_unless_it_listens_to_its_own_machine_alone(monkeypatch, address, hosted):
    monkeypatch.setattr(host.st, "get_option", {"server.address": address}.get)
    assert host.is_hosted() is hosted


OWN_NAMES = ["localhost", "127.0.0.1"]


@pytest.mark.parametrize("hosted", [True, False])
@pytest.mark.parametrize("setting", ["1", "0", None])
@pytest.mark.parametrize("hosts", [OWN_NAMES, [], ["*"], ["localhost", "*"], ["*.example.org"], ["[::1]"]])
def test_an_unsealed_program_runs_only_by_explicit_setting_on_ones_own_machine(monkeypatch, hosted, setting, hosts):
    monkeypatch.setattr(host, "is_hosted", lambda: hosted)
    monkeypatch.setattr(host.st, "get_option", {"server.allowedHosts": hosts}.get)
    monkeypatch.delenv(host.UNSEALED, raising=False)
    if setting:
        monkeypatch.setenv(host.UNSEALED, setting)
    tried = []

    def no_landlock(layers=host.LAYERS):
        tried.append(layers)
        return "Landlock is not available" if "landlock" in layers else ""

    policy, layers = host.decide(no_landlock)
    assert policy.allowed is (setting == "1" and not hosted and hosts == OWN_NAMES)
    assert layers == (("limits",) if policy.allowed else ())
    assert "NOT sealed" in policy.reason if policy.allowed else "Landlock is not available" in policy.reason
    assert policy.allowed or hosted or "--server.allowedHosts localhost" in policy.reason
    assert policy.allowed or tried == [host.LAYERS]


def test_limits_alone_run_an_honest_program():
    assert host.self_test(layers=("limits",)) == ""


def test_a_foreign_name_is_refused_by_streamlit_where_own_names_alone_are_allowed(monkeypatch):
    allowed = {"server.allowedHosts": OWN_NAMES}.get
    monkeypatch.setattr(starlette_websocket.config, "get_option", allowed)
    answers = {
        name: starlette_websocket.is_host_allowed(name) for name in ("localhost:8501", "evil.example:8501", None)
    }
    assert answers == {"localhost:8501": True, "evil.example:8501": False, None: False}


def test_a_sealed_server_runs_programs_for_others(monkeypatch):
    monkeypatch.setattr(host, "is_hosted", lambda: True)
    assert host.decide(lambda layers=host.LAYERS: "")[0].allowed is True


def test_where_the_self_test_fails_nothing_runs_and_the_reason_is_told(monkeypatch):
    monkeypatch.setattr(host, "is_hosted", lambda: True)
    real = host.decide
    monkeypatch.setattr(host, "decide", lambda: real(lambda layers=host.LAYERS: "Landlock is not available"))
    pool = host.Pool(patience=5)
    assert pool.run("x = 1", []).status == outcome.UNAVAILABLE
    assert pool.policy.allowed is False
    assert "Landlock is not available" in pool.policy.reason
    pool.close()


def test_a_self_test_that_breaks_down_switches_running_off(monkeypatch):
    monkeypatch.setattr(host, "decide", lambda: {}["no such key"])
    pool = host.Pool(patience=5)
    assert pool.run("x = 1", []).status == outcome.UNAVAILABLE
    assert "no such key" in pool.policy.reason
    pool.close()


def test_arguments_that_cannot_be_sent_leave_no_child_behind():
    before = held()
    with pytest.raises(wire.Unsendable):
        run("def f(x): pass", Call("f", (object(),)))
    assert held() == before


def test_the_servers_side_imports_nothing_that_windows_lacks():
    for module in (host, wire, outcome):
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
        imports = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert not [line for line in imports if re.search(r"\b(resource|fcntl|pwd|grp|seal|child)\b", line)]


def test_another_system_is_refused_before_anything_is_started(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(host, "is_hosted", lambda: False)
    policy, layers = host.decide(lambda **_: pytest.fail("started"))
    assert policy.allowed is False
    assert "needs Linux" in policy.reason
    assert host.UNSEALED in policy.reason
    assert layers == ()
