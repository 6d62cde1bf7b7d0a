"""Several manifests as one, as Compose merges its files.

Takes trees in the order of their files, gives one tree: mappings are merged, lists appended, single values replaced,
and what the table below says otherwise. Variables are replaced and paths absolute by then. Reads no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from operator import is_

from dockerdecl.errors import Problem
from dockerdecl.manifest import merge_keys as keys
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence, Tag, is_null, kind
from dockerdecl.manifest.patterns import Patterns, patterns
from dockerdecl.values import dataclass

_AGREED = ("apiVersion", "project")


def _never(_base: Node, _over: Node) -> bool:
    return False


def _always(_base: Node, _over: Node) -> bool:
    return True


def _other_kind(base: Node, over: Node) -> bool:
    return type(base) is not type(over)


def _other_driver(base: Node, over: Node) -> bool:
    """Options of one log driver mean nothing to another."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return False
    before, after = keys.text(base.get("driver")), keys.text(over.get("driver"))
    return before is not None and after is not None and before != after


def _same(node: Node) -> Node:
    return node


@dataclass(frozen=True, slots=True)
class Rule:
    """How two values of one place become one.

    Where `replaces` holds, the later stands alone. Else both are brought into the `normal` form; items of lists that
    have the same `identity` are one, the later in the place of the earlier or, where `joined`, merged into it.
    """

    normal: Callable[[Node], Node] = _same
    replaces: Callable[[Node, Node], bool] = _never
    identity: Callable[[Node], str | None] | None = None
    joined: bool = False


_REPLACED = Rule(replaces=_always)
_KEY_VALUES = Rule(normal=keys.key_values)
_SET = Rule(normal=keys.listed, identity=keys.text)

_RULES: Patterns[Rule] = patterns(
    (
        ("policy", _SET),
        ("containers.*.annotations", _KEY_VALUES),
        ("containers.*.cap_add", _SET),
        ("containers.*.cap_drop", _SET),
        ("containers.*.command", _REPLACED),
        ("containers.*.configs", Rule(identity=keys.file_target("/"))),
        ("containers.*.depends_on", Rule(normal=keys.dependencies)),
        ("containers.*.devices", Rule(identity=keys.mount_target)),
        ("containers.*.dns", _SET),
        ("containers.*.dns_opt", Rule(normal=keys.listed, identity=keys.before(":"))),
        ("containers.*.dns_search", _SET),
        ("containers.*.entrypoint", _REPLACED),
        ("containers.*.env_file", Rule(normal=keys.listed_files, identity=keys.at_key("path"))),
        ("containers.*.environment", _KEY_VALUES),
        ("containers.*.expose", _SET),
        ("containers.*.extra_hosts", _SET),
        ("containers.*.group_add", _SET),
        ("containers.*.healthcheck.test", _REPLACED),
        ("containers.*.label_file", _SET),
        ("containers.*.labels", _KEY_VALUES),
        ("containers.*.links", _SET),
        ("containers.*.logging", Rule(replaces=_other_driver)),
        ("containers.*.networks", Rule(normal=keys.names)),
        ("containers.*.networks.*.aliases", _SET),
        ("containers.*.networks.*.link_local_ips", _SET),
        ("containers.*.ports", Rule(identity=keys.port)),
        ("containers.*.profiles", _SET),
        ("containers.*.secrets", Rule(identity=keys.file_target("/run/secrets"))),
        ("containers.*.security_opt", _SET),
        ("containers.*.shell", _REPLACED),
        ("containers.*.sysctls", _KEY_VALUES),
        ("containers.*.tmpfs", Rule(normal=keys.listed, identity=keys.before(":"))),
        ("containers.*.ulimits.*", Rule(replaces=_other_kind)),
        ("containers.*.volumes", Rule(identity=keys.mount_target)),
        ("containers.*.volumes_from", _SET),
        ("networks.*.ipam.config", Rule(identity=keys.at_key("subnet"), joined=True)),
        ("networks.*.labels", _KEY_VALUES),
        ("volumes.*.labels", _KEY_VALUES),
        ("containers.*.external_links", _SET),
        ("containers.*.post_start", _REPLACED),
        ("containers.*.pre_stop", _REPLACED),
        *(
            (f"{place}{below}", rule)
            for place in ("images.*.build", "containers.*.build")
            for below, rule in (
                ("", Rule(normal=keys.build)),
                (".additional_contexts", _KEY_VALUES),
                (".args", _KEY_VALUES),
                (".extra_hosts", _SET),
                (".labels", _KEY_VALUES),
                (".tags", _SET),
            )
        ),
        ("images.*.tags", _SET),
    )
)
_NO_RULE = Rule()


