"""Writes what is generated from the code: JSON Schemas and reference pages. `python -m tools.generate [--check]`."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dockerdecl import reconcile
from tools.reference import ROOT, commands_page, errors_page, fields_page, reasons_page


def generated() -> Mapping[Path, str]:
    """Every generated file of the project, with what it must hold."""
    schemas = {
        ROOT / "schemas" / f"{name}-v1.json": json.dumps(reconcile.schema(name), indent=2, ensure_ascii=False) + "\n"
        for name in reconcile.SCHEMAS
    }
    reference = ROOT / "docs" / "reference"
    pages = {"fields": fields_page, "commands": commands_page, "reasons": reasons_page, "errors": errors_page}
    return {**schemas, **{reference / f"{name}.md": page() for name, page in pages.items()}}


def differences() -> list[str]:
    """How the files differ from what they must hold, as a diff by line; empty where they don't."""
    found: list[str] = []
    for path, text in generated().items():
        held = path.read_text(encoding="utf-8") if path.exists() else ""
        name = str(path.relative_to(ROOT))
        found += difflib.unified_diff(held.splitlines(), text.splitlines(), name, f"{name} (generated)", lineterm="")
    return found


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with `--check` say how they differ."""
    if list(arguments) == ["--check"]:
        found = differences()
        print(
            "\n".join(found[:200])
            + ("\nrun `python -m tools.generate`" if found else "All generated files are up to date.")
        )
        return 1 if found else 0
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
