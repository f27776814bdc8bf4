"""Streamlit's own elements and nothing else: what axe finds here, no page of ours can mend."""

import streamlit as st

st.title("Bare")
st.file_uploader("File")
st.code("print('a long line of code that goes on and on and on')\n" * 100, height=420)
