"""A dropped file: what it was recognised as, its columns and languages to confirm, its check, and storing it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.bitext import check as checks
from core.bitext.check import DEFAULT_ON, MEANING, REASONS, Settings
from core.bitext.encodings import KNOWN
from core.bitext.formats import FORMATS
from core.bitext.identify import supported
from core.bitext.limits import MAX_BYTES
from core.bitext.propose import TEXT, Proposal, Side, propose
from core.bitext.reading import Opened
from core.bitext.records import Layout
from core.bitext.report import Report, mask_of
from core.errors import BadInput
from core.languages import XNLI_CODES, language
from core.notation import plural
from pages.parts import look, show, sources
from pages.parts.bitext import checks as bitext_checks
from pages.parts.bitext.checks import Check
from pages.parts.bitext.numbers import numbers_apart
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, finding, note, passage
from store.user import bitexts

MEGABYTES = MAX_BYTES // 2**20
MOST_FILES = 20
FORMATS_READ = (
    "TSV, CSV, XLSX, ODS, JSON, Parquet, Moses pair (two files, or a zip of them), TMX, XLIFF, SDLXLIFF, PO, Tatoeba's "
    "sentences with their links"
)
_DETECTED, _UNKNOWN = "as detected", "not known"


def upload() -> None:
    """The drop zone, and everything about the file in it until it is stored."""
    files = st.file_uploader(
        "One file, the two files of a Moses pair, or several files of one format",
        accept_multiple_files=True,
        max_upload_size=MEGABYTES,
        key="files",
        help=f"{FORMATS_READ}; gzip, bzip2, xz or zstd of any of them.",
    )
    if not files:
        caption(
            f"{FORMATS_READ}, also as gzip, bzip2, xz or zstd; several files of one format are read as one; up to "
            f"{MEGABYTES} MB and a million pairs. The file stays on this machine, and nothing is stored before you "
            "have seen the report."
        )
        st.download_button(
            "A sample file to try: 48 pairs, English and Swahili", _sample, "isogloss-sample.tsv",
            "text/tab-separated-values", key="sample", on_click="ignore", icon=":material/download:", type="tertiary",
        )  # fmt: skip
        return
    if len(files) > MOST_FILES:
        raise BadInput(f"{len(files)} files were dropped; bring at most {MOST_FILES} at a time, or a zip of them.")
    bitext_checks.forget_old()
    paths, names = bitext_checks.keep(files)
    encoding = _encoding()
    opened = bitext_checks.opened([str(path) for path in paths], names, encoding)
    proposal = _proposal([str(path) for path in paths], opened, encoding)
    finding(f"{opened.name} was recognised as: {opened.title}.")
    layout = _confirm(opened, proposal)
    settings = _limits()
    if bitext_checks.is_begun(opened, layout, settings) or st.button(
        "Read and check", type="primary", key="read", icon=":material/fact_check:"
    ):
        begun = bitext_checks.check(paths, opened, layout, settings)
        if begun.running:
            _watch(begun)
        else:
            _report(begun, opened, layout, settings)


def _sample() -> str:
    """The project's own starter sentences as a file that somebody could bring."""
    return "en\tsw\n" + "".join(f"{english}\t{other}\n" for english, other in sources.starter().retrieval("sw").pairs)


def _encoding() -> str | None:
    chosen = st.session_state.get("encoding", _DETECTED)
    return None if chosen == _DETECTED else chosen


@st.cache_data(show_spinner="Looking at columns and languages…", max_entries=20)
def _proposal(paths: list[str], _opened: Opened, encoding: str | None) -> Proposal:
    return propose(_opened)


