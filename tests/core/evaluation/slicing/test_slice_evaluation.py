"""Slices of drawn items against plain pandas and Python, and what is not known of an item."""

from __future__ import annotations

import re
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data.records import LABELS, NLIItem
from core.errors import BadInput
from core.evaluation.slicing.answers import count_slice, make_answers
from core.evaluation.slicing.evaluate import evaluate
from core.evaluation.slicing.matching import matching
from core.evaluation.slicing.measures import kept_measures, measure
from core.evaluation.slicing.own_columns import read_own_columns
from core.evaluation.slicing.parser import parse
from core.evaluation.slicing.query import Pattern
from core.evaluation.slicing.table import make_table

CODES = ("en", "sw", "fr")
ARMS = ("english-only", "transport", "transport")
VOCABULARY = "not the cat Never dogs 12 river no red sits si ne pas hakuna blue tall".split()
ITEMS = 60


def no_encoder():
    raise AssertionError("no text here is in a script without spaces")


@pytest.fixture(scope="module")
def items():
    rng = np.random.default_rng(0)

    def text():
        return " ".join(rng.choice(VOCABULARY, rng.integers(2, 9)))

    premises = {code: [text() for _ in range(ITEMS // 3)] for code in CODES}
    return {code: tuple(NLIItem(i, premises[code][i // 3], text(), i % 3) for i in range(ITEMS)) for code in CODES}


@pytest.fixture(scope="module")
def table(items):
    made = make_table(items, measure(items, no_encoder), "drawn")
    own = pd.DataFrame({"name": "genre", "language": "", "item_id": range(40), "value": ["one", "two"] * 20})
    own = pd.concat([own, pd.DataFrame([("genre", "sw", 0, "two"), ("score", "", 3, "2.50")], columns=own.columns)])
    return made.with_own(own)


@pytest.fixture(scope="module")
def plain(items):
    """The same as a table of pandas, each column worked out for itself."""
    rows = [
        (code, item.id, item.premise, item.hypothesis, LABELS[item.label]) for code in CODES for item in items[code]
    ]
    frame = pd.DataFrame(rows, columns=["language", "item", "premise", "hypothesis", "gold"])
    words = frame["hypothesis"].str.lower().str.split()
    frame["premise.words"], frame["hypothesis.words"] = frame["premise"].str.split().str.len(), words.str.len()
    frame["overlap"] = [
        np.mean([word in set(premise.lower().split()) for word in own])
        for premise, own in zip(frame["premise"], words, strict=True)
    ]
    lists = {"en": {"not", "never", "no"}, "sw": {"si", "hakuna"}, "fr": {"ne", "pas"}}
    for side in ("premise", "hypothesis"):
        frame[f"{side}.negation"] = [
            bool(lists[code] & set(text.lower().split()))
            for code, text in zip(frame["language"], frame[side], strict=True)
        ]
        frame[f"{side}.number"] = frame[side].str.contains("12")
    for name in ("negation", "number"):
        frame[name] = frame[f"premise.{name}"] | frame[f"hypothesis.{name}"]
    return frame


@pytest.fixture(scope="module")
def predictions(plain):
    rng = np.random.default_rng(1)
    keys = plain[["language", "item", "gold"]].merge(pd.DataFrame({"run": range(len(ARMS))}), how="cross")
    keys = keys.assign(correct=rng.random(len(keys)) < 0.6)
    return keys[rng.random(len(keys)) < 0.9].reset_index(drop=True)


def draw(rng):
    """A test as a line and as a function of the pandas table."""
    kind = int(rng.integers(7))
    side = str(rng.choice(["premise", "hypothesis"]))
    if kind == 0:
        word = str(rng.choice(VOCABULARY))
        return f'{side} ~ "{word}"', lambda t: t[side].str.contains(rf"\b{word}\b", case=False)
    if kind == 1:
        return f"{side} ~ /^(n|r).*s/", lambda t: t[side].str.contains(re.compile("^(?:n|r).*s"))
    if kind == 2:
        name = str(rng.choice(["overlap", "premise.words", "hypothesis.words", "item"]))
        limit = {"overlap": 0.3, "item": 25}.get(name, 5)
        sign = str(rng.choice(["<", "<=", ">", ">=", "="]))
        return f"{name} {sign} {limit}", lambda t: t.eval(f"`{name}` {'==' if sign == '=' else sign} {limit}")
    if kind == 3:
        name = str(rng.choice(["negation", "number", "premise.negation", "hypothesis.number"]))
        return name, lambda t: t[name]
    if kind == 4:
        gold = str(rng.choice(LABELS))
        return f"gold != {gold}", lambda t: t["gold"] != gold
    if kind == 5:
        return "language in (sw, en)", lambda t: t["language"].isin(["sw", "en"])
    return "item in 10..40", lambda t: t["item"].between(10, 40)


@pytest.mark.parametrize("number", range(30))
def test_a_drawn_slice_has_the_items_and_accuracies_of_plain_pandas(number, table, plain, predictions):
    rng = np.random.default_rng(number)
    (a, is_a), (b, is_b), (c, is_c) = draw(rng), draw(rng), draw(rng)
    line = f"({a} or {b}) and not {c}" if number % 2 else f"{a} and {b} or {c}"

    def holds(t):
        return (is_a(t) | is_b(t)) & ~is_c(t) if number % 2 else (is_a(t) & is_b(t)) | is_c(t)

    wanted = plain[holds(plain)]
    found = evaluate(parse(line), table)
    shown = [(table.codes[code], int(item)) for code, item in zip(table.language, table.item, strict=True)]
    assert [key for key, inside in zip(shown, found.mask, strict=True) if inside] == list(
        zip(wanted["language"], wanted["item"], strict=True)
    )
    numbers = {code: n for n, code in enumerate(CODES)}
    rows = predictions.assign(
        language=predictions["language"].map(numbers), item_id=predictions["item"],
        gold=predictions["gold"].map({name: n for n, name in enumerate(LABELS)}),
    )  # fmt: skip
    counted = count_slice(found.mask, make_answers(rows, len(ARMS), table), ARMS, table)
    inside = predictions.merge(wanted[["language", "item"]])
    assert counted.items == inside["item"].nunique() and set(counted.languages) == set(inside["language"])
    for row in counted.by_arm.itertuples():
        own = [run for run, arm in enumerate(ARMS) if arm == row.arm]
        its = inside[inside["run"].isin(own)]
        every = predictions[predictions["run"].isin(own)]
        assert (row.predictions, row.correct) == (len(its), its["correct"].sum())
        assert row.accuracy == pytest.approx(100 * its["correct"].mean(), nan_ok=True)
        beside = every.merge(wanted[["language", "item"]], how="left", indicator=True)
        others = beside[beside["_merge"] == "left_only"]
        assert row.outside == pytest.approx(100 * others["correct"].mean(), nan_ok=True)


def test_on_english_is_one_slice_in_all_languages(table, plain):
    found = evaluate(parse('on english: hypothesis ~ "never" and language != sw'), table)
    english = plain[(plain["language"] == "en") & plain["hypothesis"].str.contains(r"\bNever\b")]["item"]
    by_code = {code: set(table.item[found.mask & (table.language == n)]) for n, code in enumerate(CODES)}
    assert by_code == {"en": set(english), "fr": set(english), "sw": set()} and len(english)


def test_what_is_not_known_passes_neither_way(table):
    given = evaluate(parse("genre = two"), table).mask
    not_given = evaluate(parse("not genre = two"), table).mask
    assert not (given & not_given).any() and (given | not_given).sum() == 40 * 3
    assert given[np.flatnonzero((table.item == 0) & (table.language == 1))[0]], "what is said of Swahili goes first"
    told = evaluate(parse("score > 2"), table)
    assert (
        set(table.item[told.mask]) == {3} and "no such value for 177 of 180 pairs of item and language" in told.told[0]
    )


def test_a_language_without_a_list_of_negation_is_told():
    items = {code: (NLIItem(0, "a b", "not here", 1),) for code in ("en", "yo")}
    table = make_table(items, measure(items, no_encoder), "two")
    for line in ("negation", "not negation"):
        found = evaluate(parse(line), table)
        assert found.told == ("yo (yo) has no list of negation words here, and no item passes a test of negation.",)
        assert not found.mask[table.language == 1].any()
    assert evaluate(parse("on english: negation"), table).mask.all()


def test_a_word_in_a_script_without_spaces_is_found_inside():
    texts = pa.array(["猫睡在屋顶上", "ไม่มีแมว", "catalogue", "the cat."])
    assert matching(texts, Pattern("在")).tolist() == [True, False, False, False]
    assert matching(texts, Pattern("แมว")).tolist() == [False, True, False, False]
    assert matching(texts, Pattern("Cat")).tolist() == [False, False, False, True]
    assert matching(pa.array(["a+b (c)", "aab c"]), Pattern("a+b (c)")).tolist() == [True, False]


def test_a_regular_expression_cannot_hold_the_page():
    texts = pa.array(["a" * 3000] * 2000)
    begun = time.monotonic()
    assert not matching(texts, Pattern("(a+)+$b", True)).any()
    with pytest.raises(BadInput, match="character 5 takes more than 0.02 s"):
        matching(texts, Pattern(r"([ab]{1,40}){1,9}\d", True), at=4, seconds=0.02)
    with pytest.raises(BadInput, match="too large"):
        matching(texts, Pattern(r"(\pL{1,300}){1,3}\d", True))
    assert time.monotonic() - begun < 10
    with pytest.raises(BadInput, match="without look-around"):
        matching(texts, Pattern("(?=a)", True))


def test_measures_are_made_once_for_a_content(items, tmp_path):
    first, name = kept_measures(tmp_path, items, no_encoder)
    stamp = (tmp_path / f"slices-{name}.parquet").stat().st_mtime_ns
    again, same = kept_measures(tmp_path, items, no_encoder)
    pd.testing.assert_frame_equal(first, again)
    assert same == name and (tmp_path / f"slices-{name}.parquet").stat().st_mtime_ns == stamp
    other = items | {"sw": (*items["sw"][:-1], NLIItem(ITEMS - 1, "other", "text", 2))}
    assert kept_measures(tmp_path, other, no_encoder)[1] != name


def test_own_columns_are_bounded_and_what_is_unread_is_told():
    text = (
        "item,language,genre,gold,genre\n1,,fiction,x,y\n1,sw,'=letters,,\n99,,far,,\nx,,bad,,\n2,xx-bad-!,odd,,\n2,de,other,,\n"
        f"1,,again,,\n3,,{'v' * 201},,\n"
    )
    rows, told = read_own_columns(text.encode("utf-8-sig"), range(10), ("en", "sw"))
    assert rows.to_numpy().tolist() == [["genre", "", 1, "fiction"], ["genre", "sw", 1, "=letters"]]
    said = " ".join(told)
    for part in (
        "“gold”) is left out: the language of slices",
        "another has its name",
        "1 line of items that this data",
        "1 line whose item is no whole number",
        "1 line whose language",
        "1 line of languages that",
        "1 line of an item that an earlier",
        "more than 200 characters",
    ):
        assert part in said, part
    for data, reason in (
        (b"genre\nx\n", "no column named item"),
        (b"item,a\n\xff", "not in UTF-8"),
        (b"", "no column"),
    ):
        with pytest.raises(BadInput, match=reason):
            read_own_columns(data, range(10), ("en",))
