"""A whole run of the benchmarks, as small as can be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.works import ALONE, Work
from tests.support.engines import PrivateEngine, available_engines

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.newest
def test_a_run_measures_everybody_and_can_be_shown(engine: PrivateEngine, tmp_path: Path) -> None:
    """Of two sizes, one is only created; whoever doesn't do a work has no measure of it."""
    version = next(name for name, folder in available_engines().items() if folder == engine.binaries)
    program = tmp_path / "dockerdecl"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m dockerdecl "$@"\n')
    program.chmod(0o755)
    measure = ["--sizes", "1,2", "--started-up-to", "1", "--rounds", "1", "--engine", version]
    measure += ["--competitors", f"raw,sdk,dockerdecl={program}", "--output", str(tmp_path / "results.json")]
    for arguments in (measure, ["report", str(tmp_path / "results.json"), str(tmp_path / "page")]):
        subprocess.run([sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, check=True)
    found = results.read(tmp_path / "results.json")
    assert {one.work for one in found.measured.values() if one.kind == "dockerdecl"} == {*Work}
    assert {one.work for one in found.measured.values() if one.kind == "raw"} == {*Work} - {*ALONE, Work.VALIDATE}
    assert {work: found.sizes(work) for work in (Work.VERSION, Work.PLAN)} == {Work.VERSION: [0], Work.PLAN: [1, 2]}
    assert (tmp_path / "page" / "README.md").exists()
