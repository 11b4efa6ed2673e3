"""One worker of the proof that spoilt files cost a sentence: `python -m tests.support.bitext_mutations FOLDER NAME N
SEED`.

It spoils one made file in N ways, stores each with the verb, and prints as JSON what came of it.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from core.cli import main
from core.workspace import open_workspace
from store.user.bitexts import list_bitexts
from tests.support.bitext_files import MADE, PAIRS
from tests.support.bitext_tools import zipped

TOKENS = (
    b"<", b">", b"&", b'"', b"'", b"\\", b"\t", b",", b"\n", b"\r", b"\0", b"{", b"}", b"[", b"]", b"]]>", b"<![CDATA[",
    b"<!--", b"</seg>", b"<tu>", b"<mrk mtype='seg'>", b"&#0;", b"&#xFFFFFFF;", b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"msgid", b"#,fuzzy", b"sep=;\n", b"\xc3", b"9" * 400,
    b"translate='no'", b'encoding="UTF-16"', b'encoding="x"', "\u202e\u2028".encode(), b"=cmd|'/C calc'!A0",
)  # fmt: skip


def spoil(data: bytes, drawn: random.Random) -> bytes:
    """Bytes flipped, dropped, doubled, cut, replaced by what formats trip over; of a zip mostly those of one member."""
    if data.startswith(b"PK") and drawn.random() < 0.7:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        name = drawn.choice(list(members))
        members[name] = spoil(bytes(members[name]), drawn)
        return zipped(members)
    spoilt = bytearray(data)
    for _ in range(drawn.choice((1, 1, 2, 5, 20))):
        at, kind = drawn.randrange(len(spoilt) + 1), drawn.randrange(7)
        if kind == 0 and spoilt:
            spoilt[min(at, len(spoilt) - 1)] = drawn.randrange(256)
        elif kind == 1:
            spoilt[at:at] = drawn.choice(TOKENS) * drawn.choice((1, 1, 3, 300))
        elif kind == 2:
            del spoilt[at : at + drawn.choice((1, 3, 50, 1000))]
        elif kind == 3:
            spoilt[at:at] = spoilt[at : at + drawn.choice((3, 100, 2000))] * drawn.choice((1, 20))
        elif kind == 4 and drawn.random() < 0.3:
            del spoilt[at:]
        elif kind == 5:
            spoilt[at : at + 4] = drawn.randbytes(4)
        elif kind == 6 and drawn.random() < 0.2:
            spoilt = bytearray(
                bytes(spoilt).decode("utf-8", "ignore").encode(drawn.choice(("utf-16", "cp1251")), "ignore")
            )
    return bytes(spoilt) or b"\0"


def run(folder: Path, name: str, count: int, seed: int) -> dict[str, object]:
    """What came of `count` spoilt files: how many were stored or refused, the longest seconds, the peak MB, and
    faults."""
    home, scratch = open_workspace(folder / "home"), folder / "scratch"
    scratch.mkdir()
    tempfile.tempdir = str(scratch)
    drawn, original = random.Random(f"{name} {seed}"), MADE[name](PAIRS)
    before = list_bitexts(home)
    stored, slowest, faults = 0, 0.0, []
    for i in range(count):
        path = folder / name
        path.write_bytes(spoil(original, drawn))
        out, error = io.StringIO(), io.StringIO()
        began = time.process_time()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            status = main(["bitext", "store", str(path), "--yes", "--home", str(home.home), "--json"])
        slowest = max(slowest, time.process_time() - began)
        if status == 0:
            stored += 1
            with contextlib.redirect_stdout(io.StringIO()):
                main(["bitext", "delete", json.loads(out.getvalue())["bitext"], "--home", str(home.home), "--json"])
        elif (
            status != 2
            or out.getvalue()
            or not error.getvalue().strip().endswith(".")
            or "Traceback" in error.getvalue()
        ):
            faults.append({"file": i, "status": status, "said": error.getvalue()[-400:]})
        path.unlink()
        left = [place.name for where in (scratch, home.cache) for place in where.rglob("*")]
        if left or not list_bitexts(home).equals(before):
            faults.append({"file": i, "left": left[:5]})
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"stored": stored, "of": count, "seconds": slowest, "peak": peak, "faults": faults}


if __name__ == "__main__":
    place, called, times, start = sys.argv[1:]
    print(json.dumps(run(Path(place), called, int(times), int(start))))
