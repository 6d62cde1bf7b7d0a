"""What Compose takes for one and the same when files are merged: normal forms, and the identity of list items.

Takes nodes, gives nodes of one form, or the text that tells an item from others. Judges nothing: what has no sensible
form or identity is handed back as it is, for validation to speak about.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import replace

from dockerdecl.expressions import expression
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence

_PORT = expression(
    r"(?:(?:(?P<ip>\[[^\]]*\]|[^:]*):)?(?P<published>[0-9-]*):)?(?P<target>[0-9-]+)(?:/(?P<protocol>\w+))?"
)


def key_values(node: Node) -> Node:
    """A list of `KEY=VALUE` as the mapping that it stands for; a `KEY` alone is one with nothing."""
    return _as_mapping(node, _key_value)


def names(node: Node) -> Node:
    """A list of names as a mapping from each to nothing."""
    return _as_mapping(
        node, lambda item: Entry(item.text or "", item.where, Scalar(None, plain=True, where=item.where))
    )


def dependencies(node: Node) -> Node:
    """A list of names as the long form of `depends_on`."""

    def entry(item: Scalar) -> Entry:
        condition = Entry("condition", item.where, Scalar("service_started", plain=True, where=item.where))
        return Entry(item.text or "", item.where, Mapping((condition,), item.where))

    return _as_mapping(node, entry)


def listed(node: Node) -> Node:
    """A single value as a list of one, a mapping as a list of `KEY=VALUE`, a value that is a list once for each."""
    if isinstance(node, Scalar) and node.text is not None:
        return Sequence((node,), node.where)
    if not isinstance(node, Mapping):
        return node
    items = []
    for entry in node.entries:
        values = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
        if not all(isinstance(value, Scalar) for value in values):
            return node
        items += [_joined(entry, value) for value in values if isinstance(value, Scalar)]
    return Sequence(tuple(items), node.where)


def listed_files(node: Node) -> Node:
    """A single value as a list of one."""
    return Sequence((node,), node.where) if isinstance(node, Scalar) else node


def build(node: Node) -> Node:
    """The short form of `build`, a context, as the long one."""
    if isinstance(node, Scalar) and node.text is not None:
        return Mapping((Entry("context", node.where, node),), node.where)
    return node


def text(node: Node | None) -> str | None:
    """The text of a single value."""
    return node.text if isinstance(node, Scalar) else None


def before(separator: str) -> Callable[[Node], str | None]:
    """Identity by what stands before `separator`."""

    def identity(node: Node) -> str | None:
        written = text(node)
        return written.partition(separator)[0] if written is not None else None

    return identity


def at_key(key: str) -> Callable[[Node], str | None]:
    """Identity by `key` of the long form, or by the whole short form."""

    def identity(node: Node) -> str | None:
        return text(node.get(key)) if isinstance(node, Mapping) else text(node)

    return identity


def mount_target(node: Node) -> str | None:
    """Where a volume or a device is seen in the container, `SOURCE:TARGET[:MODE]` in the short form."""
    if isinstance(node, Mapping):
        target = text(node.get("target"))
    else:
        parts = (text(node) or "").split(":")
        target = parts[1] if len(parts) > 1 else parts[0]
    return posixpath.normpath(target) if target else None


def file_target(folder: str) -> Callable[[Node], str | None]:
    """Where a secret or config is put, by default below `folder` under its name."""

    def identity(node: Node) -> str | None:
        target = text(node)
        if isinstance(node, Mapping):
            target = text(node.get("target")) or text(node.get("source"))
        return posixpath.join(folder, target) if target else None

    return identity


def port(node: Node) -> str | None:
    """A published port by address, published and target port, and protocol."""
    if isinstance(node, Mapping):
        ip, published, target, protocol = (text(node.get(k)) for k in ("host_ip", "published", "target", "protocol"))
    else:
        found = _PORT.fullmatch(text(node) or "")
        if found is None:
            return text(node)
        ip, published, target, protocol = found.group("ip", "published", "target", "protocol")
    return f"{(ip or '0.0.0.0').strip('[]')}:{published or ''}:{target}/{protocol or 'tcp'}"


def _as_mapping(node: Node, entry: Callable[[Scalar], Entry]) -> Node:
    if not isinstance(node, Sequence):
        return node
    entries: dict[str, Entry] = {}
    for item in node.items:
        if not isinstance(item, Scalar) or item.text is None:
            return node
        made = entry(item)
        entries[made.key] = replace(made, value=replace(made.value, tag=item.tag))
    return Mapping(tuple(entries.values()), node.where)


def _key_value(item: Scalar) -> Entry:
    key, separator, value = (item.text or "").partition("=")
    before, _, written = (item.written or "").partition("=")
    known = written if before == key else None
    return Entry(
        key, item.where, Scalar(value if separator else None, plain=not separator, where=item.where, written=known)
    )


def _joined(entry: Entry, value: Scalar) -> Scalar:
    written = f"{entry.key}={value.written}" if value.written is not None else None
    return Scalar(f"{entry.key}={value.text}", plain=False, where=entry.key_where, written=written)
