"""What differs between a spec and an inspection, field by field, in the manifest's words.

Walks the rows of the field table; knows no field by name but for the label of claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from dockerdecl.planning.values import FieldChange, Path
from dockerdecl.resources import podman
from dockerdecl.resources.masking import MASK, masked_text, masked_words
from dockerdecl.resources.ownership import CLAIMS
from dockerdecl.resources.rows import SECTIONS, ByConnecting, Context, InPlace, Raw, Row, is_set, look_up, rows
from dockerdecl.resources.spec import Spec, write

DROPPED = "nothing"
"""What a field forces that the engine was given and did not take."""

_NOTHING: tuple[Any, ...] = (None, {}, ())


def differences(
    spec: Spec, live: Raw, context: Context, labels: Mapping[str, str], *, show_sensitive: bool = False
) -> tuple[FieldChange, ...]:
    """Every value that differs. `context.image` is the image that the live one was made from."""
    claimed = dict(entry.partition("=")[::2] for entry in (labels.get(CLAIMS) or "").split(",") if entry)
    parts = {path[:length] for path in map(_path, claimed) for length in range(2, len(path) + 1)}
    sections = {name: (live.get(name) or {}) if name else live for name in SECTIONS}
    request: Raw | None = None
    found: list[FieldChange] = []
    for row in rows(type(spec)):
        declared = getattr(spec, row.name)
        # Most fields are neither written nor there, and that is quickly seen.
        if (
            declared is None
            and row.name not in claimed
            and (row.from_daemon or (row.only and row.only.shows_nothing(sections)))
        ):
            continue
        before = row.lens.read(live, context)
        after = row.lens.effective(declared, spec, context)
        if row.from_daemon:
            unclaimed = _is_unclaimed(declared, after)
            if unclaimed and row.name not in claimed:
                continue
            if not unclaimed or any(part[0] == row.name for part in parts):
                held = _claimed_part(before, after, (row.name,), parts)
                before = after if held in _NOTHING and after in _NOTHING else held
        elif row.loose:
            before = _without_unclaimed(row, _remembered(row, before, live, claimed), after, parts)
        if before != after:
            request = write(spec, context) if request is None else request
            dropped = row.may_be_dropped and claimed.get(row.name) == _digest(declared) and _is_part(before, after)
            for change in _changes_of(row, before, after, context, show_sensitive=show_sensitive):
                obstacle = _unconnectable(row, change, request)
                obstacle = None if dropped else obstacle or _obstacle(row, request, live, type(spec))
                in_place = row.in_place is not None and obstacle is None
                forces = DROPPED if dropped else "update" if in_place else "replace"
                found.append(replace(change, forces=forces, obstacle=obstacle))
    return tuple(found)


def _is_nowhere(row: Row, sections: Mapping[str, Raw]) -> bool:
    return row.only is not None and row.only.shows_nothing(sections)


def claims(spec: Spec) -> str:
    """What the label `dockerdecl.claims` holds.

    The declared fields that a daemon would fill, with the keys below them (`logging,logging.options.max-size`), and
    those that an engine may have left out, with a digest of what was declared. Of what an engine does not always show,
    the value: `networks.shop_back.mac_address=02%3A42%3Aac%3A11%3A00%3A05`.
    """
    found: list[str] = []
    for row in rows(type(spec)):
        declared = getattr(spec, row.name)
        if declared is not None and row.may_be_dropped:
            found.append(f"{row.name}={_digest(declared)}")
        elif declared is not None and row.from_daemon:
            effective = row.lens.effective(declared, spec, Context())
            found += [] if _is_unclaimed(declared, effective) else _claimed_paths(row.name, effective)
        elif declared is not None and row.loose:
            loose = row.lens.effective(declared, spec, Context()).items()
            found += [
                f"{row.name}.{_quoted((key, word))}={quote(str(part[word]))}"
                for key, part in loose
                for word in row.loose
                if word in part
            ]
    return ",".join(found)


def _is_unclaimed(declared: Any, effective: Any) -> bool:
    "also where it is written as 0 or as an empty text, which an engine takes as nothing"
    return declared is None or effective is None


def _claimed_paths(name: str, declared: Any) -> list[str]:
    "a map that says nothing claims nothing"
    if not isinstance(declared, Mapping):
        return [name]
    below = [f"{name}.{_quoted(path)}" for path in _paths(declared) if path]
    return [name, *below] if below else []


def _paths(declared: Any) -> Iterator[Path]:
    if not isinstance(declared, Mapping):
        yield ()
    else:
        yield from ((str(key), *path) for key, value in declared.items() for path in _paths(value))


def _quoted(path: Path) -> str:
    return ".".join(quote(key, safe=" ").replace(".", "%2E") for key in path)


def _path(entry: str) -> Path:
    return tuple(unquote(key) for key in entry.split("."))


def _digest(declared: Any) -> str:
    return hashlib.sha256(repr(declared).encode()).hexdigest()[:12]


def _is_part(live: Any, declared: Any) -> bool:
    "whether all that the engine holds was asked for, something of it being left out"
    if isinstance(live, Mapping) and isinstance(declared, Mapping):
        return all(
            key in declared and (live[key] == declared[key] or _is_part(live[key], declared[key])) for key in live
        )
    return not live


def _claimed_part(live: Any, declared: Any, path: Path, claimed: Set[Path]) -> Any:
    "what the daemon adds to a map is nobody's claim: left are the keys that are declared, or were"
    if not isinstance(live, Mapping) or not isinstance(declared, Mapping | None):
        return live
    wanted = declared or {}
    former = sorted(key for key in live if key not in wanted and (*path, key) in claimed)
    return {
        key: _claimed_part(live[key], wanted.get(key), (*path, key), claimed)
        for key in (*wanted, *former)
        if key in live
    }


def _remembered(row: Row, before: Any, live: Raw, claimed: Mapping[str, str]) -> Any:
    "what an engine shows only while the container runs (measured on 26.1, 28.5) is what was claimed where it doesn't"
    if look_up(live, "State.Running") is not False:
        return before
    former = {_path(entry): unquote(value) for entry, value in claimed.items() if value}
    return {
        key: {**{word: former[row.name, key, word] for word in row.loose if (row.name, key, word) in former}, **part}
        for key, part in before.items()
    }


def _without_unclaimed(row: Row, before: Any, after: Any, claimed: Set[Path]) -> Any:
    "what a daemon gives to the parts of a map is nobody's claim where it isn't declared and never was"

    def counts(key: str, word: str) -> bool:
        return word not in row.loose or word in after.get(key, {}) or (row.name, key, word) in claimed

    return {key: {word: value for word, value in part.items() if counts(key, word)} for key, part in before.items()}


def _changes_of(row: Row, before: Any, after: Any, context: Context, *, show_sensitive: bool) -> Iterator[FieldChange]:
    for path, old, new in leaves(before, after, (row.name,)):
        if context.product == podman.PODMAN and podman.is_same(path, old, new):
            continue
        sensitive = row.sensitive is not None and row.sensitive.masks(path)
        told = _shown(row, old), _shown(row, new)
        masked = (_masked(told[0], whole=sensitive), _masked(told[1], whole=sensitive))
        before, after = told if show_sensitive else masked
        yield FieldChange(path, before, after, sensitive or masked[0] == masked[1])


def _masked(value: Any, *, whole: bool) -> Any:
    "a password may stand in a command or in a URL too"
    match value:
        case None:
            return None
        case _ if whole:
            return MASK
        case str():
            return masked_text(value)
        case list() | tuple():
            return type(value)(masked_words(value))
    return value


def _unconnectable(row: Row, change: FieldChange, request: Raw) -> str | None:
    "what a daemon fills in is claimed by a label, which a container that stays can't be given or lose"
    if not isinstance(row.in_place, ByConnecting):
        return None
    if change.path[-1] in row.loose and change.after is None:
        return f"{change.path[-1]} can't be taken away in place"
    return None if _connects(request, change.path[1:2]) else "only a new container can be given a MAC address"


def _obstacle(row: Row, request: Raw, live: Raw, model: type[Spec]) -> str | None:
    "why a field that can change in place can't be given here what the request holds"
    if not isinstance(row.in_place, InPlace):
        return None
    wanted, held = (look_up(raw, "HostConfig") or {} for raw in (request, live))
    if not all(key in wanted or key in row.in_place.reset for key in row.in_place.keys):
        return f"{row.name} can't be taken away in place"
    for key, clearing in row.in_place.refused_beside.items():
        if clearing is None and is_set(held.get(key)):
            return f"{row.name} can't be set in place where {_row_of(key, model).name} was set"
    for key, value in row.in_place.at_start.items():
        if look_up(live, "State.Running") and wanted.get(key) == value and is_set(held.get(key)):
            return f"{row.name} can't be made unlimited in place while it runs"
    return None


def _row_of(key: str, model: type[Spec]) -> Row:
    return next(row for row in rows(model) if isinstance(row.in_place, InPlace) and key in row.in_place.keys)


def connects_in_place(spec: Spec, networks: Iterable[str], context: Context) -> bool:
    """Whether a container that stays can be connected to these networks again as it is declared.

    Engines before API 1.54 drop the MAC address of a connection (measured on 26.1 and 28.5): only a creation takes it.
    """
    return _connects(write(spec, context), networks)


def _connects(request: Raw, networks: Iterable[str]) -> bool:
    endpoints = look_up(request, "NetworkingConfig.EndpointsConfig") or {}
    return not any((endpoints.get(name) or {}).get("MacAddress") for name in tuple(networks) or tuple(endpoints))


def _shown(row: Row, value: Any) -> Any:
    if value is None or row.show is None:
        return value
    return row.show(value)


def leaves(before: Any, after: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """The values below a path that differ; a map that is there on one side only is one value."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in (*before, *(key for key in after if key not in before)):
            if before.get(key) != after.get(key) or (key in before) != (key in after):
                yield from leaves(before.get(key), after.get(key), (*path, str(key)))
    else:
        yield path, before, after
