"""What a column's or a file's own name says: that it is the source, the target, or in a language.

Codes and names of languages are those of Unicode's CLDR, as Babel [1] brings them; ISO 639-2 and -3 codes are made the
shortest that there is, as BCP 47 asks.

[1] babel.pocoo.org
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from core.errors import BadInput
from core.languages import XNLI_LANGUAGES
from core.languages import language as language_of

SOURCE = ("source", "src", "source_text", "source_sentence", "sentence1", "original", "msgid", "text1", "segment1")
TARGET = (
    "target", "tgt", "trg", "target_text", "target_sentence", "sentence2", "translation", "msgstr", "text2", "segment2",
    "reference", "hypothesis",
)  # fmt: skip
#: What else columns of a bitext are called; none of it is a side.
OTHER = frozenset(
    """id idx index no nr number row line key uuid guid hash score scores laser_score laser laserscore margin similarity
    cosine quality bicleaner bleualign alignment_score domain corpus collection dataset split set subset type category
    topic url uri link links page document doc docid doc_id file filename file_name path source_url target_url src_url
    tgt_url url1 url2 comment comments note notes remark remarks description context developer_comment licence license
    copyright attribution author user username translator date time timestamp created modified changed status state
    approved reviewed lang language source_lang target_lang src_lang tgt_lang source_language target_language lang1
    lang2 langs pair pair_id sentence_id sid tags tag max_length length length_ratio checksum""".split()
)
#: Codes of ISO 639-3 that in a name mean another thing.
_NOT_CODES = frozenset(("src", "tgt", "trg", "ref", "hyp", "sub", "doc", "set", "row", "sid", "key", "url", "uri"))
_CODE = re.compile(r"([a-z]{2,3}|[A-Z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?")
_PARTS = re.compile(r"[._:/\\]+")
_TOLD_IN = ("de", "fr", "es", "pt", "it", "nl", "ru", "pl", "tr", "sv", "cs", "uk", "zh", "ja", "ko", "ar")


def language_in(name: str) -> str | None:
    """The language that a name tells, as a BCP-47 tag: `en`, `eng`, `English`, `translation.en`, `German sentence`.

    >>> language_in("translation.en"), language_in("Swahili"), language_in("score"), language_in("My name")
    ('en', 'sw', None, None)
    """
    cleaned = name.strip()
    if found := _named(cleaned) or tag(cleaned):
        return found
    parts = cleaned.split() if " " in cleaned else [part for part in _PARTS.split(cleaned) if part]
    if len(parts) < 2:
        return None
    for part in (parts[-1], parts[0]):
        if found := _named(part) or (None if " " in cleaned else tag(part)):
            return found
    words = cleaned.split("_")
    return _named(words[0]) or _named(words[-1]) if len(words) > 1 else None


def language_of_file(name: str) -> str | None:
    """The language that a file's name tells by its ending, or before `.txt`: `talks.en`, `talks.fra-CA.txt`.

    >>> language_of_file("Books.en-nb_NO.nb_NO"), language_of_file("a.en-fra-CA.txt"), language_of_file("notes.txt")
    ('nb-NO', 'fr-CA', None)
    """
    path = PurePosixPath(name)
    if path.suffix and path.suffix.lower() not in (".txt", ".snt", ".plain") and (found := tag(path.suffix[1:])):
        return found
    if path.suffix.lower() not in (".txt", ".snt", ".plain", ""):
        return None
    words = re.split(r"[-_]+", re.split(r"[.\s]+", path.stem)[-1])
    for many in (3, 2, 1):
        if len(words) >= many and (found := tag("-".join(words[-many:])) or (many == 1 and _named(words[-1]) or None)):
            return found
    return None


def tag(name: str) -> str | None:
    """The language tag that a code of BCP 47, ISO 639, OPUS or FLORES stands for; None for what only looks like one.

    >>> tag("zh_cn"), tag("eng_Latn"), tag("hsb"), tag("is"), tag("ids"), tag("Hi")
    ('zh-CN', 'en', 'hsb', 'is', None, None)
    """
    found = _CODE.fullmatch(name.strip().replace("_", "-"))
    if found is None or found[1].lower() in _NOT_CODES:
        return None
    base, script, region = found[1].lower(), (found[2] or "").title(), (found[3] or "").upper()
    known, aliases, scripts = _codes()
    base = aliases.get(base, base)
    if base not in known and not (len(base) == 3 and script):
        return None
    if script and scripts.get(base, "") == script:
        script = ""
    try:
        return language_of("-".join(part for part in (base, script, region) if part)).code
    except BadInput:
        return None


def plain_tag(declared: str | None) -> str | None:
    """A tag that a format declares (TMX, XLIFF, PO), made BCP-47; None if it is none."""
    if not declared or not declared.strip():
        return None
    cleaned = declared.split(".")[0].split("@")[0].strip()
    if found := tag(cleaned) or tag(cleaned.lower()):
        return found
    try:
        return language_of(cleaned).code
    except BadInput:
        return None


def called(name: str) -> str | None:
    """The tag of a language that is given by a code with or without script and region, or by its name.

    >>> called("eng-Latn"), called("English"), called("kiswahili"), called("?")
    ('en', 'en', 'sw', None)
    """
    return tag(name) or tag(name.strip().lower()) or _named(name)


def base_language(code: str) -> str:
    """A tag's language without script and region."""
    return code.split("-")[0]


def _named(word: str) -> str | None:
    cleaned = word.strip(" .:()[]").casefold()
    if len(cleaned) < 2:
        return None
    return _english_names().get(cleaned) or (_other_names().get(cleaned) if len(cleaned) > 3 else None)


@lru_cache(maxsize=1)
def _codes() -> tuple[frozenset[str], dict[str, str], dict[str, str]]:
    """Codes that are known; codes that stand for a shorter one; the script that each language is mostly written in."""
    from babel import Locale
    from babel.core import get_global

    names = frozenset(code for code in map(str, Locale("en").languages) if "_" not in code) - {
        "und",
        "mul",
        "zxx",
        "mis",
    }
    aliases = {
        str(old): str(new).split("_")[0] for old, new in get_global("language_aliases").items() if "_" not in old
    }
    scripts = {}
    for code, full in get_global("likely_subtags").items():
        if "_" not in code and len(parts := str(full).split("_")) > 1:
            scripts[str(code)] = parts[1]
    return names | {"no", "tl"}, aliases | {"tl": "tl", "no": "no"}, scripts


@lru_cache(maxsize=1)
def _english_names() -> dict[str, str]:
    from babel import Locale

    names = {str(name).casefold(): str(code) for code, name in Locale("en").languages.items() if "_" not in str(code)}
    ours = {x.name.casefold(): x.code for x in XNLI_LANGUAGES} | {x.native.casefold(): x.code for x in XNLI_LANGUAGES}
    return names | {"kurdish": "ku", "norwegian": "no", "tagalog": "tl", "farsi": "fa", "mandarin": "zh"} | ours


@lru_cache(maxsize=1)
def _other_names() -> dict[str, str]:
    """Names of languages in languages that spreadsheets are often headed in."""
    from babel import Locale

    names: dict[str, str] = {}
    for spoken in _TOLD_IN:
        for code, name in Locale(spoken).languages.items():
            if len(str(code)) == 2:
                names.setdefault(str(name).casefold(), str(code))
    return names
