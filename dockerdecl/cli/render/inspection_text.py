"""What things on the engine are, as YAML in the manifest's words.

Takes a `dockerdecl/inspection/v1` document, gives styled lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from rich.text import Text

from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_SECTIONS = ("given", "from_image", "from_engine")


class _Dumper(yaml.SafeDumper):
    """Writes the same value twice, where YAML would refer to the first."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def inspection_lines(document: Document) -> Iterator[Text]:
    """A YAML document: by address or name what was given, and what the image and the engine supplied."""
    for number, thing in enumerate(document["things"]):
        if number:
            yield Text()
        yield Text(f"# {thing['kind']} {visible(thing['name'])}, {visible(thing['id'][:19])}", style="dim")
        found = {section: thing[section] for section in _SECTIONS if thing[section]}
        text = yaml.dump(
            {thing["address"] or thing["name"]: found}, Dumper=_Dumper, sort_keys=False, allow_unicode=True
        )
        for line in text.splitlines():
            heading = line.strip().rstrip(":") in _SECTIONS and line.startswith("  ") and not line.startswith("   ")
            yield Text(visible(line), style="bold" if heading or not line.startswith(" ") else "")
