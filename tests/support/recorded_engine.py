"""What an engine had, recorded: takes a JSON file of its own answers, gives `Actual` as an inventory would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dockerdecl.resources.actual import Actual, EngineFacts, LiveContainer, LiveImage, LiveNetwork, LiveVolume
from dockerdecl.resources.ownership import recorded_labels

Json = dict[str, Any]


def recorded(path: Path, project: str) -> Actual:
    """The state in a file: `version`, `api_version`, and the answers by kind; containers as listed and as inspected."""
    answers: Json = json.loads(path.read_text(encoding="utf-8"))
    adopted = recorded_labels({v["Name"]: v["Labels"] or {} for v in answers["volumes"]}, project)

    def labels(raw: Json, identity: str) -> dict[str, str]:
        return {**(raw.get("Labels") or {}), **adopted.get(identity, {})}

    return Actual(
        EngineFacts("unix:///recorded", answers["version"], answers["api_version"]),
        images={i["Id"]: LiveImage(i["Id"], tuple(i["RepoTags"]), config=i["Config"]) for i in answers["images"]},
        references={tag: image["Id"] for image in answers["images"] for tag in image["RepoTags"]},
        networks=tuple(LiveNetwork(n["Id"], n["Name"], labels(n, n["Id"]), n) for n in answers["networks"]),
        volumes={v["Name"]: LiveVolume(v["Name"], labels(v, v["Name"]), v) for v in answers["volumes"]},
        containers=tuple(
            LiveContainer(
                raw["Id"],
                raw["Name"].lstrip("/"),
                raw["State"]["Status"],
                raw["Image"],
                raw["Config"]["Image"],
                labels(listed, raw["Id"]),
                tuple(sorted(listed["NetworkSettings"]["Networks"])),
                tuple(sorted(mount["Name"] for mount in listed["Mounts"] if mount.get("Name"))),
                raw,
            )
            for listed, raw in ((c["listed"], c["inspected"]) for c in answers["containers"])
        ),
    )
