"""What came of a run of a visitor's program: the diagnosis, every probe, what was printed, lines to look at."""

import itertools

import streamlit as st

from pages.practice.grading import Report, Result, quoted
from pages.practice.outcome import Outcome
from pages.ui.editor import Mark


def show(outcome: Outcome, report: Report) -> None:
    """Draw the diagnosis first, then the probes, the warnings and the program's own output."""
    if report.solved:
        st.success(f"{report.diagnosis} The explanation stands below.", icon=":material/check_circle:")
    else:
        st.warning(report.diagnosis, icon=":material/troubleshoot:")
    alike: dict[tuple[str, str], list[Result]] = {}  # what fails in the same way is told once
    for result in report.results:
        if not result.passed:
            alike.setdefault((result.says, result.came), []).append(result)
    with st.container(gap="xsmall"):
        for passed, results in itertools.groupby(report.results, lambda result: result.passed):
            if passed:
                st.markdown("  \n".join(f":green[:material/check_circle:] {result.name}" for result in results))
                continue
            for result in results:
                if same := alike.pop((result.says, result.came), None):
                    _show_failure(same)
    said = " ".join(result.says for result in report.results)
    for words, line in _warnings(outcome):
        if words not in said:
            st.markdown(f":orange[:material/warning:] NumPy warned: {quoted(words)}{f', line {line}' if line else ''}")
    if log := outcome.log.rstrip():
        st.markdown("**Your program printed**")
        st.code(log, language=None, height=min(300, 56 + 22 * log.count("\n")))


def _show_failure(results: list[Result]) -> None:
    """Draw what went wrong, once for all probes on which it was the same; with the input of the first."""
    first = results[0]
    names = ", ".join(result.name for result in results[1:])
    also = f"  \nThe same on {len(results) - 1} more: {names}." if names else ""
    st.markdown(f":red[:material/cancel:] **{first.name}:** {first.says}{also}")
    lines = (("given", first.given), ("expected", first.expected), ("came", first.came))
    shown = "\n".join(f"{word:<8}  {value}" for word, value in lines if value)
    if shown:
        st.code(shown, language=None, wrap_lines=True)


def summary(outcome: Outcome, report: Report, probes: int) -> str:
    """The result in a few words, of so many probes."""
    passed = sum(result.passed for result in report.results)
    return f"{passed} of {probes} probes pass, {1000 * outcome.seconds:.0f} ms"


def marks(outcome: Outcome) -> list[Mark]:
    """What is to be said at lines of the program: the first exception, or else the first warning, of each."""
    faults = [outcome.fault, *(answer.fault for answer in outcome.answers)]
    found = [Mark(fault.line, f"{fault.kind}: {fault.message}", True) for fault in faults if fault and fault.line]
    found += [Mark(line, f"NumPy warned: {words}", False) for words, line in _warnings(outcome) if line]
    return list({mark.line: mark for mark in reversed(found)}.values())


def _warnings(outcome: Outcome) -> list[tuple[str, int | None]]:
    """Each of NumPy's warnings once, with its line."""
    return list(dict.fromkeys(warning for answer in outcome.answers for warning in answer.warnings))
