"""LibreOffice reads workbooks, works them out and writes them as another kind of file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

# What is read is worked out anew, whatever the file says its formulas come to.
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


@cache
def _profile() -> TemporaryDirectory[str]:
    """The office's own folder, one for all tests: to make it takes longer than to use it."""
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    user = Path(folder.name) / "user"
    user.mkdir()
    (user / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    return folder


def convert(paths: Sequence[Path], kind: str, folder: Path) -> list[Path]:
    """The workbooks as files of another kind, in a folder below `folder`."""
    office = shutil.which("soffice")
    assert office, "LibreOffice is missing: make test-office installs it"
    target = folder / f"as-{kind}"
    options = [f"-env:UserInstallation={Path(_profile().name).as_uri()}", "--headless", "--convert-to", kind]
    done = subprocess.run(
        [office, *options, "--outdir", str(target), *map(str, paths)], capture_output=True, text=True, check=True
    )
    made = [target / f"{path.stem}.{kind}" for path in paths]
    assert [path.name for path in made if not path.is_file()] == [], done.stdout + done.stderr
    return made
