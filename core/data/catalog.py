"""The data on this machine: the one place where the rest of the project asks for text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

from core.data import hub, nli_training, registry
from core.data.benchmarks import DeclaredSplit, ReadBenchmark, hash_items, read_benchmark
from core.data.bitext import Pair
from core.data.fingerprint import fingerprint
from core.data.listing import Missing, Source, describe, how_to_get, missing
from core.data.nli import read_nli
from core.data.overlap import keys
from core.data.questions import AnsweredQuestions, read_answered, read_questions
from core.data.records import Bitext, NLISet
from core.data.registry import DataFile, Declared, Found
from core.data.training_bitext import Removed, Split, assemble, read_file
from core.data.xnli import Items, read_all_languages, read_language, texts
from core.errors import BadInput, MissingData
from core.languages import language as language_of
from core.languages import sort_codes
from core.workspace import named_workspace

STARTER_FOLDER = Path(__file__).with_name("starter")
#: The roles that decide a run's numbers, and so belong to its identity.
USED_ROLES = ("xnli", "nli-training", "bitext-training", "retrieval")


@dataclass(frozen=True)
class Catalog:
    """What was found; text is read when first asked for, then kept. Every order is deterministic.

    `kind` is "starter" when only the project's own small set is there: its numbers are never XNLI's.
    Languages are given as any tag `core.languages.language` reads. `declared` are the benchmarks that a study reads
    beside XNLI: training data is cleaned of them too.
    """

    kind: Literal["real", "starter"]
    root: Path | None
    found: tuple[Found, ...] = field(repr=False)
    missing: tuple[Missing, ...] = field(repr=False)
    declared: tuple[DeclaredSplit, ...] = field(default=(), repr=False)

    @cached_property
    def sources(self) -> list[Source]:
        """Every data set found, with its number of items; reads all of them once."""
        return [describe(found) for found in self.found]

    def xnli_languages(self, split: str) -> list[str]:
        """Codes of the languages that XNLI is there in. Raises `BadInput`, `MissingData`."""
        languages = {file.language for file in self._xnli_files(split)}
        together = self._xnli_together(split) if None in languages else {}
        return sort_codes([code for code in languages | together.keys() if code is not None])

    def xnli(self, split: str, language: str) -> NLISet:
        """XNLI items of one language in XNLI's order; on starter data its test set, for either split.

        Raises `BadInput` for an unknown split or language, `MissingData` if XNLI is not there.
        """
        code = language_of(language).code
        if (split, code) not in self._xnli_sets:
            available = self.xnli_languages(split)
            if code not in available:
                raise _unknown(f"{self._xnli_name} {split} set", code, available)
            paths = [file.path for file in self._xnli_files(split) if file.language == code]
            items = read_language(paths).items if paths else self._xnli_together(split)[code]
            self._xnli_sets[split, code] = NLISet(self._xnli_name, split, code, items)
        return self._xnli_sets[split, code]

    def benchmark(self, name: str) -> ReadBenchmark:
        """The items of a declared benchmark by language. Raises `BadInput`, `MissingData`."""
        if name not in self._benchmarks:
            asked = next((one for one in self.declared if one.benchmark.name == name), None)
            if asked is None:
                raise BadInput(f"No benchmark {name[:60]!r} is declared here; run it by the study that declares it.")
            if self.root is None:
                raise MissingData(f"The files of the benchmark {name} lie in a data folder; name it by --data.")
            self._benchmarks[name] = read_benchmark(asked.benchmark, self.root, asked.split)
        return self._benchmarks[name]

    def nli_training(self) -> list[NLISet]:
        """English NLI training pairs, one set a source, without pairs whose premise XNLI has.

        Raises `MissingData` if there is no training set.
        """
        return [training for training, _ in self._nli_training]

    def translate_test_languages(self) -> list[str]:
        """Codes of the languages whose XNLI test is there machine-translated into English."""
        return _languages(self._role("translate-test"))

    def translate_test(self, language: str) -> NLISet:
        """XNLI test of one language machine-translated into English, in XNLI's order and with its ids and labels.

        Raises `BadInput` if the language is not there or its rows are not XNLI's, `MissingData` if no language is.
        """
        code = language_of(language).code
        files = [file for found in self._role("translate-test") for file in found.files]
        if not files:
            raise self._nothing("translated test set", "translate-test")
        paths = [file.path for file in files if file.language == code and file.split == "test"]
        if not paths:
            raise _unknown("translated test set", code, self.translate_test_languages())
        translated = read_nli(paths[0], "plain").items
        gold = self.xnli("test", code).items
        if [item.label for item in translated] != [item.label for item in gold]:
            raise BadInput(f"The rows of {paths[0].name} are not those of XNLI test in {code}; get the file again.")
        items = tuple(replace(item, id=own.id) for item, own in zip(translated, gold, strict=True))
        return NLISet("XNLI translated into English", "test", code, items)

    def training_bitext(self, language: str, names: Sequence[str] = ()) -> Bitext:
        """Pairs to train on, English first: cleaned of all that is tested on, without the held-out tenth.

        The first N are a fair mix of the sources: those of `names`, or all. Raises `BadInput` for a language or a
        source that is not there, `MissingData` if there is no training bitext.
        """
        return self._bitext("training", language, self._split(language, tuple(names)).training)

    def held_out_bitext(self, language: str) -> Bitext:
        """The tenth of the cleaned pairs that is never trained on, chosen by the English side alone."""
        return self._bitext("held-out", language, self._split(language).held_out)

    def retrieval(self, language: str, name: str | None = None) -> Bitext:
        """The retrieval test of a language, English first, in its own order: `name`, or the first known.

        Raises `BadInput` for a language or name that is not there, `MissingData` if there is none.
        """
        code = language_of(language).code
        sources = self._role("retrieval")
        if not sources:
            raise self._nothing("retrieval set", "retrieval")
        if name is not None:
            names = [found.declared.name for found in sources]
            sources = [found for found in sources if found.declared.name == name]
            if not sources:
                raise BadInput(f"There is no retrieval set {name[:60]!r}; there are {', '.join(names)}.")
        for found in sources:
            files = [file for file in found.files if file.language == code]
            if files:
                pairs = tuple(pair for file in files for pair in read_file(found, file))
                return Bitext(found.declared.name, "en", code, tuple(pair for pair in pairs if all(pair)))
        raise _unknown("retrieval set", code, _languages(sources))

    def retrieval_languages(self) -> list[str]:
        """Codes of the languages of the retrieval sets, English apart."""
        return _languages(self._role("retrieval"))

    def question_languages(self) -> list[str]:
        """Codes of the languages of the question-retrieval set."""
        return _languages(self._role("question-retrieval"))

    def answered_questions(self, language: str) -> AnsweredQuestions:
        """LAReQA's questions and candidate sentences in one language.

        Raises `BadInput` for a language that is not there, `MissingData` if the set is not.
        """
        code = language_of(language).code
        files = [file for found in self._role("question-retrieval") for file in found.files]
        if not files:
            raise self._nothing("question-retrieval set", "question-retrieval")
        paths = [file.path for file in files if file.language == code]
        if not paths:
            raise _unknown("question-retrieval set", code, self.question_languages())
        return read_answered(paths[0], code)

    def bitext_languages(self, names: Sequence[str] = ()) -> list[str]:
        """Codes of the languages of the training bitext, English apart; of the sources of `names`, or of all.

        Raises `BadInput` for a source that is not there.
        """
        return _languages(self._training_sources(tuple(names)))

    @property
    def removed(self) -> list[Removed]:
        """What each source lost, for the sets asked for so far, by reason (`core.data.training_bitext`)."""
        nli = [removed for _, removed in self._nli_training] if "_nli_training" in self.__dict__ else []
        return nli + [removed for split in self._splits.values() for removed in split.removed]

    def fingerprint(self, roles: tuple[str, ...] = USED_ROLES) -> str:
        """SHA-256 hex of the files of these roles, by name and content; the same wherever they lie. With the role of
        XNLI, of the items of declared benchmarks too: they decide what training data is cleaned of."""
        files = fingerprint([found for found in self.found if found.declared.role in roles], self.kind)
        if not self.declared or "xnli" not in roles:
            return files
        tested = [
            hash_items({code: one.items for code, one in self._declared(asked).items()}) for asked in self.declared
        ]
        return sha256(" ".join([files, *sorted(set(tested))]).encode()).hexdigest()

    @cached_property
    def _benchmarks(self) -> dict[str, ReadBenchmark]:
        return {}

    @cached_property
    def _xnli_sets(self) -> dict[tuple[str, str], NLISet]:
        return {}

    @cached_property
    def _together(self) -> dict[str, dict[str, Items]]:
        return {}

    @cached_property
    def _splits(self) -> dict[tuple[str, tuple[str, ...]], Split]:
        return {}

    @property
    def _xnli_name(self) -> str:
        return "XNLI" if self.kind == "real" else "Starter NLI"

    def _role(self, role: str) -> list[Found]:
        return [found for found in self.found if found.declared.role == role]

    def _xnli_files(self, split: str) -> list[DataFile]:
        if split not in ("validation", "test"):
            raise BadInput(f"{split[:40]!r} is not a split of XNLI; choose validation or test.")
        wanted = "test" if self.kind == "starter" else split
        files = [file for found in self._role("xnli") for file in found.files if file.split == wanted]
        if not files:
            raise self._nothing(f"{self._xnli_name} {split} set", "xnli")
        return files

    def _xnli_together(self, split: str) -> dict[str, Items]:
        if split not in self._together:
            files = self._xnli_files(split)
            self._together[split] = read_all_languages([f.path for f in files if f.language is None])
        return self._together[split]

    def _declared(self, asked: DeclaredSplit) -> dict[str, NLISet]:
        return self.benchmark(asked.benchmark.name).sets

    def _all_tested_nli(self) -> list[NLISet]:
        """XNLI in every split and language that is here, and the declared benchmarks."""
        splits = sorted({str(file.split) for found in self._role("xnli") for file in found.files})
        xnli = [self.xnli(split, code) for split in splits for code in self.xnli_languages(split)]
        return xnli + [one for asked in self.declared for one in self._declared(asked).values()]

    @cached_property
    def _nli_training(self) -> list[tuple[NLISet, Removed]]:
        sources = self._role("nli-training")
        if not sources:
            raise self._nothing("NLI training set", "nli-training")
        english = [tested for tested in self._all_tested_nli() if tested.language == "en"]
        premises = keys(item.premise for tested in english for item in tested.items)
        return [nli_training.read_source(found, premises) for found in sources]

    @cached_property
    def _tested(self) -> set[int]:
        """Keys of every sentence of XNLI, of declared benchmarks and of the retrieval sets, in all their languages."""
        tested = keys(text for one in self._all_tested_nli() for text in texts(one.items))
        for found in self._role("retrieval"):
            for file in found.files:
                tested |= keys(text for pair in read_file(found, file) for text in pair)
        for found in self._role("question-retrieval"):
            for file in found.files:
                asked = read_questions(file.path)
                tested |= keys(asked.questions + asked.sentences)
        return tested

    def _split(self, language: str, names: tuple[str, ...] = ()) -> Split:
        code = language_of(language).code
        if (code, names) not in self._splits:
            sources = self._training_sources(names)
            if not sources:
                raise self._nothing("training bitext", "bitext-training")
            if code not in _languages(sources):
                raise _unknown("training bitext", code, _languages(sources))
            self._splits[code, names] = assemble(sources, code, self._tested)
        return self._splits[code, names]

    def _training_sources(self, names: tuple[str, ...]) -> list[Found]:
        sources = self._role("bitext-training")
        known = [found.declared.name for found in sources]
        for name in names:
            if name not in known:
                raise BadInput(f"There is no training bitext {name[:60]!r}; there are {', '.join(known)}.")
        return [found for found in sources if not names or found.declared.name in names]

    def _bitext(self, part: str, language: str, pairs: tuple[Pair, ...]) -> Bitext:
        return Bitext(f"{self.kind} {part} bitext", "en", language_of(language).code, pairs)

    def _nothing(self, what: str, role: str) -> MissingData:
        declared = registry.read_declarations(registry.KNOWN if self.kind == "real" else registry.STARTER)
        how = next((how_to_get(source) for source in declared if source.role == role and not source.optional), "")
        return MissingData(f"There is no {what} in {self.root or STARTER_FOLDER}. {how}".strip())


def open_catalog(data: str | Path | None = None) -> Catalog:
    """The data in `data`, else in `ISOGLOSS_DATA`, else in the workspace's `data/` (where data sets are fetched to),
    else in the Hub's cache, else the starter set.

    A folder without XNLI takes it from the Hub's cache where that has it. Raises `BadInput` if a folder
    that was named is not there or holds nothing known.
    """
    named = data or os.environ.get("ISOGLOSS_DATA")
    known = registry.read_declarations(registry.KNOWN)
    found: list[Found] = []
    root: Path | None = None
    if named:
        root = Path(named).expanduser().resolve()
        if not root.is_dir():
            raise BadInput(f"The data folder {root} is not there; name another with --data or ISOGLOSS_DATA.")
        known = registry.known_sources(root)
        found = registry.find_all(known, root)
        if not found:
            names = ", ".join(source.name for source in known if not source.optional)
            raise BadInput(f"The data folder {root} holds none of the data sets looked for: {names}.")
    elif (fetched := named_workspace().data).is_dir():
        known = registry.known_sources(fetched)
        found = registry.find_all(known, fetched)
        root = fetched if found else None
    if not any(one.declared.role == "xnli" for one in found) and (snapshot := hub.cached_xnli()):
        root = root or snapshot
        found = registry.find_all([one for one in known if one.name.startswith("XNLI")], snapshot) + found
    if found:
        return Catalog("real", root, tuple(found), missing(known, found))
    return starter_catalog(known)


def starter_catalog(known: Sequence[Declared] | None = None) -> Catalog:
    """The starter set alone, whatever else is there; `known` are the data sets to list as missing."""
    starter = registry.find_all(registry.read_declarations(registry.STARTER), STARTER_FOLDER)
    if not starter:
        raise MissingData(f"No data is on this machine, not even the starter set in {STARTER_FOLDER}.")
    absent = missing(registry.read_declarations(registry.KNOWN) if known is None else known, starter)
    return Catalog("starter", None, tuple(starter), absent)


def _languages(sources: list[Found]) -> list[str]:
    codes = {file.language for found in sources for file in found.files}
    return sort_codes([code for code in codes if code is not None])


def _unknown(what: str, code: str, available: list[str]) -> BadInput:
    return BadInput(f"The {what} has no {code}; it has {', '.join(available)}.")
