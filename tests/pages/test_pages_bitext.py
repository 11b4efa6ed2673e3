"""The Bitext page: what a dropped file shows, what is stored, what the other pages make of it."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlparse

import pandas as pd
import pytest

from core.bitext.noise import KINDS, NEGATION, NUMBER
from core.bitext.records import Pair
from core.bitext.staging import write_staged
from core.encoder.known import remember
from core.workspace import open_workspace
from store.user import bitext_scores, bitexts
from tests.support.bitext_files import MADE, PAIRS, tsv
from tests.support.bitext_tools import EN_DE, xliff
from tests.support.calibrations import calibration, own_scores
from tests.support.page_text import charts, check_whole, markup, words
from tests.support.small_bert import save_small_bert

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def workspace(tmp_path):
    return open_workspace(tmp_path / "home")


def dropped(page, name, content):
    page.file_uploader(key="files").set_value([(name, content, "application/octet-stream")])
    return page.run()


def read_and_check(page):
    page.button(key="read").click().run()
    for _ in range(600):
        if any("would be kept" in str(e.proto.body) for e in page.get("html")):
            return page
        time.sleep(0.1)
        page.run()
    raise AssertionError(words(page))


def store(workspace, pairs=PAIRS, name="talks", languages=("en", "sw")):
    staged = workspace.cache / "staged.parquet"
    write_staged(staged, ((Pair(i + 1, *pair), 0) for i, pair in enumerate(pairs)))
    report = {"read": len(pairs), "kept": len(pairs), "dropped": {}, "errors": [], "unreadable": 0}
    new = bitexts.NewBitext(name, "ab" * 32, "talks.tsv", "tsv", "CC0", "", *languages, report)
    return bitexts.store(workspace, new, staged, 0)


def score(workspace, identity, count, far=None):
    rows = own_scores(count)
    names = ("transport", "leftover", "cosine", "length", "margin")
    table = pd.DataFrame({"number": range(count)} | {n: rows[:, i] for i, n in enumerate(names)})
    bitext_scores.write_scores(workspace, identity, table)
    bitext_scores.write_trust(workspace, identity, calibration(rows, far=far).document())


def test_an_empty_page_says_what_may_be_dropped(open_page, workspace):
    page = open_page(workspace, "bitext")
    check_whole(page)
    assert "No bitext is stored yet" in words(page) and "200 MB and a million pairs" in words(page)


def test_a_dropped_file_is_reported_and_stored_only_when_asked(open_page, workspace):
    page = dropped(open_page(workspace, "bitext"), "talks.csv", MADE["talks.csv"]([*PAIRS, PAIRS[0], ("same", "Same")]))
    check_whole(page)
    assert "Proposed: Swahili (sw)" in words(page)
    read_and_check(page)
    check_whole(page)
    told = words(page)
    assert "12 pairs read; 10 would be kept with these filters." in told
    assert bitexts.list_bitexts(workspace).empty
    page.toggle(key="filter-duplicate").set_value(False).run()
    assert "12 pairs read; 11 would be kept" in words(page)
    page.text_input(key="licence").set_value("CC0")
    page.button[[b.label for b in page.button].index("Store 11 pairs")].click().run()
    check_whole(page)
    row = bitexts.get(workspace, "talks.csv")
    assert (row["pairs"], row["licence"], row["source_language"], row["target_language"]) == (11, "CC0", "en", "sw")
    assert row["report"]["dropped"]["identical sides"] == 1
    assert "1 bitext stored, 11 pairs in all." in words(page)


def test_a_half_translated_file_is_stored_only_when_it_is_confirmed(open_page, workspace):
    empty = "".join(
        f"<trans-unit id='e{i}'><source>{a} {i}</source></trans-unit>" for i, (a, _) in enumerate(EN_DE * 2)
    )
    good = "".join(
        f"<trans-unit id='{i}'><source>{a}</source><target>{b}</target></trans-unit>" for i, (a, b) in enumerate(EN_DE)
    )
    page = dropped(open_page(workspace, "bitext"), "half.xlf", xliff(good + empty).encode())
    read_and_check(page)
    check_whole(page)
    assert "30 pairs read; 10 would be kept" in words(page) and "The filters take 20 of 30 pairs" in words(page)
    assert {t.key for t in page.toggle} >= {"filter-locked", "filter-fuzzy", "filter-unapproved"}
    store_button(page, "Store 10 pairs").click().run()
    check_whole(page)
    assert "Nothing was stored" in words(page) and bitexts.list_bitexts(workspace).empty
    page.checkbox[0].check()
    store_button(page, "Store 10 pairs").click().run()
    check_whole(page)
    assert bitexts.get(workspace, "half.xlf")["pairs"] == 10


def store_button(page, label):
    return page.button[[button.label for button in page.button].index(label)]


def test_columns_come_with_their_evidence_and_can_be_changed(open_page, workspace):
    rows = "".join(f"{a}\t{b}\tthe very same remark on this one {i}\n" for i, (a, b) in enumerate(EN_DE))
    page = dropped(open_page(workspace, "bitext"), "a.tsv", rows.encode())
    check_whole(page)
    assert "column 1 and column 2 are proposed, as they hold text in different languages" in words(page)
    assert not [t for t in page.toggle if t.key == "filter-fuzzy"]
    next(box for box in page.selectbox if box.label == "Target column").select("column 3").run()
    check_whole(page)
    assert "The column holds the same words in most rows." in words(page)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", b"PK\x03\x04broken", "ends early"),
        ("a.tsv", b"", "is empty"),
        ("<img src=x>.txt", b"one\ntwo\n", "one column"),
        ("a.tmx", b"<!DOCTYPE x [<!ENTITY a 'b'>]><tmx/>", "declares the entity"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(open_page, workspace, name, content, says):
    page = dropped(open_page(workspace, "bitext"), name, content)
    check_whole(page)
    assert says in words(page)
    assert "<img src=x>" not in markup(page)
    assert bitexts.list_bitexts(workspace).empty


def test_texts_of_a_file_are_shown_as_text(open_page, workspace):
    page = dropped(open_page(workspace, "bitext"), "a.tsv", tsv([(SCRIPT, SCRIPT + "x")] * 3, header=False))
    read_and_check(page)
    check_whole(page)
    assert "<img" not in markup(page) and "&lt;img" in markup(page)


@pytest.mark.slow
def test_a_scored_bitext_shows_its_cut_and_its_worst_pairs(open_page, workspace):
    identity = store(workspace, [*PAIRS, (SCRIPT, "hatari")], name=SCRIPT)
    score(workspace, identity, 11)
    page = open_page(workspace, "bitext")
    check_whole(page)
    told = words(page)
    assert "Log length ratio" in told and "Margin" in told
    assert "Of planted good pairs it loses: paraphrase" in told and "Not found" not in told
    assert len(charts(page)) == 1 and "<img" not in markup(page) and "<img" not in charts(page)[0]
    table = page.dataframe[0].value
    assert list(table["damage"]) == list(KINDS)
    assert (table["95 % from"] <= table["found ×100"]).all() and (table["precision ×100"] <= table["to"] + 1e-9).all()
    slider = page.slider[0]
    slider.set_value(slider.min).run()
    check_whole(page)
    assert "11 of 11 scored pairs" in words(page) or "10 of 11 scored pairs" in words(page)


def test_damage_that_no_score_finds_is_named(open_page, workspace):
    identity = store(workspace)
    score(workspace, identity, 10, far={NEGATION: 0.0, NUMBER: 0.0})
    page = open_page(workspace, "bitext")
    check_whole(page)
    told = words(page)
    assert "Not found by this cut and the filters together: number (0.0 %" in told and "negation (0.0 %" in told
    assert "off by one (" not in told


def test_scores_say_who_made_them_and_another_encoder_offers_to_make_them_again(open_page, workspace, tmp_path):
    identity = store(workspace)
    score(workspace, identity, 10)
    remember(workspace.home, str(save_small_bert(tmp_path / "small")))
    page = open_page(workspace, "bitext")
    assert "Encoder: embedded, untrained, read in float32 by torch" in words(page)
    assert "start-scoring" not in [button.key for button in page.button]
    page = open_page(workspace, "bitext", encoder="small")
    check_whole(page)
    assert page.button(key="start-scoring").label.startswith("Score 10 pairs again with small")


def test_figures_of_an_earlier_version_do_not_count(open_page, workspace):
    identity = store(workspace)
    score(workspace, identity, 10)
    bitext_scores.write_trust(
        workspace, identity, {"names": ["transport"], "clean": [[0.1]], "spoilt": {"shuffled": [[0.2]]}}
    )
    page = open_page(workspace, "bitext")
    check_whole(page)
    assert "scored by an earlier version" in words(page) and not charts(page)


def test_deleting_asks_first(open_page, workspace):
    identity = store(workspace)
    page = open_page(workspace, "bitext")
    assert page.button(key="delete").disabled
    page.checkbox(key=f"sure-{identity}").check().run()
    page.button(key="delete").click().run()
    check_whole(page)
    assert bitexts.list_bitexts(workspace).empty and "No bitext is stored yet" in words(page)


@pytest.mark.slow
def test_retrieval_lists_what_has_english_on_one_side(open_page, workspace):
    store(workspace, [(b, a) for a, b in PAIRS], languages=("sw", "en"))
    store(workspace, name="no English", languages=("sw", "fr"))
    page = open_page(workspace, "retrieval")
    options = page.selectbox(key="collection").options
    mine = [option for option in options if option.startswith("your bitext")]
    assert len(mine) == 1 and "talks, sw–en" in mine[0]
    page.selectbox(key="collection").select(mine[0]).run()
    check_whole(page)
    assert "among 10 candidates" in words(page)


def test_a_damaged_user_store_is_one_sentence(open_page, workspace):
    workspace.user.write_bytes(b"not a database" * 1000)
    for name in ("bitext", "retrieval"):
        page = open_page(workspace, name)
        check_whole(page)
        assert "user.duckdb" in words(page) and "Traceback" not in words(page)


@pytest.mark.slow
def test_gold_links_are_brought_judged_by_the_alignment_page_and_removed(open_page, workspace):
    from core.data.links import SentenceLinks
    from store.user import bitext_gold

    identity = store(workspace, [("cats sleep", "paka wanalala"), ("two dogs", "mbwa wawili")], languages=("en", "sw"))
    page = open_page(workspace, "bitext")
    page.file_uploader(key=f"gold-{identity}").set_value([("mine.txt", b"0-0 1-1\n0-5 1-0\n", "text/plain")])
    page.run().button(key="link").click().run()
    check_whole(page)
    assert "2 pairs got links; words count from 0 in mine.txt." in words(page)
    assert "Line 2: the link 0-5 is out of range in a pair of 2 and 2 words." in words(page)
    assert bitext_gold.read_gold(workspace, identity, 1) == SentenceLinks(frozenset({(1, 0)}), frozenset({(1, 0)}))
    address = parse_qs(urlparse(re.search(r'href="(alignment[^"]*)"', markup(page))[1].replace("&amp;", "&")).query)
    aligned = open_page(workspace, "alignment", **{name: values[0] for name, values in address.items()})
    check_whole(aligned)
    assert "AER ×100, against the gold links" in words(aligned) and "cats sleep" in words(aligned)
    aligned.number_input(key="number").set_value(2).run()
    assert "two dogs" in words(aligned)
    page.button(key="unlink").click().run()
    assert bitext_gold.gold_numbers(workspace, identity) == []


def test_a_wrong_file_of_links_is_told_in_a_sentence(open_page, workspace):
    identity = store(workspace)
    page = open_page(workspace, "bitext")
    page.file_uploader(key=f"gold-{identity}").set_value([("mine.txt", b"0-0\n\xff\n", "text/plain")])
    page.run().button(key="link").click().run()
    check_whole(page)
    assert "mine.txt, line 2: the text is not UTF-8" in words(page)


def test_any_stored_pair_is_aligned(open_page, workspace):
    store(workspace, languages=("sw", "und"))
    page = open_page(workspace, "alignment", sentences="Bitext")
    check_whole(page)
    page.number_input(key="number").set_value(3).run()
    check_whole(page)
    assert PAIRS[2][0] in words(page) and PAIRS[2][1] in words(page)
