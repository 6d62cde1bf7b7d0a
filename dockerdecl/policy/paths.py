"""Paths into what is declared: `labels.team`, `ports[*].host_ip`, `labels["com.example.team"]`.

Takes the text of a path and the model that it leads into; gives its steps, what type it leads to, and the values that
are found along it in a declared resource. A path that no resource of the kind can have is an error, since it would
never be found, and the rule never hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from dockerdecl.expressions import expression
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.spec import Spec

EVERY = "*"
_STEP = expression(r"""(?:^|\.)(?P<name>[\w-]+|\*)|\[(?:(?P<index>\d+)|(?P<every>\*)|(["'])(?P<quoted>.*?)\4)\]""")
_FORM = 'write one such as `labels.team`, `ports[*].host_ip` or `labels["com.example.team"]`'

Steps: TypeAlias = tuple[str | int, ...]

# What a container holds no more once it was read: another field says the same.
_SPENT: Mapping[str, str] = MappingProxyType(
    {
        "deploy": "the plain fields, such as `replicas`, `mem_limit` and `cpus`",
        "extends": "the fields that it brings in",
        "pull_refresh_after": "`pull_policy`",
        "scale": "`replicas`",
        "use_api_socket": "`volumes[*].source`",
    }
)


def parse_path(text: str) -> Steps:
    """The steps of a path: names, indexes and `*`. Raises ValueError where it is none."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            break
        index = found["index"]
        name = found["name"] or found["every"] or found["quoted"] or ""
        steps.append(int(index) if index else name)
        position = found.end()
    if position < len(text) or not steps:
        raise ValueError(f"`{text}` is no path; {_FORM}")
    return tuple(steps)


def type_at(model: type[Spec], steps: Steps) -> Any:
    """The annotation of what the path leads to. Raises ValueError where nothing of the model is there."""
    here: Any = model
    if model is Container and steps[0] in _SPENT:
        instead = _SPENT[str(steps[0])]
        raise ValueError(f"`{steps[0]}` is told by other fields once it was read; write {instead}")
    for number, step in enumerate(steps):
        parts = list(_below(here, step))
        if not parts:
            known = [name for part in _plain(here) if _is_spec(part) for name in _fields(_bare(part))]
            walked = ".".join(map(str, steps[:number])) or f"a {model.__name__.lower()}"
            otherwise = f"it has {', '.join(known)}" if known else f"take `{step}` out: it is a single value"
            raise ValueError(f"{walked} has no `{step}`; {did_you_mean(str(step), known, otherwise)}")
        here = parts[0] if len(parts) == 1 else Union[tuple(parts)]  # noqa: UP007 - made of what was found
    return here


def single_types(annotation: Any) -> tuple[Any, ...]:
    """The types of an annotation that are no collections of others, None left out."""
    return tuple(part for part in _plain(annotation) if not _is_collection(part))


def item_types(annotation: Any) -> tuple[Any, ...]:
    """The types of the items of the lists, and of the keys of the maps, that an annotation allows."""
    found: list[Any] = []
    for part in _plain(annotation):
        if get_origin(_bare(part)) in (tuple, list, dict):
            found += single_types(get_args(_bare(part))[0])
    return tuple(found)


def values_at(value: Any, steps: Steps, walked: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """What is found along the path in a resource's JSON form: each value that is something, and where it is."""
    if not steps:
        if value is not None and value not in ([], {}):
            yield walked, value
        return
    step, *rest = steps
    for key, below in _children(value, step):
        yield from values_at(below, tuple(rest), (*walked, key))


def _children(value: Any, step: str | int) -> Iterator[tuple[str | int, Any]]:
    match value:
        case dict():
            if step == EVERY:
                yield from value.items()
            elif str(step) in value:
                yield str(step), value[str(step)]
        case list():
            if step == EVERY:
                yield from enumerate(value)
            elif isinstance(step, int) and step < len(value):
                yield step, value[step]


def _below(annotation: Any, step: str | int) -> Iterator[Any]:
    for part in _plain(annotation):
        bare = _bare(part)
        if _is_spec(bare):
            fields = _fields(bare)
            yield from (fields.values() if step == EVERY else [fields[str(step)]] if step in fields else ())
        elif get_origin(bare) in (tuple, list) and (step == EVERY or isinstance(step, int)):
            yield get_args(bare)[0]
        elif get_origin(bare) is dict:
            yield get_args(bare)[1]


def _fields(model: Any) -> dict[str, Any]:
    "the fields of a spec by the word they are written with; what dockerdecl itself fills in has the same types"
    return {
        field.word: Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        for name, field in model.model_fields.items()
    }


def _plain(annotation: Any) -> Iterator[Any]:
    "the choices of an annotation, each with what it says of itself, None left out"
    bare = _bare(annotation)
    if get_origin(bare) in (Union, UnionType):
        for choice in get_args(bare):
            yield from _plain(choice)
    elif bare is not type(None):
        yield annotation


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _is_spec(annotation: Any) -> bool:
    bare = _bare(annotation)
    return isinstance(bare, type) and issubclass(bare, Spec)


def _is_collection(annotation: Any) -> bool:
    return _is_spec(annotation) or get_origin(_bare(annotation)) in (tuple, list, dict)
