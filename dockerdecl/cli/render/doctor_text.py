"""A diagnosis as text for people: what the engine is like, then what was found, the worst first.

Takes a `dockerdecl/doctor/v1` document and a width, gives styled lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import engine_of
from dockerdecl.cli.render.visible import visible
from dockerdecl.cli.render.wrapping import wrapped

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def doctor_lines(document: Mapping[str, Any], width: int) -> Iterator[Text]:
    """The whole diagnosis."""
    yield Text(f"Engine {visible(engine_of(document['engine']))}", style="bold")
    for name, value in _facts(document["facts"]):
        yield from wrapped(f"{name + ':':<16}{visible(value)}", width, indent=18, first_indent=2)
    for finding in document["findings"]:
        yield Text()
        place = f"{finding['address']}: " if finding["address"] else ""
        head = f"{finding['severity']}[{finding['code']}]: {place}{finding['what']}"
        yield from wrapped(visible(head), width, indent=2, first_indent=0, style=_STYLES[finding["severity"]])
        yield from wrapped(f"why: {visible(finding['why'])}", width, indent=7, first_indent=2)
        yield from wrapped(f"do:  {visible(finding['advice'])}", width, indent=7, first_indent=2)
    yield Text()
    counts = Counter(finding["severity"] for finding in document["findings"])
    told = ", ".join(f"{(n := counts[severity])} {severity}{'' if n == 1 else 's'}" for severity in _STYLES)
    yield Text(f"Found: {told}.", style="bold")


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if facts["released"]:
        until = f", maintained until {facts['maintained_until']}" if facts["maintained_until"] else ""
        yield "released", f"{facts['released']}{until}"
    for key, name in (("storage_driver", "storage"), ("cgroup", "cgroup"), ("logging_driver", "logging")):
        if facts[key]:
            yield name, str(facts[key])
    if facts["disk_size"]:
        yield "disk", f"{facts['disk_free'] / 1024**3:.1f} of {facts['disk_size'] / 1024**3:.1f} GiB free"
    hidden = [*(() if facts["local"] else ("disk", "host folders")), *(() if facts["ports_local"] else ("ports",))]
    if hidden:
        yield "not here", f"its {', '.join(hidden)} can't be looked at from this machine"
    yield "clock", f"{facts['clock_skew']:+.0f} s"
