"""Which data sets a study needs: by its benchmarks, its training sets, its arms, and whether it was preregistered."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from core.data.catalog import USED_ROLES, open_catalog
from core.data.fetch.get import fetch
from core.data.fetch.manifest import DOWNLOADS, read_downloads
from core.data.registry import KNOWN, read_declarations
from core.data.xnli import read_language
from core.experiment.studies.needs import study_needs
from core.experiment.studies.read import find_study
from core.experiment.studies.schema import Benchmark
from tests.support.publisher import COMMIT, publishing

KNOWN_SOURCES, LISTED = read_declarations(KNOWN), read_downloads(DOWNLOADS)
ROLES = {source.name: source.role for source in KNOWN_SOURCES}
OPTIONAL = {source.name for source in KNOWN_SOURCES if source.optional}


def _needs(study, fixed=False):
    return study_needs(study, KNOWN_SOURCES, LISTED, fixed)


def test_a_quick_look_needs_what_decides_its_numbers_and_what_bitext_is_cleaned_of():
    needs = _needs(find_study("quick"))
    assert needs.unknown == () and set(needs.sources) == {
        source.name for source in KNOWN_SOURCES
        if source.role in (*USED_ROLES, "question-retrieval") and not source.optional
    }  # fmt: skip
    assert list(needs.sources) == [source.name for source in KNOWN_SOURCES if source.name in needs.sources]


def test_a_benchmark_of_files_is_found_by_its_pattern_or_told():
    quick = find_study("quick")
    files = dataclasses.replace(quick, benchmarks=(Benchmark("americas", files="americasnli/{split}/{lang}.tsv"),))
    needs = _needs(files)
    assert "AmericasNLI" in needs.sources and needs.unknown == ()
    own = dataclasses.replace(quick, benchmarks=(Benchmark("mine", files="mine/{lang}.tsv"),))
    assert _needs(own).unknown == ("The benchmark mine reads mine/{lang}.tsv: put its files there by hand.",)


def test_an_arm_and_a_training_set_bring_in_their_data():
    quick = find_study("quick")
    named = dataclasses.replace(quick, training_sets={"semi-automatic sim_wiki": 2})
    assert set(_needs(named).sources) - set(_needs(quick).sources) == {"semi-automatic sim_wiki"}
    first = find_study("xnli-first")
    assert "myXNLI translate-test" in _needs(first).sources


def test_a_study_that_names_its_bitext_needs_no_other_unless_it_was_preregistered():
    second = find_study("xnli-second-tuning")
    bitext = {name for name in _needs(second).sources if ROLES[name] == "bitext-training"}
    assert bitext == {"NTREX-128"}
    assert "LAFAND-MT" in _needs(second, fixed=True).sources


def test_an_arm_that_reads_all_bitext_brings_it_in():
    whole = {name for name in _needs(find_study("xnli-second")).sources if ROLES[name] == "bitext-training"}
    assert {"NTREX-128", "Tatoeba-Challenge"} & whole and len(whole) > 1


def test_a_preregistered_study_needs_all_that_its_runs_identity_is_made_of():
    first = find_study("xnli-first")
    assert set(_needs(first, fixed=True).sources) - set(_needs(first).sources) == {
        name for name in OPTIONAL if ROLES[name] in USED_ROLES and name in LISTED
    }


@pytest.mark.data
def test_what_the_first_study_needs_makes_the_fingerprint_of_its_runs(data_dir):
    """Of the roles that a run's identity counts, nothing that is fetched is missing and nothing else was read."""
    needs = _needs(find_study("xnli-first"), fixed=True)
    catalog = open_catalog(data_dir)
    read = {
        path.relative_to(data_dir).as_posix()
        for found in catalog.found if found.declared.role in USED_ROLES
        for file in found.files for path in (file.path, file.english) if path is not None
    }  # fmt: skip
    fetched = {file.path for name in needs.sources if ROLES[name] in USED_ROLES for file in LISTED[name].files}
    assert read == fetched


@pytest.mark.data
def test_fetched_from_publishers_the_first_studys_data_has_its_fingerprint(data_dir, tmp_path, monkeypatch):
    """All of it from a publisher on this machine, which serves the real files at the paths of their real addresses."""
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "data").mkdir()
    with publishing() as publisher:
        monkeypatch.setenv("HF_ENDPOINT", publisher.url)
        xnli = LISTED["XNLI"].ways[0]
        text = DOWNLOADS.read_text(encoding="utf-8").replace("https://raw.githubusercontent.com", publisher.url)
        (tmp_path / "downloads.toml").write_text(text.replace(xnli.revision, COMMIT), encoding="utf-8")
        listed = read_downloads(tmp_path / "downloads.toml")
        for one in listed.values():
            for file in one.files:
                publisher.files[file.address.removeprefix(publisher.url)] = (data_dir / file.path).read_bytes()
        for file in listed["XNLI"].files:
            split, language = Path(file.path).stem.removeprefix("xnli_").split("_")
            place = xnli.pattern.format(lang=language, split=split)
            publisher.files[f"/datasets/{xnli.origin}/resolve/{COMMIT}/{place}"] = _parquet(data_dir / file.path)
        for name in _needs(find_study("xnli-first"), fixed=True).sources:
            assert fetch(listed[name], tmp_path / "data").came == len(listed[name].files)
    assert open_catalog(tmp_path / "data").fingerprint() == open_catalog(data_dir).fingerprint()


def _parquet(path: Path) -> bytes:
    items = read_language([path]).items
    columns = {key: [getattr(item, key) for item in items] for key in ("premise", "hypothesis", "label")}
    buffer = BytesIO()
    parquet.write_table(arrow.table(columns), buffer)
    return buffer.getvalue()