def _confirm(opened: Opened, proposal: Proposal) -> Layout:
    """The person confirms or changes what was proposed."""
    if len(proposal.sides) > 2 and proposal.because:
        layout = proposal.layout
        caption(f"{layout.source} and {layout.target} are proposed, as {proposal.because}. Change them below.")
    sides = {side.name: side for side in proposal.sides}
    names = list(sides)
    # Keys carry the file, so that another file begins with its own proposal.
    own = opened.sha256[:12]
    chosen = []
    for place, column in zip(("source", "target"), look.columns("sides", 2, "wide"), strict=True):
        proposed = getattr(proposal.layout, place)
        with column:
            title = "Source" if place == "source" else "Target"
            name = st.selectbox(f"{title} column", names, names.index(proposed), key=f"{place}-{own}-{opened.encoding}")
            side = sides[name]
            codes = list(dict.fromkeys([side.language, *XNLI_CODES, "und"]))
            code = st.selectbox(
                f"{title} language",
                codes,
                format_func=lambda c: _UNKNOWN if c == "und" else language(c).label,
                key=f"{place}-language-{own}-{name}",
                accept_new_options=True,
                help="A code such as sw or pt-BR may be typed.",
            )
            code = language(str(code)).code
            caption(_evidence(side, code))
            st.html("".join(passage(text, "" if code == "und" else code) for text in side.texts[:3]) or "<p>empty</p>")
            chosen.append((name, code))
    if FORMATS[opened.format].text:
        st.selectbox(
            "Encoding", [_DETECTED, *KNOWN], format_func=lambda k: KNOWN.get(k, k), key="encoding", width=280,
            help="Change it if the sentences above look garbled.",
        )  # fmt: skip
    (source, source_code), (target, target_code) = chosen
    if source == target:
        raise BadInput("Source and target are the same column; choose two.")
    for code in (source_code, target_code):
        if code == "und" or not supported(code):
            name = "An unknown language" if code == "und" else language(code).name
            caption(f"{name} cannot be recognised here, so the filter for wrong languages does not look at that side.")
    return Layout(source, target, source_code, target_code)


def _evidence(side: Side, chosen: str) -> str:
    holds = "" if side.holds == TEXT else f" The column holds {side.holds}."
    if side.language == "und":
        return f"The content does not tell a language; choose one.{holds}"
    told = {
        "declared": "declared by the file",
        "name": "told by the name",
        "content": f"told by the content: {100 * side.share:.1f} % of sampled texts",
    }[side.evidence]
    against = f", although its name tells {language(side.against).label}" if side.against else ""
    changed = "" if chosen == side.language else " You chose another."
    return f"Proposed: {language(side.language).label}, {told}{against}.{changed}{holds}"


def _limits() -> Settings:
    left, right, _ = look.columns("limits", [2, 2, 4], "narrow")
    with left:
        longest = st.number_input("Longest side, characters", 20, 100_000, checks.Settings().longest, 50, key="longest")
    with right:
        ratio = st.number_input(
            "Length ratio, times typical", 1.2, 20.0, checks.Settings().ratio, 0.2, key="ratio",
            help="A pair counts as bad when one side is this many times longer than the file's own typical ratio says.",
        )  # fmt: skip
    return Settings(int(longest), float(ratio))


def _watch(begun: Check) -> None:
    """How far the check is, once a second; the rest of the page stays usable meanwhile."""

    @st.fragment(run_every=1.0)
    def watched() -> None:
        if not begun.running:
            st.rerun()
        told = begun.told
        share = min(1.0, float(told.get("share", 0.0)))
        read = int(told.get("read", 0))
        st.progress(share, f"{plural(read, 'pair')} read and checked, {100 * share:.1f} % of the file…")
        if told:
            counts = {
                reason: sum(n for mask, n in told["masks"].items() if mask & checks.BIT[reason]) for reason in REASONS
            }
            so_far = ", ".join(f"{reason} {n:,}" for reason, n in counts.items() if n)
            caption(f"So far: {so_far or 'nothing found'}; {plural(told['unreadable'], 'unreadable line')}.")

    watched()


def _report(begun: Check, opened: Opened, layout: Layout, settings: Settings) -> None:
    if begun.problem or begun.report is None:
        note(begun.problem)
        return
    report = begun.report
    st.subheader("What the file holds", anchor=False)
    said = st.container()
    switched = _filters(report, checks.applicable(FORMATS[opened.format].states))
    kept = report.kept(switched)
    with said:
        unread = f" {plural(report.unreadable, 'line')} could not be read." if report.unreadable else ""
        finding(f"{plural(report.read, 'pair')} read; {kept:,} would be kept with these filters.{unread}")
        for what, n in report.remarks.most_common():
            caption(f"{what} ({n:,} times)" if n > 1 else what)
    _examples(report, layout)
    numbers_apart(report)
    _unreadable(report)
    _store(begun, opened, layout, settings, report, switched)


