"""The one reader of addresses: what a link asks for is bounded before a control reads it, and what could not be given
is told, never dropped in silence.

A page's controls take their values from the address themselves (`bind="query-params"`) and leave out without a word
what they do not know; `untaken` compares what was asked with what they show, after the page has run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.text import note

#: Characters of a value, digits in a row, values in all.
LONGEST, DIGITS, MOST = 2400, 18, 200
_NO_NUMBER = re.compile(r"[+-]?(inf(inity)?|nan|[\d.]+e[+-]?\d{3,})", re.IGNORECASE)
_PAGE, _TOLD, _ASKED = "address-page", "address-told", "address-asked"


@contextmanager
def checked(page: str) -> Iterator[None]:
    """Bound the address, run the page, then tell above it what the address asked for in vain.

    What was told stays for as long as the page is open: a control that is used later takes nothing back.
    """
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE], st.session_state[_TOLD], st.session_state[_ASKED] = page, [], {}
    place = st.container()
    for sentence in _bounded():
        tell(sentence)
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    try:
        yield
    finally:
        if asked != st.session_state[_ASKED]:
            st.session_state[_ASKED] = asked
            for sentence in untaken(asked):
                tell(sentence)
        with place:
            for sentence in dict.fromkeys(st.session_state[_TOLD]):
                note(sentence)


def tell(sentence: str) -> None:
    """Say of the address what a page's own code found wrong in it."""
    st.session_state.setdefault(_TOLD, []).append(sentence)


def with_next(name: str, value: str) -> None:
    """Put a value into the address together with the next that a control puts there: one step back undoes both."""
    with _parameters() as parameters:
        parameters.set_with_no_forward_msg(name, value)


def whole_number(name: str, least: int, most: int, otherwise: int) -> int:
    """A whole number of the address within bounds; `otherwise` where there is none, told where it is no such number."""
    given = st.query_params.get(name)
    if given is None:
        return otherwise
    if re.fullmatch(r"\d{1,9}", given) and least <= int(given) <= most:
        return int(given)
    tell(f"The link asks for {name} {_short(given)}, and there are {least} to {most}; {otherwise} is shown.")
    return otherwise


def known(name: str, given: str, names: Iterable[str]) -> bool:
    """Whether a value of the address is one of `names`; told where it is not."""
    if given in set(names):
        return True
    tell(f"The link asks for {name} {_short(given)}, which is not here; it is left out.")
    return False


def untaken(asked: dict[str, list[str]]) -> list[str]:
    """A sentence for each value of the address that its control does not show."""
    told = []
    for name, values in asked.items():
        shown = _shown(name)
        if shown is None:
            continue
        missing = [value for value in values if value and not any(_same(value, one) for one in shown)]
        if missing:
            instead = f"; {_listed(shown[:3])} is shown" if 0 < len(shown) < 4 else ""
            told.append(f"The link asks for {name} {_listed(missing[:5])}, which is not here{instead}.")
    return told


def _bounded() -> list[str]:
    """Take out of the address what no control may read."""
    told = []
    with _parameters() as parameters:
        names = list(parameters)
        for name in names:
            values = parameters.get_all(name)
            reason = ""
            if len(names) > MOST or len(values) > MOST:
                reason = f"it holds more than {MOST} values"
            elif any(len(value) > LONGEST for value in values):
                reason = f"it has {max(map(len, values)):,} characters, and {LONGEST:,} are read"
            elif any(re.search(rf"\d{{{DIGITS + 1}}}", value) or _NO_NUMBER.fullmatch(value) for value in values):
                reason = "no number here is so large"
            if reason:
                parameters._query_params.pop(name, None)
                parameters._initial_query_params.pop(name, None)
                told.append(f"The link's {_short(name)} is left out: {reason}.")
    return told


def _shown(name: str) -> list[str] | None:
    """What the control of that name shows, written as an address; None where no control of this page has the name."""
    context = get_script_run_ctx()
    assert context is not None
    state = context.session_state._state
    binding = state.query_params.get_binding_for_param(name)
    if (
        binding is None
        or binding.widget_id not in state._new_widget_state.widget_metadata
        or name not in st.session_state
    ):
        return None
    written: Any = state._new_widget_state.widget_metadata[binding.widget_id].serializer(st.session_state[name])
    if written is None:
        return []
    if isinstance(written, str | bytes) or not isinstance(written, Iterable):
        written = [written]
    options = state._new_widget_state.widget_metadata[binding.widget_id].formatted_options
    return [
        str(options[one])
        if options and isinstance(one, int) and not isinstance(one, bool) and one < len(options)
        else str(one)
        for one in written
    ]


@contextmanager
def _parameters() -> Iterator[Any]:
    """Streamlit's own parameters, which seed its controls; no public call takes one out before a control reads it."""
    context = get_script_run_ctx()
    assert context is not None
    with context.session_state.query_params() as parameters:
        yield parameters


def _same(asked: str, shown: str) -> bool:
    if asked == shown or asked.lower() == shown.lower():
        return True
    try:
        return float(asked) == float(shown)
    except ValueError:
        return False


def _listed(values: Iterable[str]) -> str:
    return ", ".join(_short(value) for value in values)


def _short(value: str) -> str:
    text = " ".join(value.split())
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"
