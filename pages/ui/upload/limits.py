"""How large a visitor's file may be."""

MAX_MEGABYTES = 50  # as in .streamlit/config.toml; ten bytes for each of the cells below
MAX_ROWS = 200_000
MIN_ROWS = 20
MAX_COLUMNS = 100  # of the file, and of the features once text is coded
MAX_CELLS = 5_000_000  # 40 MB as numbers, which a session keeps
MAX_CLASSES = 10
MIN_CLASS_ROWS = 5
MAX_LEVELS = 20  # different texts in a feature
MAX_TEXTS = 100  # different texts in a column that is kept: more serve no purpose here
MAX_LINE = 1_000_000  # characters
MAX_SIZE = 1e100  # of a number: squares must not overflow
