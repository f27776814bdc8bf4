"""Lays siege to the sandbox: `python -m tests.practice.siege` prints which attacks got through, as JSON."""

import contextlib
import inspect
import json
import os
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from pages.practice import outcome
from pages.practice.outcome import Call
from pages.practice.sandbox import host, seal
from tests.practice import attacks

CODE = Path(attacks.__file__).read_text("utf-8")
ATTACKS = [name for name, value in vars(attacks).items() if inspect.isfunction(value) and not name.startswith("_")]
ALONE = [
    "words_of_the_server_on_the_stack",
    "project_on_the_stack",
    "calls_of_32_bits",
    "calls_of_x32",
]  # these end their process, or may
# Those that would do harm where they get through: a traced server stops.
ONLY_SEALED = ["every_other_system_call", "trace_the_server", "trace_me"]
PROJECT = Path(seal.__file__).parents[3]
if Path(sys.prefix).is_relative_to(PROJECT):  # where Python and NumPy lie is no secret
    PROJECT /= "pages"
PATIENT = replace(host.LIMITS, wall=60)  # unsealed, an attack may take its time on a busy machine
SECRET = "no child may know this"
os.environ["ML_INTERVIEW_LAB_SECRET"] = SECRET


def lay_siege(layers=host.LAYERS):
    """Make every attack; return, by its name, what each one got that got through."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o777)
        for name in ("file", "spare", "renamed"):
            folder.joinpath(name).write_text("read me")
            folder.joinpath(name).chmod(0o666)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        told = {
            "path": str(folder / "file"),
            "folder": str(folder),
            "server": os.getpid(),
            "port": listener.getsockname()[1],
            "secret": SECRET[::-1],
            "allowed": seal.ALLOWED[os.uname().machine],
            "project": str(PROJECT)[::-1],
            "_": None,
        }

        def call(name):
            return Call(
                name, tuple(told[parameter] for parameter in inspect.signature(getattr(attacks, name)).parameters)
            )

        def run(names):
            child = host.Child(layers, PATIENT)
            assert child.seal(), child.why
            return child.run(CODE, [call(name) for name in names])

        names = [name for name in ATTACKS if name not in ALONE and (layers or name not in ONLY_SEALED)]
        came = run(names)
        assert came.status == outcome.FINISHED, (came.status, names[len(came.answers)])
        through = {name: answer.value for name, answer in zip(names, came.answers, strict=True) if not answer.fault}
        for name in ALONE:
            came = run([name])
            if came.answers and not came.answers[0].fault:
                through[name] = came.answers[0].value
    return through


if __name__ == "__main__":
    json.dump(lay_siege(), sys.stdout, default=repr)
