"""Strict YAML: text to nodes, every one with its place.

Takes the bytes of one file, gives one tree, or every problem that can be told at once. Built from the parser's events
and not from PyYAML's own objects, which would turn `no`, `010`, `22:22` and dates into something else, keep the last
of two equal keys, and recurse as deep as a text asks them to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

import yaml

from dockerdecl.errors import DockerdeclError, Problem, Where, invalid
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence, Tag, kind
from dockerdecl.manifest.texts import decode, place, with_lines
from dockerdecl.manifest.yaml_errors import syntax_problem
from dockerdecl.manifest.yaml_limits import MAX_ALIASED_NODES, MAX_FILE_BYTES, MAX_NESTING, Extent, extent
from dockerdecl.values import dataclass

# libyaml's parser is six times as fast; an installation may come without it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset(("", "~", "null"))
_TAGS = {tag.value: tag for tag in Tag}
_CORE_TAG = "tag:yaml.org,2002:"
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_UNPRINTABLE_ASCII = "[^\t\n\r\x20-\x7e]"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of one text: its tree, as far as it could be made, and what is wrong with it."""

    root: Node | None
    problems: tuple[Problem, ...]


def parse(data: bytes, file: str) -> Node:
    """The tree in `data`; `file` is the name that places carry.

    Raises DockerdeclError (exit code 3) with every problem found.
    """
    if len(data) > MAX_FILE_BYTES:
        raise too_large(file)
    parsed = parse_text(decode(data, file), file)
    if parsed.problems or parsed.root is None:
        raise invalid(*parsed.problems)
    return parsed.root


def parse_text(text: str, file: str) -> Parsed:
    """The tree in `text` with all that is wrong; without a root where it could not be read to its end."""
    # The whole of Unicode takes 6 ms to compile.
    if bad := re.search(_UNPRINTABLE_ASCII if text.isascii() else _UNPRINTABLE, text):
        return Parsed(None, with_lines([_unprintable(bad, text, file)], {file: text}))
    composer = _Composer(file)
    complete = False
    try:
        for event in _events(text):
            composer.take(event)
        complete = True
    except yaml.MarkedYAMLError as error:
        composer.give_up(syntax_problem(error, file, text))
    except DockerdeclError as error:
        composer.give_up(*error.problems)
    root = composer.root if complete else None
    if complete and root is None:
        composer.problems.append(_empty(file))
    return Parsed(root, with_lines(composer.problems, {file: text}))


