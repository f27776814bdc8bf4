"""One visitor against all: what the server refuses before Streamlit sees it."""

import asyncio
import contextlib
import http.client
import socket
import time
from urllib.parse import urlsplit

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.server import guard
from tests.browser.server import launch
from tests.session import Session, run

PAGE = "bias_variance"


@pytest.fixture(scope="module")
def address():
    with launch("app.py") as (address, _):
        yield address


def request(address, method, path, body=b"", headers=None):
    """Status, headers and text of an answer."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()


def token(address):
    """The headers with which Streamlit's page proves that a request comes from itself."""
    cookie = request(address, "GET", "/_stcore/health")[1]["set-cookie"].split(";")[0]
    return {"Cookie": cookie, "X-Xsrftoken": cookie.split("=", 1)[1]}


def form(size):
    """A file in the form that a browser sends, and its head."""
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\n'
    return head + b"1" * size + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


def test_every_answer_says_what_it_may_load_and_who_may_frame_it(address):
    for path in ("/", "/bias_variance", "/_stcore/health", "/vendor/codemirror/codemirror.js", "/nowhere"):
        headers = request(address, "GET", path)[1]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "'unsafe-eval'" not in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors *" in request(address, "GET", "/bias_variance?embed=true")[1]["content-security-policy"]
    assert "frame-ancestors 'self'" in request(address, "GET", "/?x=embed=true")[1]["content-security-policy"]


def test_the_metrics_of_the_process_are_not_public(address):
    assert request(address, "GET", "/_stcore/metrics")[0] == 404


def test_a_session_uploads_no_more_than_its_quota(address):
    body, headers = form(30 * guard.MEGABYTE)

    async def upload_until_refused():
        async with Session(address, PAGE) as session:
            await session.arrive()
            path = f"/_stcore/upload_file/{session.id}/"
            send = {**headers, **token(address)}
            return [
                (await asyncio.to_thread(request, address, "PUT", path + str(n), body, send))[::2] for n in range(5)
            ]

    answers = run(upload_until_refused())
    assert [status for status, _ in answers] == [204, 204, 204, 413, 413]
    assert "holds as many files as it may" in answers[-1][1]


def test_a_session_uploads_no_more_than_some_files(address):
    body, headers = form(10)

    async def upload_until_refused():
        async with Session(address, PAGE) as session:
            await session.arrive()
            path = f"/_stcore/upload_file/{session.id}/"
            send = {**headers, **token(address)}
            return [request(address, "PUT", path + str(n), body, send)[0] for n in range(guard.SESSION_FILES + 1)]

    assert run(upload_until_refused()) == [204] * guard.SESSION_FILES + [413]


class Held:
    """In place of Streamlit's runtime: what its sessions hold."""

    def __init__(self, **sessions):
        self.uploaded_file_mgr = guard.MemoryUploadedFileManager("/upload")
        self.uploaded_file_mgr.file_storage.update(
            {name: {str(n): File(b"0" * size) for n, size in enumerate(sizes)} for name, sizes in sessions.items()}
        )


class File:
    def __init__(self, data):
        self.data = data


def put(app, session, size, parts=(b"",), pause=0.0, headers=()):
    """The status of the answer to a file that comes in parts, with a pause before each; None if there is none."""
    sent, coming = [], iter(parts)

    async def receive():
        await asyncio.sleep(pause)
        body = next(coming, None)
        return {"type": "http.request", "body": body or b"", "more_body": body is not None}

    async def send(message):
        sent.append(message)

    length = [] if size is None else [(b"content-length", str(size).encode())]
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"/_stcore/upload_file/{session}/1",
        "headers": [*length, *headers],
    }
    run(app(scope, receive, send))
    return sent[0]["status"] if sent else None


async def taken(scope, receive, send):
    """An application that reads a part, then answers."""
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})


def test_all_sessions_together_upload_no_more_than_the_quota_of_the_process(monkeypatch):
    monkeypatch.setattr(guard, "PROCESS_BYTES", 1000)
    monkeypatch.setattr(guard, "get_instance", lambda: Held(a=[400], b=[400]))
    app = guard.UploadQuota(taken)
    assert put(app, "c", 200) == 204
    assert put(app, "c", 201) == 503
    app.arriving["d"] = 100  # on its way
    assert put(app, "c", 101) == 503
    assert put(app, "c", 100) == 204
    assert app.arriving == {"d": 100}


def test_an_upload_in_transit_stays_in_memory():
    """Streamlit receives a file by this parser, which otherwise spools what is above 1 MB to a temporary file."""
    body, headers = form(5 * guard.MEGABYTE)

    async def parts():
        yield body

    async def rolled():
        received = await MultiPartParser(Headers(headers), parts()).parse()
        with received["f"].file as file:
            return file._rolled

    assert run(rolled()) is False


