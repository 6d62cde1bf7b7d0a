"""What came of checking a manifest, as code hosts take it: SARIF 2.1.0.

Takes the document of a validation, gives one of the Static Analysis Results Interchange Format (OASIS). No line of the
manifest is quoted in it, since it is uploaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from dockerdecl import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_SOMEWHERE = "dockerdecl.yaml"


def sarif(document: Mapping[str, Any]) -> dict[str, Any]:
    """The SARIF log of a validation."""
    numbers = {rule["code"]: number for number, rule in enumerate(document["rules"])}
    helped = {finding["code"]: finding["hint"] or finding["message"] for finding in reversed(document["findings"])}
    levels = {finding["code"]: finding["level"] for finding in reversed(document["findings"])}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dockerdecl",
                        "semanticVersion": __version__,
                        "rules": [
                            _rule(rule, levels[rule["code"]], helped[rule["code"]]) for rule in document["rules"]
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, numbers) for finding in document["findings"]],
            }
        ],
    }


def _rule(rule: Mapping[str, Any], level: str, hint: str) -> dict[str, Any]:
    return {
        "id": rule["code"],
        "shortDescription": {"text": rule["text"]},
        "help": {"text": hint},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["policy" if rule["code"].startswith("policy-") else "manifest"]},
    }


def _result(finding: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    text = finding["message"] + (f"\n{finding['hint']}" if finding["hint"] else "")
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding["file"] or _SOMEWHERE),
            "region": {"startLine": finding["line"] or 1, "startColumn": finding["column"] or 1},
        }
    }
    if finding["address"]:
        location["logicalLocations"] = [{"fullyQualifiedName": finding["address"]}]
    return {
        "ruleId": finding["code"],
        "ruleIndex": numbers[finding["code"]],
        "level": finding["level"],
        "message": {"text": text},
        "locations": [location],
    }


def _artifact(file: str) -> dict[str, str]:
    "relative to the folder that the command ran in, which is the top of a repository in CI"
    path = PurePath(file)
    return {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}
