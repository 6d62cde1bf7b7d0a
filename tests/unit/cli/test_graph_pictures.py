"""Graphs as pictures: nothing in a name is markup, no box lies on another one, and every line leads to the right."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerdecl.cli.render.graph_dot import graph_dot
from dockerdecl.cli.render.graph_layout import Link, lay_out
from dockerdecl.cli.render.graph_looks import TONES, look_of
from dockerdecl.cli.render.graph_mermaid import graph_mermaid
from dockerdecl.cli.render.graph_svg import graph_svg
from dockerdecl.planning.graph import ACTIONS, STATES, graph_document
from tests.support.manifests import desired
from tests.unit.cli.pictures import SHOP, changed_shop

ELEMENTS = {
    *("svg", "title", "style", "rect", "g", "path", "circle", "ellipse", "text", "tspan", "defs", "marker", "a"),
}
NASTY = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>", "\\N\\", '"]; a -> b; x["', "#quot;"),
    *("`x`", "end", "1. one", "%%{init: {}}%%", "\u202e\x00\ufffe\ud800", "a\nb", "日本語" * 20, "&amp;<b>", "--> n0"),
)
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def nasty(text: str) -> dict[str, Any]:
    """A graph in which every text is the same, nasty one."""

    def node(kind: str, **more: Any) -> dict[str, Any]:
        return {
            **{"address": f"{kind}.{text}", "kind": kind, "name": text, "detail": text, "ports": [], "networks": []},
            **{"declared": True, "state": "running", "action": "create", "reason": text},
            **more,
        }

    web = node("container", ports=[text] * 6, networks=[f"network.{text}"])
    db = {**node("container"), "address": "container.db"}
    kinds = ("depends_on", "links", "namespace", "volumes_from", "legacy link")
    edges: list[dict[str, Any]] = [{"target": "container.db", "kind": kind, "read_only": True} for kind in kinds]
    edges.append({"target": f"volume.{text}", "kind": "volume", "read_only": False})
    return {
        "project": text,
        "engine": {"host": text, "version": text, "api": text},
        "shows": "change",
        "nodes": [node("image"), node("network"), node("volume"), web, db],
        "edges": [{**edge, "source": f"container.{text}", "label": text} for edge in edges],
    }


@settings(max_examples=25, deadline=None)
@given(texts)
def test_no_text_becomes_markup_in_svg(text: str) -> None:
    drawn = graph_svg(nasty(text), link=lambda address: f"#{address}")
    root = ElementTree.fromstring(drawn)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= ELEMENTS
    attributes = [(name, value) for element in root.iter() for name, value in element.attrib.items()]
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert [value for name, value in attributes if name == "href" and not value.startswith("#")] == []


@settings(max_examples=25, deadline=None)
@given(texts)
def test_no_text_ends_its_quotes_in_dot_and_mermaid(text: str) -> None:
    for line in graph_dot(nasty(text)).splitlines():
        rest = _STRING.sub("S", line)
        assert re.fullmatch(r"digraph S \{|\}|  [\w\[\]=, ;.\->]*", rest), line
    for line in graph_mermaid(nasty(text)).splitlines()[1:]:
        rest = re.sub(r'"[^"]*"', "S", line)
        assert re.fullmatch(r"  (%% .*|n\d+(\[S\]|\(\[S\]\)|\[\(S\)\]|\{\{S\}\})|n\d+ \S+ n\d+|class.*)", rest), line


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
def test_graphviz_reads_it() -> None:
    joined = "".join(graph_dot({**nasty(text), "project": "x"}) for text in NASTY)
    drawn = subprocess.run(["dot", "-Tsvg"], input=joined.encode(errors="replace"), capture_output=True, check=True)
    assert drawn.stderr == b""
    assert b"&lt;script&gt;" in drawn.stdout


names = st.integers(0, 24).map(lambda number: f"n{number}")
graphs = st.lists(st.tuples(names, names, st.sampled_from(["a", "b"])), max_size=60)


@settings(max_examples=40, deadline=None)
@given(graphs)
def test_no_box_lies_on_another_one_and_lines_lead_to_the_right(pairs: list[tuple[str, str, str]]) -> None:
    boxes = sorted({name for pair in pairs for name in pair[:2]})
    sizes = {name: (200.0, 40.0 + 7 * (index % 5)) for index, name in enumerate(boxes)}
    layout = lay_out(sizes, [Link(*pair) for pair in pairs])
    assert set(layout.places) == set(sizes)
    for a in boxes:
        (x, y), (width, height) = layout.places[a], sizes[a]
        assert 0 <= x <= layout.width - width + 0.01
        assert -0.01 <= y <= layout.height - height + 0.01
        for b in boxes:
            (u, v), (_, other) = layout.places[b], sizes[b]
            assert a == b or x != u or y + height <= v + 0.01 or v + other <= y + 0.01
    assert all(line.start[0] < line.end[0] or line.start == line.end for line in layout.lines)
    reached = {(line.target, line.kind) for line in layout.lines if line.last and not line.flipped}
    assert reached <= {(target, kind) for _, target, kind in pairs}


def test_what_leads_in_a_circle_is_drawn_all_the_same() -> None:
    layout = lay_out(dict.fromkeys("abc", (100.0, 40.0)), [Link("a", "b", ""), Link("b", "c", ""), Link("c", "a", "")])
    assert [line.flipped for line in layout.lines].count(True) > 0


def test_all_that_can_be_said_of_a_node_has_a_look_of_its_own() -> None:
    for shows, words, key in (("state", STATES, "state"), ("change", ACTIONS, "action")):
        looks = {word: look_of({key: word, "declared": True}, shows) for word in words}
        assert [word for word, look in looks.items() if look.words != word or look.tone not in TONES] == []


def test_the_picture_says_what_the_graph_says() -> None:
    drawn = graph_svg(changed_shop()[1])
    said = " ".join(ElementTree.fromstring(drawn).itertext())
    for words in ("worker[2]", "+ create", "-/+ replace", "- remove", "127.0.0.1:8080 → 80", "link as database"):
        assert words in said
    assert "http://" not in drawn.replace("http://www.w3.org/", "")


def test_many_containers_are_drawn_quickly_and_readably() -> None:
    manifest = {"containers": {f"c{i}": {"image": "app", "depends_on": ["c0"]} for i in range(1, 120)}}
    manifest["containers"]["c0"] = {"image": "app", "depends_on": []}
    drawn = graph_svg(graph_document(desired(manifest)))
    width, height = (int(size) for size in re.findall(r'(?:width|height)="(\d+)"', drawn)[:2])
    assert width < 6000
    assert height < 2500


def test_an_empty_project_is_drawn() -> None:
    assert "Nothing is declared." in graph_svg(graph_document(desired({})))
    assert len(graph_svg(graph_document(desired(SHOP)))) > 5000
