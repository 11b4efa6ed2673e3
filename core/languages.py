"""Languages: code, names, script, direction and resource class.

The fifteen languages of XNLI are known by name; any other BCP-47 tag is accepted and described as far
as its tag tells. The order is the one every figure uses: from most to least text on the web (share of
pages in Common Crawl).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import BadInput


@dataclass(frozen=True)
class Language:
    """One language: `code` is a BCP-47 tag, `direction` is "ltr" or "rtl"."""

    code: str
    name: str
    native: str
    script: str
    direction: str
    family: str
    low_resource: bool

    @property
    def label(self) -> str:
        """Name with code, as every axis shows it: `Swahili (sw)`."""
        return f"{self.name} ({self.code})"


def _language(code: str, name: str, native: str, script: str, family: str, low_resource: bool = False) -> Language:
    direction = "rtl" if script in RTL_SCRIPTS else "ltr"
    return Language(code, name, native, script, direction, family, low_resource)


RTL_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"})

#: The fifteen languages of XNLI, from most to least web text.
XNLI_LANGUAGES: tuple[Language, ...] = (
    _language("en", "English", "English", "Latn", "Germanic"),
    _language("ru", "Russian", "Русский", "Cyrl", "Slavic"),
    _language("de", "German", "Deutsch", "Latn", "Germanic"),
    _language("es", "Spanish", "Español", "Latn", "Romance"),
    _language("fr", "French", "Français", "Latn", "Romance"),
    _language("zh", "Chinese", "中文", "Hans", "Sino-Tibetan"),
    _language("vi", "Vietnamese", "Tiếng Việt", "Latn", "Austroasiatic"),
    _language("ar", "Arabic", "العربية", "Arab", "Semitic"),
    _language("tr", "Turkish", "Türkçe", "Latn", "Turkic", True),
    _language("el", "Greek", "Ελληνικά", "Grek", "Hellenic"),
    _language("bg", "Bulgarian", "Български", "Cyrl", "Slavic"),
    _language("th", "Thai", "ไทย", "Thai", "Kra-Dai", True),
    _language("hi", "Hindi", "हिन्दी", "Deva", "Indo-Aryan", True),
    _language("ur", "Urdu", "اردو", "Arab", "Indo-Aryan", True),
    _language("sw", "Swahili", "Kiswahili", "Latn", "Bantu", True),
)
XNLI_CODES: tuple[str, ...] = tuple(language.code for language in XNLI_LANGUAGES)
LOW_RESOURCE: tuple[str, ...] = tuple(x.code for x in XNLI_LANGUAGES if x.low_resource)

_BY_CODE = {language.code: language for language in XNLI_LANGUAGES}
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-(?:[A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8})*")

#: Codes that data sets use for the same languages: ISO 639-3, and spellings of file names.
ALIASES = {
    "eng": "en", "rus": "ru", "deu": "de", "ger": "de", "spa": "es", "fra": "fr", "fre": "fr",
    "zho": "zh", "cmn": "zh", "chi": "zh", "vie": "vi", "ara": "ar", "arb": "ar", "tur": "tr",
    "ell": "el", "gre": "el", "bul": "bg", "tha": "th", "hin": "hi", "urd": "ur", "swa": "sw",
    "swh": "sw",
}  # fmt: skip


def language(tag: str) -> Language:
    """The language of a BCP-47 tag (or an ISO 639-3 code of a known language).

    Raises `BadInput` if the tag is not well formed. A well-formed tag that is not one of XNLI's gives a
    `Language` named by its tag, with the script of the tag if it has one.

    >>> language("swh").label
    'Swahili (sw)'
    """
    cleaned = tag.strip().replace("_", "-")
    code = ALIASES.get(cleaned.lower(), cleaned.lower())
    if code in _BY_CODE:
        return _BY_CODE[code]
    if not _TAG.fullmatch(cleaned):
        raise BadInput(f"{tag[:40]!r} is not a language tag; use a BCP-47 code such as sw or pt-BR.")
    parts = cleaned.split("-")
    parts[0] = ALIASES.get(parts[0].lower(), parts[0].lower())
    base = _BY_CODE.get(parts[0])
    script = next((p.title() for p in parts[1:] if len(p) == 4), base.script if base else "Zyyy")
    tail = [p.title() if len(p) == 4 else p.upper() if len(p) <= 3 else p.lower() for p in parts[1:]]
    code = "-".join([parts[0], *tail])
    name = f"{base.name} {'-'.join(tail)}" if base else code
    return _language(code, name, base.native if base else code, script, base.family if base else "")


def sort_codes(codes: list[str]) -> list[str]:
    """Codes in the order of the figures: XNLI's order first, then the others alphabetically."""
    rank = {code: i for i, code in enumerate(XNLI_CODES)}
    return sorted(codes, key=lambda code: (rank.get(code, len(rank)), code))
