"""How revisions are kept as labels, which of them are dropped, and which one is gone back to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError
from dockerdecl.resources.ownership import FORMAT
from dockerdecl.resources.record import (
    record_labels,
    record_name,
    recorded_document,
    recorded_numbers,
    recorded_summaries,
)
from dockerdecl.revisions.going_back import chosen_revision
from dockerdecl.revisions.keeping import superseded
from tests.unit.revisions.documents import document, summary

FORMATS = Path(__file__).parents[2] / "cases" / "formats"
Json = st.recursive(
    st.none() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


def kept(*revisions: Any) -> dict[str, dict[str, str]]:
    """The volumes that keep these."""
    return {record_name("shop", r["revision"]): record_labels(document(revision=r)) for r in revisions}


@given(declared=st.dictionaries(st.text(), Json, max_size=4))
def test_what_was_kept_is_read_as_it_was(declared: dict[str, Any]) -> None:
    """Whatever a manifest holds."""
    written = document(3, declared=declared)
    labels = record_labels(written)
    assert recorded_document(labels, "shop", 3) == written
    assert recorded_summaries({record_name("shop", 3): labels}, "shop") == {3: written["revision"]}


@pytest.mark.parametrize("file", sorted(FORMATS.glob("*/revisions/*.json")), ids=lambda path: path.parent.parent.name)
def test_records_of_every_version_are_read(file: Path) -> None:
    """Labels as they were written by a version that is out there."""
    labels = json.loads(file.read_text())
    read = recorded_document(labels, "shop", 1)
    assert (read["revision"]["outcome"], read["declared"]["project"]) == ("succeeded", "shop")


def test_others_volumes_are_no_records() -> None:
    """A name like that of a record, labels of another project, or labels that mean nothing."""
    labels = record_labels(document(1))
    volumes = {
        "dockerdecl.shop.r1": labels,
        "dockerdecl.shop.r2": {},
        "dockerdecl.shop.rx": labels,
        "dockerdecl.other.r1": labels,
        "r1": labels,
        "dockerdecl.shop.r3": {**labels, FORMAT: "2"},
    }
    assert [*recorded_summaries(volumes, "shop")] == [1]
    assert recorded_numbers(volumes, "shop") == (1, 3)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({FORMAT: "2"}, "newer dockerdecl"),
        ({"dockerdecl.record-body": "!"}, "can't be read"),
        ({"dockerdecl.record-body": "eJw="}, "can't be read"),
        ({"dockerdecl.record": "{"}, "can't be read"),
    ],
)
def test_a_record_that_can_not_be_read_is_told(changed: dict[str, str], told: str) -> None:
    """With what to do about it."""
    with pytest.raises(DockerdeclError, match=told):
        recorded_document({**record_labels(document(1)), **changed}, "shop", 1)


def test_ten_are_kept_and_the_last_that_succeeded() -> None:
    """Numbers may have gaps, and what can't be read counts too."""
    outcomes = {n: summary(n, outcome="succeeded" if n in (1, 2) else "failed") for n in range(1, 14)}
    assert superseded(tuple(range(1, 14)), outcomes) == (1, 3)
    assert superseded((3, 7, 9), outcomes) == ()
    assert superseded(tuple(range(1, 14)), {}) == (1, 2, 3)


@pytest.mark.parametrize(
    ("revisions", "wanted"),
    [
        ([summary(1), summary(2)], 1),
        ([summary(1), summary(2), summary(3, manifest="sha256:2")], 1),
        ([summary(1), summary(2, manifest="sha256:1", images="sha256:9")], 1),
        ([summary(1), summary(2), summary(3, outcome="failed", manifest="sha256:2")], 2),
        ([summary(1), summary(2, outcome="failed"), summary(3)], 1),
        ([summary(1), summary(2, targets=["container.web"]), summary(3)], 1),
        ([summary(1), summary(2, command="destroy", manifest="sha256:1")], 1),
        ([summary(1), summary(2, command="destroy"), summary(3)], 1),
    ],
)
def test_without_a_number_it_goes_back_to_the_last_that_stood_and_is_another(revisions: Any, wanted: int) -> None:
    """What failed, was about a part only, or took everything down, is not gone back to by itself."""
    assert chosen_revision(kept(*revisions), "shop", None)["revision"]["revision"] == wanted


@pytest.mark.parametrize(
    ("revisions", "number", "told"),
    [
        ([], None, "no earlier revision"),
        ([summary(1)], None, "no earlier revision"),
        ([summary(1), summary(2, manifest="sha256:1")], None, "no earlier revision"),
        ([summary(1)], 2, "has no revision 2"),
        ([summary(1, command="destroy")], 1, "took shop down"),
    ],
)
def test_where_there_is_nothing_to_go_back_to_that_is_said(revisions: Any, number: int | None, told: str) -> None:
    """Rather than doing nothing."""
    with pytest.raises(DockerdeclError, match=told):
        chosen_revision(kept(*revisions), "shop", number)
