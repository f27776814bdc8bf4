"""A real server and a websocket session without a browser."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.server import serve
from tests.session import Session, run

ROOT = Path(__file__).parents[1]
LISTEN = """
import socket
listener = socket.socket()  # as Streamlit makes it
listener.bind(("127.0.0.1", 0))
listener.listen()
from pages.server.start import send_at_once
send_at_once()
client = socket.create_connection(listener.getsockname())
connection, _ = listener.accept()
print(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
"""


@pytest.fixture(scope="module")
def address():
    with serve("app.py") as address:
        yield address


@pytest.mark.parametrize(("page", "key"), [("bias_variance", "bv_noise"), ("gradient_descent", "gd_lr")])
def test_a_session_moves_a_slider_and_gets_its_charts_anew(address, page, key):
    async def visit():
        async with Session(address, page) as session:
            await session.arrive()
            whole = session.received
            for _ in range(3):
                await session.move(key)
            return session.exceptions, session.received - whole

    exceptions, received = run(visit())
    assert exceptions == []
    assert received > 3 * 10_000


def test_what_the_server_sends_waits_for_no_acknowledgement():
    done = subprocess.run([sys.executable, "-c", LISTEN], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split()[-1:] == ["1"], done.stderr