def _filters(report: Report, offered: tuple[str, ...]) -> set[str]:
    """A switch for each reason that the format can give, with how many pairs have it; the filters that are on."""
    on = {r for r in offered if st.session_state.get(f"filter-{r}", r in DEFAULT_ON)}
    dropped = report.dropped(on)
    for i, reason in enumerate(offered):
        if i % 4 == 0:  # a row after the other, so that the order is the same where columns stand below each other
            places = look.columns(f"filters-{i // 4}", 4, "narrow")
        with places[i % 4]:
            st.toggle(
                f"{reason[0].upper()}{reason[1:]}", reason in DEFAULT_ON, key=f"filter-{reason}", help=MEANING[reason]
            )
            n = report.found(reason)
            gone = f"{dropped[reason]:,} dropped by it" if reason in dropped else "not dropped"
            caption(f"{n:,} found, {gone}" if n else "none found")
    caption("A pair with several reasons is counted as dropped by the first of them in this order.")
    return on


def _examples(report: Report, layout: Layout) -> None:
    shown = {reason: pairs for reason, pairs in report.examples.items() if pairs}
    if not shown:
        return
    with st.expander("Examples of each reason", expanded=False):
        rows = []
        for reason, pairs in shown.items():
            for pair in pairs:
                sides = (
                    passage(text, "" if code == "und" else code)
                    for text, code in ((pair.source, layout.source_language), (pair.target, layout.target_language))
                )
                left, right = sides
                rows.append(
                    f'<tr><td class="iso-mark">{escape(reason)}</td><td class="iso-number">{pair.line:,}</td>'
                    f"<td>{left}</td><td>{right}</td></tr>"
                )
        head = "<tr><th>Reason</th><th>Line</th><th>Source</th><th>Target</th></tr>"
        st.html(f'<div class="iso-scroll"><table class="iso-table">{head}{"".join(rows)}</table></div>')


def _unreadable(report: Report) -> None:
    if not report.unreadable:
        return
    with st.expander(f"Lines that could not be read ({report.unreadable:,})", expanded=False):
        table = pd.DataFrame([{"line": e.line, "reason": e.reason} for e in report.errors])
        show.table(table, "unreadable-lines", height=240)
        if report.unreadable > len(report.errors):
            caption(f"The first {len(report.errors):,} are listed.")


#: What was stored last, for the place where the button was.
_STORED = "stored-told"


def _store(
    begun: Check, opened: Opened, layout: Layout, settings: Settings, report: Report, switched: set[str]
) -> None:
    st.subheader("Store it", anchor=False)
    with st.form("store", border=True):
        left, middle, right = look.columns("store", 3)
        with left:
            name = st.text_input("Name", opened.name, max_chars=120, key=f"name-{opened.sha256[:12]}")
        with middle:
            licence = st.text_input("Licence", placeholder="CC BY 4.0", max_chars=2000, key="licence")
        with right:
            provenance = st.text_input("Where it is from", max_chars=2000, key="provenance")
        kept, sure = report.kept(switched), True
        if report.takes_most(switched):
            taken = ", ".join(f"{reason} {n:,}" for reason, n in report.dropped(switched).items() if n)
            note(f"The filters take {report.read - kept:,} of {report.read:,} pairs, more than half: {taken}.")
            sure = st.checkbox(f"Store the other {kept:,} all the same", key=f"sure-{opened.sha256[:12]}")
        stored = st.form_submit_button(f"Store {kept:,} pairs", type="primary")
    if told := st.session_state.pop(_STORED, ""):
        note(told)
    if not stored:
        return
    if not sure:
        note("Nothing was stored: confirm above that so many pairs are to be dropped, or switch a filter off.")
        return
    document = report.document(switched) | {
        "switched": sorted(switched),
        "columns": [layout.source, layout.target],
        "limits": [settings.longest, settings.ratio],
        "encoding": opened.encoding,
    }
    new = bitexts.NewBitext(
        name, opened.sha256, opened.name, opened.format, licence, provenance, layout.source_language,
        layout.target_language, document,
    )  # fmt: skip
    with st.spinner("Storing…"):
        identity = bitexts.store(workspace(), new, begun.staged, mask_of(switched))
    st.session_state["just-stored"] = identity
    st.session_state[_STORED] = f"{name}: {plural(kept, 'pair')} stored. It is chosen below, and can be used at once."
    st.rerun()
