"""Generated files are what the code says, and real documents are what the schemas say."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from dockerdecl import reconcile
from dockerdecl.execution.report import Report
from dockerdecl.planning.document import plan_document
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.status import status_document
from dockerdecl.planning.values import Reason
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.document import Document
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.resolve import Contents, resolve
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.volume.spec import Volume
from tools.generate import differences
from tools.reference import REASONS, undocumented

MANIFEST = {
    "apiVersion": "dockerdecl/v1",
    "project": "shop",
    "volumes": {"data": {}},
    "containers": {
        "db": {"image": "db:1", "volumes": ["data:/data"], "healthcheck": {"test": "true"}},
        "web": {"image": "web:1", "depends_on": {"db": {"condition": "service_healthy"}}},
    },
}


def judge(name: str, document: Any) -> None:
    jsonschema.Draft202012Validator(reconcile.schema(name)).validate(document)


def test_generated_files_are_up_to_date() -> None:
    assert differences() == [], "run `python -m tools.generate`"


@pytest.mark.parametrize("model", [Container, Image, Network, Volume], ids=lambda model: model.__name__)
def test_every_field_says_what_it_is(model: type[Spec]) -> None:
    assert undocumented(model) == []


def test_every_reason_has_a_meaning() -> None:
    assert REASONS.keys() == set(Reason)


def test_printed_documents_are_what_their_schemas_say() -> None:
    desired = resolve(Document.model_validate(MANIFEST), Contents())
    plan = make_plan(desired, Actual())
    judge("manifest", MANIFEST)
    judge("plan", plan_document(plan))
    judge("report", Report(plan).document())
    judge("status", status_document(desired, Actual(), plan))
