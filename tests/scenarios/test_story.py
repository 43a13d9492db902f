"""The main job as its users play it: `make demo`'s story, from a fresh folder, to the search that finds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_story_plays_to_its_end_and_no_marker_is_found(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-m", "confrere.story", "--root", str(tmp_path / "demo"), "--lang", "en", "--no-stay"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "nothing found" in played.stdout
    assert "8 of the 8 markers" in played.stdout
