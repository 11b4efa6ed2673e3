"""A data folder with XNLI's shape and labels and invented sentences: the shipped runs' predictions join to it."""

from __future__ import annotations

from pathlib import Path

from core.reference.unpack import read_reference
from core.shipped import SHIPPED

SENTENCES = {
    "en": ("The bus number {0} was late again.", "It came on time {0}."),
    "sw": ("Basi namba {0} lilichelewa tena.", "Lilikuja kwa wakati {0}."),
}


def write_xnli(folder: Path) -> Path:
    """`folder`/xnli/xnli_test_LANGUAGE.tsv in English and Swahili, labelled as the shipped runs were tested."""
    table = read_reference(SHIPPED).packed("predictions").select(["run", "split", "language", "item_id", "gold"])
    rows = table.slice(0, 15 * 5010).to_pandas().query("split == 'test'")  # the first run's
    (folder / "xnli").mkdir(parents=True)
    for code, (premise, hypothesis) in SENTENCES.items():
        golds = rows[rows["language"] == code].sort_values("item_id")
        lines = [
            f"{item}\t{premise.format(item // 3)}\t{hypothesis.format(item)}\t{gold}"
            for item, gold in zip(golds["item_id"], golds["gold"], strict=True)
        ]
        text = "\n".join(["id\tpremise\thypothesis\tlabel", *lines])
        (folder / "xnli" / f"xnli_test_{code}.tsv").write_text(f"{text}\n", encoding="utf-8")
    return folder
