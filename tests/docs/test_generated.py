"""Generated files are what the code says, and what the program prints is what the schemas say."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from dockerdecl import schemas
from dockerdecl.cli.app import main
from dockerdecl.errors import fail
from dockerdecl.execution.events import Outcome
from dockerdecl.execution.report import Report, StepResult
from dockerdecl.planning.destroying import make_destroy_plan
from dockerdecl.planning.document import VERBS, plan_document
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.status import status_document
from dockerdecl.planning.values import Plan
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.spec import Spec
from tests.support.manifests import desired
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_rules import Rules
from tests.support.simulated_run import Run
from tools.commands import FOREIGN, heeded_variables
from tools.docstrings import member_docstrings
from tools.error_codes import told_codes
from tools.examples import example
from tools.fields import documentation
from tools.generate import differences, generated, write

pytestmark = pytest.mark.xdist_group("generated")  # so that what takes long is generated once

CASES = Path(__file__).parents[1] / "cases" / "manifest_errors"
SHOP: dict[str, Any] = {
    "apiVersion": "dockerdecl/v1",
    "project": "shop",
    "networks": {"back": {}},
    "volumes": {"data": {}},
    "containers": {
        "db": {"image": "app", "volumes": ["data:/data"], "healthcheck": {"test": "true"}, "networks": ["back"]},
        "web": {"image": "app", "depends_on": {"db": {"condition": "service_healthy"}}, "networks": ["back"]},
        "job": {"image": "app", "state": "created", "mem_limit": "32m"},
    },
}
CHANGED: dict[str, Any] = {
    **SHOP,
    "containers": {
        "db": {**SHOP["containers"]["db"], "environment": {"DB_PASSWORD": "hunter2"}},
        "web": {**SHOP["containers"]["web"], "state": "paused"},
        "job": {**SHOP["containers"]["job"], "mem_limit": "64m"},
        "new": {"image": "app", "ports": ["8080:80"]},
    },
}


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    return dict(generated())


@pytest.fixture
def engine() -> SimulatedEngine:
    """An engine on which the shop runs."""
    made = SimulatedEngine(Release("26.1"))
    plan = make_plan(desired(SHOP), made.actual())
    assert Run(made, plan, rules=Rules(desired(SHOP), plan, frozenset())).go().whole
    return made


def judge(name: str, document: Any) -> None:
    # As a reader gets it: what is no JSON would not come through.
    read = json.loads(json.dumps(document))
    assert read == document
    jsonschema.Draft202012Validator(schemas.schema(name)).validate(read)


def actions(plan: Plan) -> set[str]:
    return {change.action for change in plan.changes}


def test_generated_files_are_up_to_date(known: dict[str, str]) -> None:
    assert differences(known) == [], "bring them up to date with `python -m tools.generate`"


def test_written_files_are_up_to_date(known: dict[str, str], tmp_path: Path) -> None:
    write(known, tmp_path)
    assert differences(known, tmp_path) == []


def test_a_changed_file_is_shown_by_line(known: dict[str, str], tmp_path: Path) -> None:
    write(known, tmp_path)
    page = tmp_path / "docs" / "reference" / "cli.md"
    page.write_text(page.read_text().replace("# Commands\n", "# Orders\n"))
    assert [line for line in differences(known, tmp_path) if line[1:].startswith("# ")] == ["-# Orders", "+# Commands"]


def test_what_nothing_generates_any_more_goes_and_what_people_wrote_stays(
    known: dict[str, str], tmp_path: Path
) -> None:
    write(known, tmp_path)
    former, own = tmp_path / "schemas" / "former-v1.json", tmp_path / "docs" / "reference" / "own.md"
    former.write_text("{}")
    own.write_text("# Written by hand\n")
    assert differences(known, tmp_path) == ["schemas/former-v1.json is generated no more"]
    write(known, tmp_path)
    assert (former.exists(), own.exists()) == (False, True)


def test_a_field_that_does_not_say_what_it_is_fails() -> None:
    class Silent(Spec):
        word: str = ""

    with pytest.raises(LookupError, match="`word` of Silent has no docstring"):
        documentation(Silent, "word")


def test_a_field_without_an_example_fails() -> None:
    class Vague(Spec):
        word: str = ""
        """Anything."""

    with pytest.raises(LookupError, match="`word` of Vague gives no example"):
        example(Vague, "word", Vague.model_json_schema()["properties"]["word"])


def test_a_word_that_does_not_say_what_it_means_fails() -> None:
    class Half(Enum):
        SAID = "said"
        """It is."""
        SILENT = "silent"

    with pytest.raises(LookupError, match="Half has no docstring under SILENT"):
        member_docstrings(Half)


def codes_in_cases() -> Iterator[str]:
    for path in CASES.glob("*.yaml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            yield from (error.split(" ")[0] for error in case["errors"])


def test_every_code_that_a_wrong_manifest_gives_is_documented() -> None:
    "what the source shows, held against what really came out"
    capitals = re.compile(f"[{string.ascii_uppercase}]+")
    documented = re.compile("|".join(capitals.sub("[a-z]+", told.code) for told in told_codes()))
    found = set(codes_in_cases())
    assert len(found) > 50
    assert {code for code in found if not documented.fullmatch(code)} == set()


def test_the_exit_code_of_an_error_is_the_one_that_its_place_gives() -> None:
    exits = {told.code: [each.value for each in told.exits] for told in told_codes()}
    told = ("unknown-key", "socket-missing", "not-ours", "usage", "confirmation-needed", "variable-unset")
    assert [exits[code] for code in told] == [[3], [4], [1], [64], [64], [0]]


def test_every_variable_that_is_heeded_is_documented() -> None:
    assert heeded_variables() == FOREIGN.keys()


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_the_program_prints_the_schemas_that_are_kept(
    name: str, known: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", name]) == 0
    assert capsys.readouterr().out == known[f"schemas/{name}-v1.json"]


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_every_property_of_a_document_is_described(name: str) -> None:
    schema = schemas.schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in (schema, *schema["$defs"].values()):
        assert part.get("description")
        assert [word for word, held in part.get("properties", {}).items() if not held.get("description")] == []


def test_documents_of_a_beginning_are_what_their_schemas_say() -> None:
    plan = make_plan(desired(SHOP), Actual())
    assert actions(plan) == {"create"}
    judge("manifest", SHOP)
    judge("plan", plan_document(plan))
    judge("report", Report(plan).document())
    judge("status", status_document(desired(SHOP), Actual(), plan))


def test_documents_of_changes_are_what_their_schemas_say(engine: SimulatedEngine) -> None:
    plan = make_plan(desired(CHANGED), engine.actual())
    assert actions(plan) >= {"create", "update", "replace", "stop", "none"}
    judge("plan", plan_document(plan))
    judge("status", status_document(desired(CHANGED), engine.actual(), plan))
    judge("plan", plan_document(make_destroy_plan(desired(SHOP), engine.actual(), volumes=True)))


def test_a_report_of_everything_that_can_happen_is_what_its_schema_says(engine: SimulatedEngine) -> None:
    plan = make_plan(desired(CHANGED), engine.actual())
    error = fail("port-in-use", "port is already allocated", hint="publish another one", address="container.new")
    outcomes = [*Outcome] * len(plan.steps)
    results = {
        step.id: StepResult(outcome, 1.5, error if outcome is Outcome.FAILED else None, "a warning")
        for step, outcome in zip(plan.steps, outcomes, strict=False)
    }
    report = Report(plan, results, interrupted=True, restored=("container.db",), problems=(error,)).document()
    assert {step["outcome"] for step in report["steps"]} == {*Outcome}
    judge("report", report)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("format",), "dockerdecl/plan/v2"),
        (("changes", 0, "action"), "explode"),
        (("changes", 0, "code"), "because"),
        (("changes", 0, "reason"), None),
        (("steps", 0, "verb"), "explode"),
        (("steps", 0, "needs"), ["1"]),
        (("summary", "create"), None),
    ],
    ids=str,
)
def test_a_schema_refuses_what_no_plan_says(place: tuple[Any, ...], wrong: Any) -> None:
    document: Any = json.loads(json.dumps(plan_document(make_plan(desired(SHOP), Actual()))))
    held = document
    for key in place[:-1]:
        held = held[key]
    held[place[-1]] = wrong
    with pytest.raises(jsonschema.ValidationError):
        judge("plan", document)


def test_a_schema_lets_a_key_be_that_is_not_known_yet() -> None:
    judge("plan", {**plan_document(make_plan(desired(SHOP), Actual())), "revision": 7})


def test_the_verbs_of_the_schemas_are_those_of_the_steps(engine: SimulatedEngine) -> None:
    plans = (make_plan(desired(SHOP), Actual()), make_plan(desired(CHANGED), engine.actual()))
    assert {step.payload.verb for plan in plans for step in plan.steps} <= {*VERBS}
    assert schemas.schema("plan")["$defs"]["StepDocument"]["properties"]["verb"]["enum"] == [*VERBS]
