"""Writes what is generated from the code: JSON Schemas and reference pages.

`python -m tools.generate` writes the files; with `--check` it says how they differ from what they must hold, and ends
with 1 where they do.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dockerdecl import schemas
from tools.commands import commands_page, environment_page
from tools.coverage import coverage_page
from tools.error_codes import errors_page
from tools.fields import fields_page
from tools.markdown import GENERATED
from tools.policies import policies_page
from tools.reasons import reasons_page

ROOT = Path(__file__).parent.parent
_COMMAND = "python -m tools.generate"


def generated() -> Mapping[str, str]:
    """Every generated file, by its path in the project, with what it must hold."""
    return {
        **{f"schemas/{name}-v1.json": _json(schemas.schema(name)) for name in schemas.SCHEMAS},
        "docs/reference/cli.md": commands_page(),
        "docs/reference/environment.md": environment_page(),
        "docs/reference/compose.md": coverage_page(),
        "docs/reference/errors.md": errors_page(),
        "docs/reference/fields.md": fields_page(),
        "docs/reference/policies.md": policies_page(),
        "docs/reference/reasons.md": reasons_page(),
    }


def differences(known: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """How the files below `root` differ from what they must hold, as a diff by line; empty where they don't."""
    found = [f"{path.relative_to(root)} is generated no more" for path in _left_over(known, root)]
    for name, text in known.items():
        path = root / name
        held = path.read_text(encoding="utf-8") if path.exists() else ""
        found += difflib.unified_diff(held.splitlines(), text.splitlines(), name, f"{name} (generated)", lineterm="")
    return found


def write(known: Mapping[str, str], root: Path = ROOT) -> None:
    """Bring the files below `root` to what they must hold."""
    for path in _left_over(known, root):
        path.unlink()
    for name, text in known.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def _left_over(known: Mapping[str, str], root: Path) -> list[Path]:
    found = [*(root / "schemas").glob("*.json"), *(root / "docs" / "reference").glob("*.md")]
    return sorted(path for path in found if str(path.relative_to(root)) not in known and _is_generated(path))


def main(arguments: Sequence[str]) -> int:
    """Writes or checks, and gives the exit code."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description="Write what is generated from the code.")
    parser.add_argument("--check", action="store_true", help="only say how the files differ from what they must hold")
    if not parser.parse_args(arguments).check:
        write(generated())
        return 0
    found = differences(generated())
    if found:
        print("\n".join(found))
        print(f"\nThe generated files are not up to date. Bring them up to date with `{_COMMAND}`.", file=sys.stderr)
    return 1 if found else 0


def _is_generated(path: Path) -> bool:
    return path.suffix == ".json" or path.read_text(encoding="utf-8").startswith(GENERATED)


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