@dataclass(frozen=True, slots=True)
class Merged:
    """One tree made of several, and what could not be brought together."""

    root: Mapping
    problems: tuple[Problem, ...]


def merge_manifests(roots: Iterable[Mapping]) -> Merged:
    """The trees as one, later ones over earlier ones, with `!reset` and `!override` carried out."""
    first, *others = roots
    merging = _Merging()
    merged = _settled_mapping(first)
    for over in others:
        merging.agree(merged, over)
        merged = _settled_mapping(merging.mappings(merged, over, _RULES))
    return Merged(merged, tuple(merging.problems))


def merge_containers(base: Mapping, over: Mapping) -> tuple[Mapping, tuple[Problem, ...]]:
    """One container over another one, as the same container of two files would be merged."""
    merging = _Merging()
    places = _RULES.at("containers")
    merged = merging.mappings(_settled_mapping(base), over, places.at("*") if places else None)
    return _settled_mapping(merged), tuple(merging.problems)


@dataclass(slots=True)
class _Merging:
    problems: list[Problem] = field(default_factory=list)

    def agree(self, base: Mapping, over: Mapping) -> None:
        """Says where two files that are one manifest call themselves differently."""
        for key in _AGREED:
            first, second = base.get(key), over.get(key)
            if not isinstance(first, Scalar) or not isinstance(second, Scalar) or second.text is None:
                continue
            if first.text is not None and first.text != second.text:
                message = f"`{key}` is `{second.text}` here, and `{first.text}` at {first.where}"
                hint = f"leave `{key}` out of all files but the first"
                self.problems.append(Problem("files-disagree", message, where=second.where, hint=hint))

    def mappings(self, base: Mapping, over: Mapping, places: Patterns[Rule] | None) -> Mapping:
        merged = {entry.key: entry for entry in base.entries}
        for entry in over.entries:
            known = merged.get(entry.key)
            if known is None:
                merged[entry.key] = entry
                continue
            value = self.values(entry.key, known.value, entry.value, places.at(entry.key) if places else None)
            from_base = value.where == known.value.where
            merged[entry.key] = Entry(entry.key, known.key_where if from_base else entry.key_where, value)
        return Mapping(tuple(merged.values()), base.where)

    def values(self, key: str, base: Node, over: Node, places: Patterns[Rule] | None) -> Node:
        rule = (places.rule if places else None) or _NO_RULE
        if over.tag or rule.replaces(base, over):
            return over
        if is_null(over) or is_null(base):
            return base if is_null(over) else over
        base, over = rule.normal(base), rule.normal(over)
        match base, over:
            case Mapping(), Mapping():
                return self.mappings(base, over, places)
            case Sequence(), Sequence():
                return self._lists(key, base, over, rule, places)
            case Scalar(), _:
                return over
        message = f"`{key}` is {kind(over)} here, and {kind(base)} at {base.where}"
        hint = "write both in the same form, or put `!override` before this one to replace the other"
        self.problems.append(Problem("merge-conflict", message, where=over.where, hint=hint))
        return base

    def _lists(self, key: str, base: Sequence, over: Sequence, rule: Rule, places: Patterns[Rule] | None) -> Sequence:
        items = list(base.items)
        if rule.identity is None:
            return replace(base, items=(*items, *over.items))
        known = {identity: index for index, item in enumerate(items) if (identity := rule.identity(item)) is not None}
        for item in over.items:
            index = known.get(rule.identity(item) or "")
            if index is None:
                items.append(item)
            elif rule.joined:
                items[index] = self.values(key, items[index], item, places.at("*") if places else None)
            else:
                items[index] = item
        return replace(base, items=tuple(items))


def _settled_mapping(node: Mapping) -> Mapping:
    entries = []
    for entry in node.entries:
        if entry.value.tag is not Tag.RESET:
            value = _settled(entry.value)
            entries.append(entry if value is entry.value else Entry(entry.key, entry.key_where, value))
    unchanged = not node.tag and len(entries) == len(node.entries) and all(map(is_, entries, node.entries))
    return node if unchanged else Mapping(tuple(entries), node.where)


def _settled(node: Node) -> Node:
    """The same tree with nothing left to reset or override."""
    if isinstance(node, Mapping):
        return _settled_mapping(node)
    if isinstance(node, Scalar):
        return replace(node, tag=None) if node.tag else node
    items = tuple(_settled(item) for item in node.items if item.tag is not Tag.RESET)
    unchanged = not node.tag and len(items) == len(node.items) and all(map(is_, items, node.items))
    return node if unchanged else Sequence(items, node.where)