def test_a_file_without_a_length_is_not_taken(monkeypatch):
    monkeypatch.setattr(guard, "get_instance", Held)
    assert put(guard.UploadQuota(taken), "a", None) == 411
    assert put(guard.UploadQuota(taken), "a", "-1") == 411
    assert put(guard.UploadQuota(taken), "a", 10, headers=[(b"transfer-encoding", b"chunked")]) == 411


def test_a_file_that_does_not_come_is_given_up(monkeypatch):
    monkeypatch.setattr(guard, "get_instance", Held)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    app = guard.UploadQuota(taken)
    before = time.monotonic()
    assert put(app, "a", 10, pause=30) == 408
    assert time.monotonic() - before < 5
    assert not app.arriving


def test_an_upload_that_the_visitor_cancels_is_no_error(monkeypatch):
    async def receives(scope, receive, send):
        await Request(scope, receive).body()

    async def leaves():
        return {"type": "http.disconnect"}

    monkeypatch.setattr(guard, "get_instance", Held)
    app = guard.UploadQuota(lambda scope, receive, send: receives(scope, leaves, send))
    assert put(app, "a", 10) is None
    assert not app.arriving


def message(**field):
    """The bytes of a message of which one field is set."""
    return BackMsg(**field).SerializeToString()


def test_what_no_page_sends_is_not_let_through():
    assert guard.is_harmless(message(rerun_script={"query_string": "bv_n=10"}))
    assert guard.is_harmless(message(stop_script=True))
    assert guard.is_harmless(message(app_heartbeat=True))
    assert guard.is_harmless(message(backend_operation_request={"deferred_file": {"file_id": "1"}}))
    assert guard.is_harmless(message(file_urls_request={"file_names": ["a.csv"]}))
    assert not guard.is_harmless(message(file_urls_request={"file_names": ["a"] * 1000}))
    assert not guard.is_harmless(message(backend_operation_request={"install_skills": {}}))
    for kind in ("clear_cache", "set_run_on_save", "load_git_info", "debug_shutdown_runtime"):
        assert not guard.is_harmless(message(**{kind: True}))
    assert not guard.is_harmless(b"")
    assert not guard.is_harmless(b"\xff no protobuf")


def test_a_flood_of_messages_does_not_hold_up_another_visitor(address):
    async def moves(session):
        return sorted([await session.move("bv_noise") for _ in range(9)])[4]

    async def flooded():
        async with Session(address, PAGE) as honest, Session(address, "transformer") as hostile:
            await honest.arrive()
            await hostile.arrive()
            alone = await moves(honest)
            for _ in range(3000):
                await hostile.send()
            return alone, await moves(honest)

    alone, beside = run(flooded())
    assert beside < 3 * alone + 0.1


def test_a_message_that_never_ends_holds_little_memory(address):
    host, port = urlsplit(address).hostname, urlsplit(address).port
    with socket.create_connection((host, port)) as connection:
        connection.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        connection.recv(4096)
        sent = 0
        connection.settimeout(10)
        connection.sendall(b"\x82\xff" + (180_000_000).to_bytes(8, "big") + b"mask")
        with contextlib.suppress(OSError):  # the server hangs up
            while sent < 180_000_000:
                sent += connection.send(bytes(2**20))
    assert sent < 40_000_000


def test_heavy_states_of_ten_visitors_leave_another_one_served(address):
    heavy = [
        ("transformer", "tf_view=Ablations&tf_part=Positions&tf_depth=4+layers&tf_start={}"),
        ("neural_network", "nn_view=Normalisation&nn_norm_seed={}"),
        ("bias_variance", "bv_view=Cross-validation&bv_model=Random+features&bv_sets=160&bv_folds=10&bv_seed={}"),
        ("logistic_regression", "lr_view=Scaling&lr_pair=Radius+and+texture&lr_steps=30000&lr_scratch_rate={}"),
    ]

    async def visit(number):
        page, query = heavy[number % len(heavy)]
        async with Session(address, page, query.format(number % 3)) as session:
            await session.arrive()
            return session.exceptions

    async def beside():
        async with Session(address, "gradient_descent") as honest:
            await honest.arrive()
            visitors = asyncio.gather(*(visit(number) for number in range(10)))
            moves = []
            while not visitors.done():
                moves.append(await honest.move("gd_steps"))
            return await visitors, sorted(moves)

    exceptions, moves = run(beside())
    assert exceptions == [[]] * 10
    assert moves[len(moves) // 2] < 0.5
