"""Results as a file, as limits, and as a page."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import calls, limits, report, results
from benchmarks.measuring import Measure
from benchmarks.results import Counted, Results, UnreadableResultsError
from benchmarks.works import Work
from tests.support.engine_proxy import Call

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks"
WHERE = {
    "date": "2020-02-02",
    "engine": "26.1.5",
    "cores": 2,
    "cpu": "Some CPU",
    "memory_gib": 24,
    "kernel": "6.1",
    "python": "3.11.7",
    "rounds": 1,
}


def of(**seconds: float) -> Results:
    """What destroying 50 containers took whom."""
    found = Results(dict(WHERE))
    kinds = {
        "raw4": ("raw", "raw, 4 workers"),
        "raw8": ("raw", "raw, 8 workers"),
        "compose": ("compose", "compose 2.26"),
    }
    for name, taken in seconds.items():
        kind, competitor = kinds.get(name, (name, name))
        found.add(Work.DESTROY, 50, kind, competitor, Measure(taken, 0.1, 0.2, 40.0))
    return found


def verdict(found: Results, limit: str) -> limits.Verdict:
    """The verdict on destroying 50 containers against that limit."""
    return next(v for v in limits.verdicts(found) if v.what == "destroy, N = 50" and v.limit == limit)


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = of(raw4=1.0, dockerdecl=1.1)
    found.add(Work.DESTROY, 50, "dockerdecl", "dockerdecl", Measure(1.3, 0.1, 0.2, 41.0))
    found.counted.append(Counted(Work.PLAN, 1, {"GET /_ping": 1}, {"GET /_ping": 2}))
    results.write(found, tmp_path / "new" / "results.json")
    assert results.read(tmp_path / "new" / "results.json") == found


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"format": "other/v1"}')
    with pytest.raises(UnreadableResultsError, match="other/v1"):
        results.read(tmp_path / "other.json")


@pytest.mark.parametrize(("seconds", "kept"), [(1.15, True), (1.16, False)])
def test_a_limit_is_held_against_the_faster_of_two(seconds: float, kept: bool) -> None:
    found = verdict(of(raw4=2.0, raw8=1.0, dockerdecl=seconds), "≤ 1.15 times raw")
    assert (found.allowed, found.measured, found.kept) == ("1.15 s", f"{seconds:.2f} s", kept)


def test_a_limit_without_a_measure_is_neither_kept_nor_broken() -> None:
    assert verdict(of(raw4=1.0, dockerdecl=1.0), "≤ 0.75 times compose").kept is None


def test_a_call_too_many_is_said(tmp_path: Path) -> None:
    found = of(raw4=1.0, dockerdecl=1.0)
    found.counted.append(Counted(Work.PLAN, 1, {"GET /_ping": 1}, {"GET /_ping": 1, "GET /info": 1}))
    page = report.page(found)
    assert "| API calls, plan, nothing to do, N = 1 | those needed | 1 | 2 | **not kept** |" in page
    assert "- plan, nothing to do, N = 1: `GET /info` 1 times, not 0" in page


def test_a_page_has_seconds_beside_their_ratio_and_pictures_that_can_be_drawn(tmp_path: Path) -> None:
    found = of(raw4=2.0, raw8=1.0, dockerdecl=1.1, compose=1.5)
    for size, seconds in ((1, 0.1), (1000, 0.5)):
        found.add(Work.PLAN, size, "dockerdecl", "dockerdecl", Measure(seconds, 0.1, 0.0, 40.0))
    report.write(found, tmp_path)
    page = (tmp_path / "README.md").read_text()
    assert (
        "| N | raw | dockerdecl | compose 2.26 |\n|---|---|---|---|\n| 50 | 1.00 | 1.10 (1.10) | 1.50 (1.50) |" in page
    )
    for picture in tmp_path.glob("*.svg"):
        assert picture.name in page
        ElementTree.parse(picture)


def test_the_page_of_the_documentation_is_what_its_results_say(tmp_path: Path) -> None:
    report.write(results.read(PAGE / "results.json"), tmp_path)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_text() for path in PAGE.iterdir() if path.name != "results.json"}


def test_what_keeps_the_lock_meanwhile_is_not_counted() -> None:
    look = "/volumes?filters=%7B%22label%22%3A+%5B%22dockerdecl.lock-for%3Dbench%22%5D%7D"
    sequence = [
        *[
            ("GET", look),
            ("POST", "/volumes/create"),
            ("GET", look),
            ("GET", "/volumes"),
            ("GET", "/images/sha256:1/json"),
        ],
        *[("POST", "/containers/create?name=a"), ("GET", look), ("POST", "/volumes/create"), ("DELETE", "/volumes/l1")],
        *[("DELETE", "/containers/1?v=1"), ("GET", look), ("POST", "/volumes/create"), ("GET", look)],
        ("DELETE", "/volumes/l2"),
    ]
    assert calls.made(Call(n, method, path, 1) for n, (method, path) in enumerate(sequence)) == {
        calls.LOOK_AT_LOCK: 3,
        "POST /volumes/create": 2,
        "GET /volumes": 1,
        "GET /images/{id}/json": 1,
        "POST /containers/create": 1,
        "DELETE /containers/{id}": 1,
        "DELETE /volumes/{id}": 1,
    }


def test_what_runs_not_needs_neither_start_nor_stop() -> None:
    running, created = (calls.needed(Work.REPLACE, 4, started=started) for started in (True, False))
    assert running - created == {"POST /containers/{id}/start": 4, "POST /containers/{id}/stop": 4}
