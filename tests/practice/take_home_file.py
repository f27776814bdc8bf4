"""The file to take home, run in-process."""

import numpy as np

from pages.practice.take_home import take_home


def passes(challenge, program="", **names):
    """Whether all tests of the file pass around a program; it finds `names` where it defines none itself."""
    names |= {"__name__": "take_home"}
    exec(compile(take_home(challenge, program), "take_home", "exec"), names)
    (cases,) = (mark.args[1] for mark in names["test_probe"].pytestmark)
    try:
        with np.errstate(all="ignore"):
            for case in cases:
                names["test_probe"](*case)
            names["test_it_remembers_nothing"]()
    except Exception:  # an assertion, or what the program raised
        return False
    return True
