"""`study run --nice`: its session gives way too, where Linux shares the processor between sessions first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

SHOW = "from core.cli.study.run import give_way; import os; give_way(7); print(os.nice(0))"
AUTOGROUP = "; print(open('/proc/self/autogroup').read())"


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="only Linux with autogroups has them")
@pytest.mark.parametrize(("leads", "nice"), [(True, "nice 7"), (False, "nice 0")])
def test_a_process_that_leads_its_session_lowers_it(leads, nice):
    done = subprocess.run(
        [sys.executable, "-c", SHOW + AUTOGROUP] if leads else
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SHOW + AUTOGROUP!r}])"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60, start_new_session=True,
    )  # fmt: skip
    own = 7 + os.nice(0)  # the tests may give way themselves
    assert done.stdout.startswith(f"{own}\n") and nice in done.stdout
