"""What came of a run of a visitor's program: the diagnosis, every probe, what was printed, lines to look at."""

import streamlit as st

from pages.practice.grading import Report, Result, quoted
from pages.practice.outcome import Outcome
from pages.ui.editor import Mark


def show(outcome: Outcome, report: Report) -> None:
    """Draw the diagnosis first, then the probes, the warnings and the program's own output."""
    if report.solved:
        st.success(report.diagnosis, icon=":material/check_circle:")
    else:
        st.warning(report.diagnosis, icon=":material/troubleshoot:")
    with st.container(gap="xsmall"):
        for result in report.results:
            _probe(result)
    said = " ".join(result.says for result in report.results)
    for words, line in _warnings(outcome):
        if words not in said:
            st.markdown(f":orange[:material/warning:] NumPy warned: {quoted(words)}{f', line {line}' if line else ''}")
    if outcome.log:
        st.markdown("**Your program printed**")
        log = outcome.log.rstrip()
        st.code(log, language=None, height=min(300, 56 + 22 * log.count("\n")))


def summary(outcome: Outcome, report: Report) -> str:
    """The result in a few words."""
    passed = sum(result.passed for result in report.results)
    return f"{passed} of {len(report.results)} probes pass, {1000 * outcome.seconds:.0f} ms"


def marks(outcome: Outcome) -> list[Mark]:
    """What is to be said at lines of the program: the first exception, or else the first warning, of each."""
    faults = [outcome.fault, *(answer.fault for answer in outcome.answers)]
    found = [Mark(fault.line, f"{fault.kind}: {fault.message}", True) for fault in faults if fault and fault.line]
    found += [Mark(line, f"NumPy warned: {words}", False) for words, line in _warnings(outcome) if line]
    return list({mark.line: mark for mark in reversed(found)}.values())


def _warnings(outcome: Outcome) -> list[tuple[str, int | None]]:
    """Each of NumPy's warnings once, with its line."""
    return list(dict.fromkeys(warning for answer in outcome.answers for warning in answer.warnings))


def _probe(result: Result) -> None:
    """One probe."""
    if result.passed:
        st.markdown(f":green[:material/check_circle:] {result.name}")
        return
    st.markdown(f":red[:material/cancel:] **{result.name}:** {result.says}")
    shown = {"expected": result.expected, "came": result.came}
    if lines := [f"{word:10}{text}" for word, text in shown.items() if text]:
        st.code("\n".join(lines), language=None, wrap_lines=True)
