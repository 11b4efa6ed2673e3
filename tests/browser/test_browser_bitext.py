"""A person's own bitext in a real browser: dropped, reported, stored, scored, aligned, searched, exported."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import urljoin

import pytest

from core.bitext.propose import propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Pair
from tests.support.bitext_tools import EN_DE, tmx, tu, xliff, xlsx

SENTENCES = Path(__file__).resolve().parents[2] / "core" / "data" / "starter" / "sentences"
LOOKS = [(1440, "light"), (1440, "dark"), (900, "light"), (900, "dark")]


def starter_pairs():
    sides = [(SENTENCES / f"{part}.{code}").read_text(encoding="utf-8").splitlines()
             for part in ("test", "train") for code in ("en", "sw")]  # fmt: skip
    return list(zip(sides[0] + sides[2], sides[1] + sides[3], strict=True))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Sixty good pairs, and one of each thing that can be wrong with a line."""
    good = starter_pairs()[:60]
    bad = [
        good[0],
        ("Nairobi, Kenya", "nairobi,  kenya"),
        ("A side is empty.", ""),
        (good[5][0], good[6][0] + " Indeed."),
    ]
    path = tmp_path_factory.mktemp("bitext") / "mine.csv"
    with path.open("w", encoding="utf-16", newline="") as out:
        csv.writer(out).writerows([("English", "Swahili"), *good, *bad, ("one column",)])
    return path


def check(tab):
    assert tab.page.locator('[data-testid="stException"]').count() == 0
    assert "did not expect" not in tab.text()
    overflow = tab.page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; })()"
    )
    assert overflow <= 1, "the page scrolls sideways"


def patient(tab):
    """A machine that does something else too may take long over a first page."""
    tab.page.set_default_timeout(180_000)
    return tab


def wait_for(tab, text, seconds=240):
    tab.page.wait_for_function(
        f"document.querySelector('[data-testid=stMain]').innerText.includes({text!r})", timeout=1000 * seconds
    )


def choose(tab, label, option):
    """Type an option into a box of choices: a long list shows only a part of itself."""
    box = tab.page.get_by_label(label, exact=True)
    box.click()
    box.fill(option)
    box.press("Enter")


def test_a_file_is_dropped_reported_stored_used_and_exported(new_tab, empty_app, file, tmp_path):
    app = empty_app
    tab = patient(new_tab())
    tab.page.goto(app)  # a server draws a page without the app's frame until its first page was asked for
    tab.page.wait_for_selector("h1")
    tab.open(f"{app}/bitext", charts=0)
    assert "No bitext is stored yet" in tab.text()
    tab.save("bitext-empty")
    tab.page.set_input_files('[data-testid="stFileUploaderDropzoneInput"]', str(file))
    wait_for(tab, "was recognised as: Table, comma-separated, fields in quotes, with a header, UTF-16.")
    tab.page.get_by_role("button", name="Read and check").click()
    wait_for(tab, "64 pairs read; 60 would be kept with these filters. 1 line could not be read.")
    tab.rest(0)
    check(tab)
    tab.save("bitext-report")
    tab.page.get_by_label("Licence").fill("CC0")
    tab.page.get_by_role("button", name="Store 60 pairs").click()
    wait_for(tab, "1 bitext stored, 60 pairs in all.")
    tab.page.get_by_role("button", name="Score 60 pairs").click()
    wait_for(tab, "60 scored pairs", 400)
    tab.rest()
    check(tab)

    for width, scheme in LOOKS:
        seen = tab if (width, scheme) == LOOKS[0] else patient(new_tab(width, scheme))
        if seen is not tab:
            seen.open(f"{app}/bitext")
        check(seen)
        seen.save(f"bitext-stored-{width}-{scheme}")

    choose(tab, "Format", "TMX")
    tab.page.wait_for_timeout(1500)
    with tab.page.expect_download(timeout=60_000) as coming:
        tab.page.get_by_role("button", name="Export 60 pairs as TMX").click()
    saved = tmp_path / "saved.tmx"
    coming.value.save_as(saved)
    opened = open_bitext([saved])
    found = [(one.source, one.target) for one in read(opened, propose(opened).layout) if isinstance(one, Pair)]
    assert found == [tuple(" ".join(side.split()) for side in pair) for pair in starter_pairs()[:60]]

    link = tab.page.get_by_role("link", name="align").first.get_attribute("href")
    aligned = patient(new_tab())
    aligned.open(urljoin(f"{app}/", link))
    check(aligned)
    found = patient(new_tab())
    found.open(f"{app}/retrieval", charts=0)
    choose(found, "Collection", "your bitext: mine.csv")
    wait_for(found, "Rank of the right translation among 60 candidates")
    check(found)

    tab.page.get_by_text("Delete", exact=True).click()
    tab.page.get_by_text("Delete 60 pairs and their scores").click()
    tab.page.get_by_role("button", name="Delete this bitext").click()
    wait_for(tab, "No bitext is stored yet")


