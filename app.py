"""The front door: `streamlit run app.py` starts this ASGI app.

Going through `st.App` lets the router run before the first deep link is resolved.
"""

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: two threads contending are slower than one

import streamlit as st

app = st.App(Path(__file__).parent / "pages" / "router.py")
