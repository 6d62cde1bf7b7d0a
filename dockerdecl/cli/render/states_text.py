"""What became of containers that were steered by hand, in a line or two each.

Takes a `dockerdecl/states/v1` document, gives styled lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_DONE = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "kill": "got the signal",
    "pause": "paused",
    "unpause": "goes on",
}
_STYLES = {"done": "green", "nothing": "", "failed": "bold red", "skipped": "yellow"}


def states_lines(document: Document) -> Iterator[Text]:
    """A line a container, and below it what the next apply would do, or what went wrong."""
    if not document["containers"]:
        yield Text(f"There is no container to {document['verb']}.")
    for container in document["containers"]:
        line = Text(visible(container["address"] or container["name"])).append(": ")
        yield line.append(visible(_words(document["verb"], container)), _STYLES.get(container["outcome"], ""))
        if container["drift"]:
            yield Text(f"  it {visible(container['drift'])}", style="yellow")
        if container["needed_by"]:
            yield Text(f"  still running though it needs this: {visible(', '.join(container['needed_by']))}", "yellow")
        if container["hint"]:
            yield Text().append("  hint: ", "cyan").append(visible(container["hint"]))


def _words(verb: str, container: Document) -> str:
    ended = container["exit_code"]
    match container["outcome"]:
        case "failed":
            return f"failed[{container['code']}]: {container['error']}"
        case "skipped":
            return "left alone, since another one failed before it"
        case "nothing" if verb == "unpause":
            return f"is {container['after']}, not paused"
        case "nothing":
            return f"is {container['after']} already" if ended is None else f"is {container['after']} ({ended}) already"
    state = f", {container['after']} ({ended})" if ended is not None else ""
    return f"{_DONE.get(verb, verb)}{state}"
