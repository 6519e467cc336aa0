"""Outside programs that answer the same questions, each run in an environment of its own under build/oracles."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def ask(oracle: str, question: dict[str, Any], folder: Path) -> Any:
    """Puts a question, in JSON, to an outside program; its worker is the script of that name in this folder."""
    python = HERE.parent.parent / "build" / "oracles" / oracle / "bin" / "python"
    assert python.exists(), f"no environment for {oracle}: make oracles"
    asked, told = folder / "question.json", folder / "answer.json"
    asked.write_text(json.dumps(question), encoding="utf-8")
    worker = HERE / f"{oracle}_worker.py"
    done = subprocess.run([python, worker, asked, told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(told.read_text(encoding="utf-8"))
