"""Rules 2 to 5 that follow from the traps, each a property of single fields; no engine runs.

More examples, and others: DOCKERDECL_TEST_EXAMPLES=400.
"""

from __future__ import annotations

import os
import random
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dockerdecl.planning.compare import DROPPED, claims, differences
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.ownership import CLAIMS
from dockerdecl.resources.rows import Context, Raw, Row, rows
from dockerdecl.resources.spec import newer_fields
from tests.support.declared import images, releases, shown
from tests.support.field_values import FIELDS, Values
from tests.support.read_back import Release

WANTED = os.environ.get("DOCKERDECL_TEST_EXAMPLES")
many = settings(
    max_examples=int(WANTED or "30"),
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)

ROWS = {row.name: row for row in rows(Container)}
FROM_DAEMON = sorted(name for name, row in ROWS.items() if row.from_daemon)
MAY_BE_DROPPED = sorted(name for name, row in ROWS.items() if row.may_be_dropped)
ALONE = {"network_mode": "bridge"}


def spec_of(values: Values) -> Container:
    spec = Container.model_validate({**({} if "networks" in values else ALONE), **values})
    sources = tuple(text.removeprefix("container:") for text in spec.volumes_from or ())
    return spec.model_copy(update={"volumes_from": sources or None})


def known(spec: Container, release: Release) -> Container:
    """The spec, where the release is not too old for it."""
    assume(not list(newer_fields(spec, release.api_version)))
    return spec


def effective(row: Row, spec: Container, context: Context) -> Any:
    return row.lens.effective(getattr(spec, row.name), spec, context)


def differing(spec: Container, live: Raw, context: Context, claimed: str) -> set[str]:
    found = differences(spec, live, context, {CLAIMS: claimed})
    return {change.path[0] for change in found if change.forces != DROPPED}


# 2. Absent is the image's, else no claim; taking a claim away is a difference only if the effective value changes.


@many
@given(
    field=st.sampled_from(sorted(FIELDS)),
    beside=st.lists(st.sampled_from(sorted(FIELDS)), max_size=3, unique=True),
    data=st.data(),
    image=images,
    release=releases,
)
def test_rule_02_what_is_taken_away_is_seen_where_it_meant_something_and_nowhere_else(
    field: str, beside: list[str], data: st.DataObject, image: Raw, release: Release
) -> None:
    taken = data.draw(FIELDS[field])
    rest = {word: value for other in beside for word, value in data.draw(FIELDS[other]).items() if word not in taken}
    assume(not {"network_mode", "links"} & {*taken, *rest} or "networks" not in {*taken, *rest})
    assume(("networks" in taken) <= ("networks" in rest))
    spec, without = known(spec_of({**rest, **taken}), release), spec_of(rest)
    live, context = shown(spec, image, release)
    changed = {name for name, row in ROWS.items() if effective(row, spec, context) != effective(row, without, context)}
    never_claimed = {name for name in FROM_DAEMON if effective(ROWS[name], spec, context) in (None, {})}
    found = differing(without, live, context, claims(spec))
    assert found == changed - {name for name in never_claimed if getattr(without, name) is None}


# 3. Of what the user, the image and the daemon supply, only the first is compared as ours.


@many
@given(field=st.sampled_from(FROM_DAEMON), data=st.data(), image=images, release=releases)
def test_rule_03_what_a_daemon_supplied_is_nobodys(
    field: str, data: st.DataObject, image: Raw, release: Release
) -> None:
    supplied = known(spec_of(data.draw(FIELDS[field])), release)
    live, context = shown(supplied, image, release)
    ours = supplied.model_copy(update={field: None})
    assert differing(ours, live, context, claims(ours)) == set()


# 4. What an engine did not take is told as such, and never planned for ever.


