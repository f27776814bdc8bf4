"""A real server and a real browser for tests and benchmarks."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
)  # the first has no window to draw, and is the fastest
CHROMIUM = {
    "executable_path": next(filter(None, map(shutil.which, BROWSERS)), None),
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}


def cpu_seconds(process: int) -> float:
    """What all threads of a process, also those that have ended, have computed so far; Linux."""
    return time.clock_gettime((~process << 3) | 2)


def resident(process: int) -> float:
    """Memory of a process in MiB; Linux."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextlib.contextmanager
def serve(script: str, port: int = 0) -> Iterator[str]:
    """Start `streamlit run script` on a port of the loopback, a free one if none is given; yields its address."""
    with launch(script, port) as (address, _):
        yield address


@contextlib.contextmanager
def launch(
    script: str, port: int = 0, folder: Path = ROOT, log: int | None = None, options: Sequence[str] = ()
) -> Iterator[tuple[str, int]]:
    """The same in a folder, whose `.streamlit/config.toml` counts; yields the process's id too.

    `log` is the descriptor of a file to which it prints; `options` are added to its command line.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}", "--browser.gatherUsageStats=false", *options]
    server = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, stdout=log, stderr=log
    )
    try:
        for _ in range(300):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"),
            ):
                break
            time.sleep(0.1)
        else:
            raise TimeoutError(f"{script} did not start within 30 s")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(10)
