"""The front door: `streamlit run app.py` starts this ASGI app.

Going through `st.App` lets the router run before the first deep link is resolved, and serves the code editor as a
file that a browser loads once.
"""

import gc
import os
import socket
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: two threads contending are slower than one

import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

PAGES = Path(__file__).parent / "pages"
base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
vendor = Mount(f"{base}/vendor", StaticFiles(directory=PAGES / "ui" / "vendor"))
app = st.App(PAGES / "router.py", routes=[vendor])

# Streamlit binds the port by a socket that does not name its protocol, and asyncio lets Nagle's algorithm hold back
# what such a socket sends: the end of a move would wait 40 ms for the browser's acknowledgement of its beginning.
sockets = [item for item in gc.get_objects() if type(item) is socket.socket and item.fileno() >= 0]
for tcp in [s for s in sockets if s.type == socket.SOCK_STREAM and s.family in (socket.AF_INET, socket.AF_INET6)]:
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