@many
@given(field=st.sampled_from(MAY_BE_DROPPED), data=st.data(), release=releases)
def test_rule_04_what_was_not_taken_is_told_until_something_else_is_asked_for(
    field: str, data: st.DataObject, release: Release
) -> None:
    asked, other = (spec_of(data.draw(FIELDS[field])) for _ in range(2))
    live, context = shown(spec_of({}), {}, release)
    wanted = [effective(ROWS[field], spec, context) for spec in (asked, other)]
    assume(wanted[0])
    told = differences(asked, live, context, {CLAIMS: claims(asked)})
    assert {(change.path[0], change.forces) for change in told} == {(field, DROPPED)}
    assert bool(differing(other, live, context, claims(asked))) == bool(wanted[1] and wanted[1] != wanted[0])


# 5. Sets as sets, maps as maps, ordered lists as lists; quantities, addresses and paths parsed on both sides.


def shuffled(value: Any, chance: random.Random) -> Any:
    return chance.sample(value, len(value)) if isinstance(value, list) else value


def as_list_or_map(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        return [name if text is None else f"{name}={text}" for name, text in value.items()]
    return dict(item.partition("=")[::2] for item in value) if isinstance(value, list) else value


def other_case(value: Any, chance: random.Random) -> Any:
    names = (name.upper().removeprefix("CAP_") for name in shuffled([*value, *value[:1]], chance))
    return [
        name if name == "ALL" else chance.choice((name.lower(), f"CAP_{name}", f"cap_{name.lower()}")) for name in names
    ]


def in_bytes(value: Any, chance: random.Random) -> Any:
    return Container.model_validate({"mem_limit": value}).mem_limit


def in_nanoseconds(value: Any, chance: random.Random) -> Any:
    return f"{Container.model_validate({'stop_grace_period': value}).stop_grace_period}ns"


def words(value: Any, chance: random.Random) -> Any:
    return shlex.join(value) if isinstance(value, list) else shlex.split(value)


def alone_or_listed(value: Any, chance: random.Random) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


OTHER_WORDS: Mapping[str, Callable[[Any, random.Random], Any]] = {
    **dict.fromkeys(("environment", "labels", "sysctls"), as_list_or_map),
    **dict.fromkeys(("cap_add", "cap_drop"), other_case),
    **dict.fromkeys(("ports", "expose", "group_add", "security_opt", "devices", "volumes"), shuffled),
    **dict.fromkeys(("extra_hosts", "device_cgroup_rules"), shuffled),
    **dict.fromkeys(("mem_limit", "mem_reservation", "shm_size", "memswap_limit"), in_bytes),
    **dict.fromkeys(("dns", "dns_search", "dns_opt"), alone_or_listed),
    **dict.fromkeys(("command", "entrypoint"), words),
    "stop_grace_period": in_nanoseconds,
    "cpus": lambda value, _: f"{value}000" if "." in str(value) else f"{value}.0",
    "mac_address": lambda value, _: value.lower().replace("-", ":"),
    "working_dir": lambda value, _: f"{value}/./x/..",
}
ORDERED = ("dns", "dns_search", "dns_opt", "command")


@many
@given(
    field=st.sampled_from(sorted(OTHER_WORDS)), data=st.data(), image=images, release=releases, seed=st.integers(0, 99)
)
def test_rule_05_another_notation_is_no_difference(
    field: str, data: st.DataObject, image: Raw, release: Release, seed: int
) -> None:
    values = data.draw(FIELDS[field])
    spec = known(spec_of(values), release)
    live, context = shown(spec, image, release)
    reworded = spec_of({**values, field: OTHER_WORDS[field](values[field], random.Random(seed))})
    assert differing(reworded, live, context, claims(spec)) == set()


@many
@given(field=st.sampled_from(ORDERED), data=st.data(), image=images, release=releases)
def test_rule_05_another_order_of_what_is_ordered_is_a_difference(
    field: str, data: st.DataObject, image: Raw, release: Release
) -> None:
    spec = known(spec_of(data.draw(FIELDS[field])), release)
    live, context = shown(spec, image, release)
    reversed_ = spec.model_copy(update={field: getattr(spec, field)[::-1]})
    ordered = getattr(spec, field) != getattr(reversed_, field)
    assert differing(reversed_, live, context, claims(spec)) == ({field} if ordered else set())


@pytest.mark.parametrize("field", FROM_DAEMON)
def test_every_field_that_a_daemon_supplies_has_values(field: str) -> None:
    assert field in FIELDS