def too_large(file: str) -> DockerdeclError:
    """The error of a file with more than the allowed bytes."""
    message = f"the file has more than {MAX_FILE_BYTES // 1_000_000} MB"
    return invalid(
        Problem("file-too-large", message, where=Where(file, 1, 1), hint="split it, or check that it is the right one")
    )


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        while type(event := loader.get_event()) is not yaml.StreamEndEvent:
            yield event
    finally:
        loader.dispose()


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; a mapping's children are its keys and values by turns."""

    event: yaml.CollectionStartEvent
    where: Where
    tag: Tag | None
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Composer:
    """Puts events together. One per text."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    documents: int = 0
    aliased: int = 0
    extents: dict[int, Extent] = field(default_factory=dict)

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        where = Where(self.file, mark.line + 1, mark.column + 1) if mark else Where(self.file, 1, 1)
        if isinstance(event, yaml.ScalarEvent):  # most are
            self._scalar(event, where)
            return
        match event:
            case yaml.CollectionStartEvent():
                if len(self.stack) >= MAX_NESTING:
                    raise _too_deep(where)
                self.stack.append(_Open(event, where, self._tag(event.tag, where)))
            case yaml.CollectionEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._alias(str(event.anchor), where)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise _second_document(where)

    def give_up(self, *reasons: Problem) -> None:
        """Notes why the text can't be read on, and what is wrong in the mappings that are open still."""
        self.problems.extend(reasons)
        for part in self.stack:
            if isinstance(part.event, yaml.MappingStartEvent):
                self._entries(part.children[: len(part.children) // 2 * 2])

    def _scalar(self, event: yaml.ScalarEvent, where: Where) -> None:
        plain = not event.style
        text = None if plain and event.value in _NULLS else event.value
        node = Scalar(text, plain, where, self._tag(event.tag, where))
        self._add(node, event.anchor)

    def _close(self) -> None:
        ended = self.stack.pop()
        if isinstance(ended.event, yaml.SequenceStartEvent):
            node: Node = Sequence(tuple(ended.children), ended.where, ended.tag)
        else:
            node = Mapping(self._entries(ended.children), ended.where, ended.tag)
        self._add(node, ended.event.anchor)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node

    def _alias(self, name: str, where: Where) -> None:
        if any(part.event.anchor == name for part in self.stack):
            hint = "name something that is complete before this place"
            self._problem("recursive-alias", f"`*{name}` stands inside what it names", where, hint)
        elif name not in self.anchors:
            hint = f"put `&{name}` before the value to repeat; a value that begins with `*` needs quotes"
            self._problem("undefined-alias", f"nothing above is named `&{name}`", where, hint)
        else:
            self._repeat(self.anchors[name], where)
            return
        self._add(Scalar(None, plain=True, where=where), None)

    def _repeat(self, node: Node, where: Where) -> None:
        size = extent(node, self.extents)
        self.aliased += size.nodes
        if self.aliased > MAX_ALIASED_NODES:
            message = f"the aliases of this file stand for more than {MAX_ALIASED_NODES:,} values"
            raise invalid(Problem("alias-bomb", message, where=where, hint="write fewer aliases inside what they name"))
        if len(self.stack) + size.levels > MAX_NESTING:
            raise _too_deep(where)
        self._add(node, None)

    def _tag(self, written: str | None, where: Where) -> Tag | None:
        if written is None:
            return None
        tag = _TAGS.get(written)
        if tag is None:
            shown = written.replace(_CORE_TAG, "!!")
            hint = "remove it: a value is what is written. Only `!reset` and `!override` are known"
            self._problem("unknown-tag", f"the tag `{shown}` is not known", where, hint)
        return tag

    def _entries(self, children: list[Node]) -> tuple[Entry, ...]:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        merged_at: Where | None = None
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar) or key.text is None:
                self._bad_key(key)
            elif key.tag:
                self._problem("tagged-key", f"`{key.tag}` belongs to a value", key.where, "write it after the `:`")
            elif key.text == "<<" and key.plain:
                if merged_at is not None:
                    self._duplicate(key.text, key.where, merged_at)
                merged_at = key.where
                merged.update(self._merged(value))
            elif key.text in own:
                self._duplicate(key.text, key.where, own[key.text].key_where)
            else:
                own[key.text] = Entry(key.text, key.where, value)
        return tuple((merged | own).values()) if merged else tuple(own.values())

    def _merged(self, value: Node) -> dict[str, Entry]:
        """What a `<<` brings in; of several mappings, the first that has a key gives it."""
        sources = value.items if isinstance(value, Sequence) else (value,)
        entries: dict[str, Entry] = {}
        for source in sources:
            if not isinstance(source, Mapping):
                hint = "write `<<: *NAME` or `<<: [*NAME, *OTHER]`"
                self._problem("merge-key", f"`<<` takes mappings, not {kind(source)}", source.where, hint)
                continue
            for entry in source.entries:
                entries.setdefault(entry.key, entry)
        return entries

    def _bad_key(self, key: Node) -> None:
        hint = "write a text; `{` and `[` at the beginning of a key need quotes, and so does `null`"
        self._problem("key-not-text", f"a key must be a text, not {kind(key)}", key.where, hint)

    def _duplicate(self, key: str, where: Where, first: Where) -> None:
        hint = "write `<<: [*ONE, *OTHER]`" if key == "<<" else "remove one of them, or put both under one key"
        message = f"the key `{key}` stands here a second time; the first is in line {first.line}"
        self._problem("duplicate-key", message, where, hint)

    def _problem(self, code: str, message: str, where: Where, hint: str) -> None:
        self.problems.append(Problem(code, message, where=where, hint=hint))


def _too_deep(where: Where) -> DockerdeclError:
    message = f"the nesting is deeper than {MAX_NESTING} levels"
    return invalid(Problem("nesting-too-deep", message, where=where, hint="write it flatter"))


def _second_document(where: Where) -> DockerdeclError:
    hint = "keep one document in a file, and name several files with `-f` or `include`"
    return invalid(Problem("several-documents", "a second document begins here", where=where, hint=hint))


def _empty(file: str) -> Problem:
    hint = "a manifest begins with `apiVersion: dockerdecl/v1`; `dockerdecl init` writes one to start from"
    return Problem("empty-file", "the file holds nothing", where=Where(file, 1, 1), hint=hint)


def _unprintable(found: re.Match[str], text: str, file: str) -> Problem:
    hint = 'remove it, or write it as an escape in double quotes, such as "\\x07"'
    message = f"the control character U+{ord(found.group()):04X} is not allowed here"
    return Problem("control-character", message, where=place(text, found.start(), file), hint=hint)
