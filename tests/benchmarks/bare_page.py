"""The yardstick: a Streamlit page with one slider and one line of text."""

import streamlit as st

value = st.slider("Value", 1, 100, 50, key="bare_value", bind="query-params")
st.markdown(f"value {value}")
