"""What a manifest becomes in a bundle: nothing of it is pulled, pushed or named by a digest there."""

from __future__ import annotations

from pathlib import Path

from dockerdecl.manifest.bundle_tree import bundle_tree
from tests.unit.manifest.loading import loaded

DIGEST = f"sha256:{'0123456789ab' + '0' * 52}"
IMAGES = f"""
images:
  pulled: {{ref: "r.local/a:1", pull: always}}
  pushed: {{ref: "r.local/b:1", push: true, keep: 2, tags: ["r.local/b:latest"]}}
  mirrored: {{ref: "r.local/c:1", mirror: "d.local/c:1"}}
containers:
  one: {{image: "e@{DIGEST}", pull_policy: always}}
  two: {{image: "e:2@{DIGEST}", profiles: [more]}}
"""


def test_no_registry_is_needed(tmp_path: Path) -> None:
    """Images have references with tags and nothing that asks a registry; containers name them by those."""
    tree = bundle_tree(loaded(tmp_path, IMAGES, profiles=("more",))).tree
    assert tree["images"] == {
        "pulled": {"ref": "r.local/a:1"},
        "pushed": {"ref": "r.local/b:1", "tags": ["r.local/b:latest"]},
        "mirrored": {"ref": "r.local/c:1"},
    }
    assert tree["containers"] == {
        "one": {"image": "e:sha256-0123456789ab"},
        "two": {"image": "e:2", "profiles": ["more"]},
    }
