"""A small data folder of invented sentences, in the layout of the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]
LANGUAGES = ("en", "sw", "ur")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("a/b.tsv", text)` makes a file under the test's folder."""

    def make(name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return make


@pytest.fixture(autouse=True)
def no_other_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the machine's data folder nor its workspace nor its Hub cache takes part unless a test asks for it."""
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("hub")))


def xnli_tsv(language: str, split: str, premises: int = 2) -> str:
    """XNLI's own TSV: three items a premise, one of each label, in a rotated order."""
    rows = ["id\tpremise\thypothesis\tlabel"]
    for i in range(3 * premises):
        premise = f"{language} {split} premise number {i // 3}"
        rows.append(f"{i}\t{premise}.\t{language} {split} hypothesis {i}.\t{(i + i // 3) % 3}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> Path:
    """XNLI in three languages, two training sets, two bitexts with overlap, and a retrieval set."""
    root = tmp_path / "data"
    for split in ("validation", "test"):
        for language in LANGUAGES:
            write(f"data/xnli/xnli_{split}_{language}.tsv", xnli_tsv(language, split))
    write(
        "data/TaxiNLI/taxinli10k.tsv",
        "prem\thyp\tlabel\tgenre\n"
        'She said "stop.\tShe spoke.\tentailment\ttalk\n'
        "En TEST premise, number 1!\tAnything at all.\tneutral\ttalk\n"
        "The kettle boils.\tThe kettle is cold.\tcontradiction\ttalk\n"
        "The kettle boils.\tNobody agreed on this.\t-\ttalk\n",
    )
    write(
        "data/CNLI-generalization/data/preprocessed/data/snlisub0/train.jsonl",
        '{"sentence1": "A goat climbs.", "sentence2": "A goat moves.", "gold_label": "entailment"}\n'
        '{"sentence1": "A goat climbs.", "sentence2": "A goat sleeps.", "gold_label": "contradiction"}\n',
    )
    write(
        "data/CNLI-generalization/data/preprocessed/data/snlisub1/train.jsonl",
        '{"sentence1": "A goat climbs.", "sentence2": "A goat moves.", "gold_label": "entailment"}\n'
        '{"sentence1": "A goat climbs.", "sentence2": "A goat is brown.", "gold_label": "neutral"}\n',
    )
    english = [f"The ferry number {i} leaves the harbour." for i in range(200)]
    swahili = [f"Kivuko namba {i} kinaondoka bandarini." for i in range(200)]
    write("data/NTREX/NTREX-128/newstest2019-src.eng.txt", "\n".join(english) + "\n")
    write("data/NTREX/NTREX-128/newstest2019-ref.swa.txt", "\n".join(swahili) + "\n")
    tatoeba = "data/OPUS-MT-testsets/datasets/helsinki_nlp/tatoeba/testsets/eng-swa/tatoeba-test-v2021-08-07"
    extra = [
        ("the FERRY number 7 leaves the harbour", "Kivuko namba 7 kinaondoka bandarini!"),  # again, as NTREX
        ("Where is my boat?", "Mashua yangu iko wapi?"),  # English side is in the retrieval set
        ("I look for a boat.", "“Mashua iko wapi”"),  # the other side is in the retrieval set
        ("Something new.", "sw TEST hypothesis 4"),  # the other side is XNLI's
        ("...", "!!!"),
        ("Fish is good.", "Samaki ni mzuri."),
    ]
    write(f"{tatoeba}.eng", "".join(f"{source}\n" for source, _ in extra))
    write(f"{tatoeba}.swa", "".join(f"{target}\n" for _, target in extra))
    write("data/LASER_tatoeba/tatoeba.swh-eng.eng", "Where is my boat?\nA boat, where?\n")
    write("data/LASER_tatoeba/tatoeba.swh-eng.swh", "Iko wapi mashua yangu?\nMashua iko wapi?\n")
    return root
