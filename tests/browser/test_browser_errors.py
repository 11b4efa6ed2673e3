"""From a number to the items behind it, to their tokens, and back, as a person clicks; links that restore a view."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from core.arms.names import main_arms
from core.languages import XNLI_CODES, language
from core.workspace import open_workspace
from tests.support.synthetic_runs import ARMS, write_run

ROW = 35
PATIENCE = 120_000  # milliseconds: a busy machine draws late


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> pd.DataFrame:
    """What the drawn runs of `stored_app` answer: arm, language, item_id, right."""
    workspace = open_workspace(tmp_path_factory.mktemp("again") / "home")
    parts = [pd.read_parquet(write_run(workspace, arm) / "predictions.parquet").assign(arm=arm) for arm in ARMS]
    table = pd.concat(parts, ignore_index=True)
    predicted = table[["entailment", "neutral", "contradiction"]].to_numpy().argmax(axis=1)
    return table.assign(right=predicted == table["gold"])


def link_of(tab) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.page.url).query)


def headed(tab, title: str) -> None:
    """Wait until the page called `title` has come to rest."""
    asked = "title => document.querySelector('h1')?.innerText === title"
    tab.page.wait_for_function(asked, arg=title, timeout=PATIENCE)
    tab.rest()


def linked(tab, name: str) -> None:
    """Wait until the link holds the parameter `name`, and the page has come to rest."""
    asked = "name => new URLSearchParams(location.search).has(name)"
    tab.page.wait_for_function(asked, arg=name, timeout=PATIENCE)
    tab.rest()


def click_row(tab, number: int) -> None:
    table = tab.page.locator(".st-key-items canvas").first
    table.wait_for(timeout=PATIENCE)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    tab.page.mouse.click(box["x"] + 18, box["y"] + ROW * (number + 1) + ROW / 2)
    linked(tab, "row")


def test_from_the_worst_language_to_the_tokens_of_a_flipped_item_and_back(new_tab, stored_app, answers):
    means = answers[answers["arm"] != "english-only"].groupby(["arm", "language"])["right"].mean().sort_values()
    base = answers[answers["arm"] == "english-only"].set_index(["language", "item_id"])["right"]
    for arm, code in means.index:
        own = answers[(answers["arm"] == arm) & (answers["language"] == code) & ~answers["right"]]
        wrong = own["item_id"].tolist()
        flipped = [item for item in wrong if base[code, item]]
        if flipped:
            break
    tab = new_tab()
    tab.open(stored_app)
    tab.click_mark(15 * ARMS.index(arm) + XNLI_CODES.index(code))
    headed(tab, "Errors")
    assert link_of(tab)["run"] == [arm] and link_of(tab)["languages"] == [language(code).label]
    click_row(tab, wrong.index(flipped[0]))
    assert link_of(tab)["row"] == [f"{flipped[0]} {code}"]
    errors = tab.page.url
    tab.page.get_by_text(f"Item {flipped[0]}, {language(code).name}, gold label").wait_for(timeout=PATIENCE)
    tab.page.get_by_role("link", name="premise’s tokens").click()
    headed(tab, "Alignment")
    pair = link_of(tab)
    from pages.parts.sources import starter

    english, other = (starter().xnli("test", c).items[flipped[0]].premise for c in ("en", code))
    assert pair["source"] == [english] and pair["target"] == [other]
    assert other.split()[0] in tab.text()
    tab.page.go_back()
    headed(tab, "Errors")
    assert link_of(tab) == parse_qs(urlsplit(errors).query)
    assert f"Item {flipped[0]}, {language(code).name}, gold label" in tab.text()


@pytest.mark.parametrize(
    "query",
    [
        "view=Flips&second=adversarial&languages=Thai (th)&flip=broken",
        "view=Slices&texts=true&length=10&length=60&gold=neutral",
        "confidence=50&confidence=90&english=other than in English&agreement=some differ&run=transport",
    ],
)
def test_a_link_shows_the_same_view_in_another_browser(new_tab, stored_app, query):
    told = []
    address = f"{stored_app}/errors?{query}"
    for _ in range(2):
        tab = new_tab()
        tab.open(address, charts=0)
        tab.page.wait_for_selector(".iso-finding", timeout=180_000)
        tab.rest(charts=0)
        told.append(tab.page.locator(".iso-finding").all_inner_texts())
        asked, kept = parse_qs(query), link_of(tab)
        assert all(kept.get(name) == value for name, value in asked.items())
        address = tab.page.url
    assert told[0] == told[1] and not told[0][0].startswith(("540 predictions", "0 predictions"))


def test_a_cell_of_languages_by_arms_lists_its_errors(new_tab, stored_app, answers):
    tab = new_tab()
    tab.open(f"{stored_app}/errors")
    tab.click_mark(len(main_arms(ARMS)) * XNLI_CODES.index("ur") + 1)
    linked(tab, "outcome")
    link = link_of(tab)
    assert (link["run"], link["languages"], link["outcome"]) == (["transport"], ["Urdu (ur)"], ["wrong"])
    own = answers[(answers["arm"] == "transport") & (answers["language"] == "ur")]
    assert f"{(~own['right']).sum()} prediction" in tab.page.locator(".iso-finding").first.inner_text()
