"""The front door: `streamlit run app.py` starts this ASGI app.

Going through `st.App` lets the router run before the first deep link is resolved, and serves the code editor as a
file that a browser loads once.
"""

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: two threads contending are slower than one

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pages.server.guard import MessageLimits, SafeHeaders, UploadQuota
from pages.server.start import ready

PAGES = Path(__file__).parent / "pages"
base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
vendor = Mount(f"{base}/vendor", StaticFiles(directory=PAGES / "ui" / "vendor"))
guards = [Middleware(guard) for guard in (SafeHeaders, UploadQuota, MessageLimits)]
app = st.App(PAGES / "router.py", lifespan=ready, middleware=guards, routes=[vendor])
