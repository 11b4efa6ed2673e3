"""Bitext as tools write it: XLSX and ODS member by member, XLIFF and TMX around the units that a test is about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

#: Ten invented pairs, long enough for their languages to be told.
EN_DE = [
    ("The lamp on the stairs has been broken for weeks.", "Die Lampe im Treppenhaus ist seit Wochen kaputt."),
    ("He carried the heavy box up to the third floor.", "Er trug die schwere Kiste in den dritten Stock."),
    ("In winter the lake is covered with thick ice.", "Im Winter ist der See mit dickem Eis bedeckt."),
    ("They met for coffee every Thursday afternoon.", "Sie trafen sich jeden Donnerstagnachmittag zum Kaffee."),
    ("The baker opens his shop before sunrise.", "Der Bäcker öffnet seinen Laden vor Sonnenaufgang."),
    ("I forgot my umbrella on the train again.", "Ich habe meinen Regenschirm wieder im Zug vergessen."),
    ("A stone bridge crosses the narrow valley.", "Eine steinerne Brücke überquert das enge Tal."),
    ("The children built a hut behind the garden.", "Die Kinder bauten hinter dem Garten eine Hütte."),
    ("Nobody knew the answer to her question.", "Niemand wusste die Antwort auf ihre Frage."),
    ("The last bus leaves shortly after midnight.", "Der letzte Bus fährt kurz nach Mitternacht."),
]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx(sheets: dict[str, Sequence[Sequence[object]]], raw: dict[str, str] | None = None) -> bytes:
    """A workbook as Excel writes it: texts shared, numbers as they are, ("=formula", value) as a formula with its
    value. `raw` replaces whole members."""
    shared: dict[str, int] = {}
    members = {}
    for number, rows in enumerate(sheets.values(), start=1):
        lines = []
        for r, row in enumerate(rows, start=1):
            cells = "".join(_cell(f"{chr(65 + c)}{r}", value, shared) for c, value in enumerate(row))
            lines.append(f'<row r="{r}">{cells}</row>')
        members[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        )
    texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    members |= {
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{texts}</sst>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId99" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    } | (raw or {})
    return zipped(members)


def _cell(place: str, value: object, shared: dict[str, int]) -> str:
    if isinstance(value, tuple):
        formula, text = value
        return f'<c r="{place}" t="str"><f>{escape(formula[1:])}</f><v>{escape(text)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>' if value is not None else ""


def ods(rows: Sequence[Sequence[str]], tail: str = "", raw: str = "") -> bytes:
    """A sheet as LibreOffice writes it, with the empty rows and columns up to the end of the sheet counted off."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    filled = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{escape(c)}</text:p></table:table-cell>' if c
                  else "<table:table-cell/>" for c in row)
        + f'<table:table-cell table:number-columns-repeated="{16384 - len(row)}"/></table:table-row>'
        for row in rows
    )  # fmt: skip
    empty = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    content = raw or (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0" office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="Sätze">{filled}{tail}{empty}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tmx(units: str, header: str = 'srclang="en"') -> str:
    return f'<?xml version="1.0"?><tmx version="1.4"><header {header}/><body>{units}</body></tmx>'


def tu(left: str, right: str, languages: tuple[str, str] = ("en", "de"), more: str = "") -> str:
    """A translation unit; texts are XML."""
    sides = zip(languages, (left, right), strict=True)
    return f"<tu{more}>" + "".join(f'<tuv xml:lang="{c}"><seg>{t}</seg></tuv>' for c, t in sides) + "</tu>\n"


def xliff(units: str, languages: tuple[str, str] = ("en", "de"), more: str = "") -> str:
    """XLIFF 1.2."""
    a, b = languages
    file = f'<file original="a" datatype="plaintext" source-language="{a}" target-language="{b}"{more}>'
    return f'<?xml version="1.0"?><xliff version="1.2">{file}<body>{units}</body></file></xliff>'


def xliff2(units: str) -> str:
    return (
        '<?xml version="1.0"?><xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" '
        f'trgLang="de"><file id="f">{units}</file></xliff>'
    )
