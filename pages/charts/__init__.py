"""Chart specifications, one module for each lab.

They live in imported modules because Streamlit executes a page script anew at every rerun, and with it every
cache that the script defines.
"""
