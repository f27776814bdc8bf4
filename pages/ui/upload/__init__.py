"""The visitor's own data: a CSV file becomes arrays, or one sentence says why it cannot.

    prepared = upload_and_choose(lab, "binary")  # draws everything; None until there is something to work with

Only `drawn` needs Streamlit. A file goes through `rows` (bytes → rows), `cells` (texts → numbers or levels), `table`
(the two together), `suggest` (what to predict from what) and `arrays` (table → training and test arrays); `scores`
is for labels and scores made elsewhere. What cannot be used raises `Unusable`, whose message is the sentence to show.
What was changed is said: in `table.attrs["notes"]` and in `report`.

A file lives in the memory of its session and nowhere else: no cache of the process, no disk, no other host.
"""

from pages.ui.upload.arrays import Prepared, Task, classes, prepare
from pages.ui.upload.drawn import (
    choose_positive,
    limits_in_words,
    prepared_sample,
    sample_csv,
    sentence_of_unusable,
    upload,
    upload_and_choose,
    why_sample,
)
from pages.ui.upload.limits import (
    MAX_CELLS,
    MAX_CLASSES,
    MAX_COLUMNS,
    MAX_LEVELS,
    MAX_MEGABYTES,
    MAX_ROWS,
    MIN_ROWS,
)
from pages.ui.upload.scores import Scored, labels_and_scores, likely_columns, pairs_table, parse_pairs
from pages.ui.upload.suggest import likely_classes, likely_features, likely_positive, likely_target
from pages.ui.upload.table import read_table
from pages.ui.upload.words import Unusable, as_code, safe_name

__all__ = [
    "MAX_CELLS",
    "MAX_CLASSES",
    "MAX_COLUMNS",
    "MAX_LEVELS",
    "MAX_MEGABYTES",
    "MAX_ROWS",
    "MIN_ROWS",
    "Prepared",
    "Scored",
    "Task",
    "Unusable",
    "as_code",
    "choose_positive",
    "classes",
    "labels_and_scores",
    "likely_classes",
    "likely_columns",
    "likely_features",
    "likely_positive",
    "likely_target",
    "limits_in_words",
    "pairs_table",
    "parse_pairs",
    "prepare",
    "prepared_sample",
    "read_table",
    "safe_name",
    "sample_csv",
    "sentence_of_unusable",
    "upload",
    "upload_and_choose",
    "why_sample",
]
