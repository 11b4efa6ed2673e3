"""Collecting tests imports no torch, whatever family is asked for: it would cost seconds in every process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

#: Refuses torch and says by whom it was asked for; what imports it if it is there goes without.
COLLECT = """
import sys
import pytest

class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            frame, places = sys._getframe(), []
            while frame:
                if frame.f_code.co_filename.startswith(sys.argv[1]):
                    places.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
                frame = frame.f_back
            print("TORCH IS IMPORTED BY", places[-1] if places else "somewhere")
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

sys.meta_path.insert(0, Refusal())
sys.exit(pytest.main(["--collect-only", "-q", "-n", "0", "-m", "", "-p", "no:cacheprovider"]))
"""


@pytest.mark.slow
def test_collecting_imports_no_torch():
    command = [sys.executable, "-c", COLLECT, str(ROOT / "tests")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    culprits = sorted({line for line in done.stdout.splitlines() if line.startswith("TORCH IS IMPORTED BY")})
    assert not culprits, "\n".join(culprits)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
