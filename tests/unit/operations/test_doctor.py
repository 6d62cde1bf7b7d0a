"""What a doctor makes of facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dockerdecl import schemas
from dockerdecl.operations.doctor.document import doctor_document
from dockerdecl.operations.doctor.engine_checks import engine_findings
from dockerdecl.operations.doctor.facts import Facts, HeldPort, PathFacts, Severity
from dockerdecl.operations.doctor.manifest_checks import manifest_findings
from dockerdecl.operations.doctor.whereabouts import Whereabouts, judged
from tests.support.manifests import desired

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "doctor.md"
WEB: dict[str, Any] = {
    "image": "web:1",
    "user": "1000:1000",
    "volumes": ["/srv/data:/data"],
    "logging": {"driver": "local"},
}
REMAPPED = {"SecurityOptions": ["name=userns"]}


def found(facts: Facts) -> dict[str, Severity]:
    return {finding.about: finding.severity for finding in (*engine_findings(facts), *manifest_findings(facts))}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts("29.1.0"), {}),
        (Facts("20.10.24"), {"engine-outdated": Severity.WARNING}),
        (Facts("99.0"), {}),
        (Facts(skew_seconds=-30), {"clock-skew": Severity.WARNING}),
        (Facts(answer_seconds=2), {"engine-slow": Severity.WARNING}),
        (Facts(disk=(1, 2**40)), {"disk-full": Severity.ERROR}),
        (Facts(disk=(2**33, 2**40)), {"disk-full": Severity.WARNING}),
        (Facts(disk=(2**39, 2**40)), {}),
        (Facts(info={"SwapLimit": False}), {"kernel-limit-missing": Severity.INFO}),
        (Facts(info={"LiveRestoreEnabled": False}), {"live-restore-off": Severity.INFO}),
        (Facts(plain_registries=("a",)), {"credentials-plain": Severity.INFO}),
    ],
)
def test_an_engine_is_judged(facts: Facts, expected: dict[str, Severity]) -> None:
    assert found(facts) == expected


def shop(container: dict[str, Any], **facts: Any) -> Facts:
    return Facts(local=True, desired=desired({"containers": {"web": {**WEB, **container}}}), **facts)


@pytest.mark.parametrize(
    ("container", "facts", "expected"),
    [
        ({}, {"paths": {"/srv/data": PathFacts(0, 0, 0o755)}}, ["bind-not-writable"]),
        ({}, {"paths": {"/srv/data": PathFacts(1000, 0, 0o755)}}, []),
        ({}, {"paths": {"/srv/data": PathFacts(0, 1000, 0o775)}}, []),
        ({}, {"paths": {"/srv/data": PathFacts(0, 0, 0o1777)}}, []),
        ({"user": "0"}, {"paths": {"/srv/data": PathFacts(1000, 1000, 0o700)}}, []),
        (
            {"user": "0"},
            {"paths": {"/srv/data": PathFacts(0, 0, 0o755)}, "uid_offset": 165536, "info": REMAPPED},
            ["bind-not-writable"],
        ),
        ({"volumes": ["/srv/data:/data:ro"]}, {"paths": {"/srv/data": PathFacts(0, 0, 0o755)}}, []),
        ({}, {"paths": {"/srv/data": None}}, ["bind-missing"]),
        ({"ports": ["80:80"]}, {"listening": frozenset({80})}, ["port-taken"]),
        (
            {"ports": ["80:80"]},
            {"listening": frozenset({80}), "held_ports": (HeldPort(80, "tcp", "0.0.0.0", "a", own=True),)},
            [],
        ),
        ({"ports": ["80:80"]}, {"held_ports": (HeldPort(80, "tcp", "127.0.0.1", "other"),)}, ["port-taken"]),
        ({"ports": ["10.0.0.1:80:80"]}, {"held_ports": (HeldPort(80, "tcp", "10.0.0.2", "other"),)}, []),
        ({"ports": ["80:80/udp"]}, {"held_ports": (HeldPort(80, "tcp", "::", "other"),)}, []),
        ({"user": "app"}, {"paths": {"/srv/data": PathFacts(0, 0, 0o755)}}, ["bind-user-unknown"]),
        ({"user": "app"}, {"paths": {"/srv/data": PathFacts(0, 0, 0o777)}}, []),
        ({"group_add": ["7"]}, {"paths": {"/srv/data": PathFacts(0, 7, 0o775)}}, []),
        ({"group_add": ["staff"]}, {"paths": {"/srv/data": PathFacts(0, 7, 0o775)}}, ["bind-not-writable"]),
        ({"image": "web"}, {}, ["image-latest"]),
        ({"logging": {"driver": "json-file"}}, {}, ["logs-unbounded"]),
        ({"logging": {"driver": "json-file", "options": {"max-size": "1m"}}}, {}, []),
        ({"annotations": {"a": "b"}}, {}, ["field-too-new"]),
    ],
)
def test_a_manifest_is_judged(container: dict[str, Any], facts: dict[str, Any], expected: list[str]) -> None:
    assert list(found(shop(container, **facts))) == expected


def test_the_document_is_what_its_schema_says() -> None:
    facts = shop({"image": "web"}, disk=(1, 2))
    document = doctor_document("unix:///x", facts, [*engine_findings(facts), *manifest_findings(facts)])
    jsonschema.Draft202012Validator(schemas.schema("doctor")).validate(json.loads(json.dumps(document)))
    assert [finding["severity"] for finding in document["findings"]] == ["error", "info"]
    assert all(f"`{finding['code']}`" in GUIDE.read_text() for finding in document["findings"])


@pytest.mark.parametrize(
    ("proof", "network", "same", "expected"),
    [
        (True, True, True, Whereabouts(True, True)),
        (True, False, False, Whereabouts(True, False)),
        (True, None, False, Whereabouts(True, False)),
        (True, None, True, Whereabouts(True, True)),
        (False, True, True, Whereabouts()),  # a tunnel to a machine of the same name
        (None, None, True, Whereabouts(True, True)),
        (None, False, True, Whereabouts(True, False)),
        (None, True, False, Whereabouts()),
    ],
)
def test_where_an_engine_is(proof: bool | None, network: bool | None, same: bool, expected: Whereabouts) -> None:
    assert judged(proof, network, same_name=same, same_kernel=True) == expected
    assert proof is not None or judged(proof, network, same_name=same, same_kernel=False) == Whereabouts()