def half_translated() -> str:
    good = "".join(
        f"<trans-unit id='{i}'><source>{a}</source><target>{b}</target></trans-unit>" for i, (a, b) in enumerate(EN_DE)
    )
    rest = "".join(f"<trans-unit id='e{i}'><source>{a} {i}</source></trans-unit>" for i, (a, _) in enumerate(EN_DE * 2))
    locked = "<trans-unit id='l' translate='no'><source>Isogloss</source></trans-unit>"
    return xliff(good + rest + locked)


ARABIC = [(f"{a} Again, number {i}.", f"{b} {i}") for i, (a, b) in enumerate([
    ("The lamp on the stairs is broken.", "المصباح على الدرج مكسور منذ أسابيع، رقم"),
    ("He carried the box to the third floor.", "حمل الصندوق الثقيل إلى الطابق الثالث، مرة"),
    ("In winter the lake is frozen.", "في الشتاء تتجمد البحيرة تماما، كما قيل"),
    ("The baker opens before sunrise.", "يفتح الخباز دكانه قبل شروق الشمس، الساعة"),
    ("Nobody knew the answer.", "لم يعرف أحد الجواب على سؤالها، عدد"),
    ("The last bus leaves after midnight.", "تغادر الحافلة الأخيرة بعد منتصف الليل، خط"),
])]  # fmt: skip
VARIANTS = tmx("".join(tu(a, b, (("en-US", "en_GB", "EN")[i % 3], "de-AT")) for i, (a, b) in enumerate(EN_DE)))
SENTENCES_SHEET = [["id", "English", "Arabic"], *([i, *p] for i, p in enumerate(ARABIC))]
SHEETS = xlsx({"Notes": [["about"]], "Sätze": SENTENCES_SHEET})
#: name -> content, what it is recognised as, what its report says, what is stored.
BROUGHT = {
    "pairs.xlsx": (SHEETS,
                   "Excel workbook, sheet 'Sätze', with a header", "6 pairs read; 6 would be kept", 6),
    "half.xlf": (half_translated().encode(), "XLIFF, UTF-8", "31 pairs read; 10 would be kept", 10),
    "regions.tmx": (VARIANTS.encode(), "TMX, UTF-8", "10 pairs read; 10 would be kept", 10),
}  # fmt: skip


def bring(tab, app, path):
    tab.open(f"{app}/bitext", charts=0)
    tab.page.set_input_files('[data-testid="stFileUploaderDropzoneInput"]', str(path))


@pytest.mark.parametrize("name", BROUGHT)
def test_what_people_have_goes_through_the_page(name, new_tab, empty_app, tmp_path):
    content, recognised, says, stored = BROUGHT[name]
    path = tmp_path / name
    path.write_bytes(content)
    tab = patient(new_tab(390))
    tab.page.goto(empty_app)
    tab.page.wait_for_selector("h1")
    bring(tab, empty_app, path)
    wait_for(tab, f"was recognised as: {recognised}.")
    tab.page.get_by_role("button", name="Read and check").click()
    wait_for(tab, says)
    for width in (390, 1440):
        tab.page.set_viewport_size({"width": width, "height": 1000})
        tab.rest(0)
        check(tab)
        tab.save(f"bitext-{path.stem}-{width}")
    if name == "half.xlf":
        assert "The filters take 21 of 31 pairs, more than half: locked 1, empty 20." in tab.text()
        tab.page.get_by_role("button", name="Store 10 pairs").click()
        wait_for(tab, "Nothing was stored")
        tab.page.get_by_text("Store the other 10 all the same").click()
    if name == "regions.tmx":
        assert "en and de-at are proposed, as the file says that en is the source" in tab.text()
    if name == "pairs.xlsx":
        assert "The sheet 'Notes' was not read" in tab.text()
        assert tab.page.locator("p.iso-text[lang=ar][dir=rtl]").count() >= 3
    tab.page.get_by_role("button", name=f"Store {stored} pairs").click()
    wait_for(tab, f"{name} ({recognised.split(',')[0]})")
    check(tab)
    tab.page.get_by_text("Delete", exact=True).click()
    tab.page.get_by_text(f"Delete {stored} pairs and their scores").click()
    tab.page.get_by_role("button", name="Delete this bitext").click()
    wait_for(tab, "No bitext is stored yet")
