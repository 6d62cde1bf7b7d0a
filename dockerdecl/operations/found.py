"""The containers of an engine, and those among them that a command line means.

Takes an engine, or what was found on it, and words; gives containers with whose they are. Needs no manifest: labels and
records say what belongs to a project. Inspects nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, fail
from dockerdecl.expressions import expression
from dockerdecl.resources.address import Address, Kind, parse_address
from dockerdecl.resources.ownership import ADOPTED_FOR, TEMPORARY_FOR, owned_address, owner, recorded_labels
from dockerdecl.resources.rows import Raw
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

COMPOSE_PROJECT = "com.docker.compose.project"

_REPLICA = expression(r"(.+)\[([1-9][0-9]{0,8})\]")
_ID_PREFIX = expression(r"[0-9a-f]{4,64}")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FoundContainer:
    """A container on the engine. `state` is the engine's word, `raw` its entry in the engine's list.

    `project` and `address` say whose it is by dockerdecl's labels and records; both are None where it is others'.
    """

    id: str
    name: str
    state: str
    image: str
    labels: Mapping[str, str] = field(default_factory=dict)
    project: str | None = None
    address: Address | None = None
    raw: Raw = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """What to call it: its address where it has one, else its name on the engine."""
        return str(self.address) if self.address else self.name

    @property
    def compose_project(self) -> str | None:
        """The Compose project that it came from."""
        return self.labels.get(COMPOSE_PROJECT)

    @property
    def temporary(self) -> bool:
        """Whether it is a toolbox of `dockerdecl debug`, which goes by itself."""
        return TEMPORARY_FOR in self.labels

    @property
    def running(self) -> bool:
        """Whether its process lives, paused or between restarts included."""
        return self.state in ("running", "paused", "restarting")


def find_containers(engine: Engine) -> tuple[FoundContainer, ...]:
    """Every container on the engine, by name. Raises DockerdeclError where it can't be read."""
    from dockerdecl.engine.calls.containers import list_containers
    from dockerdecl.engine.calls.volumes import list_volumes

    volumes = {volume["Name"]: volume.get("Labels") or {} for volume in list_volumes(engine)}
    recorded: dict[str, Mapping[str, str]] = {}
    for project in {labels[ADOPTED_FOR] for labels in volumes.values() if ADOPTED_FOR in labels}:
        recorded |= recorded_labels(volumes, project)
    found = (_found(listed, recorded) for listed in list_containers(engine))
    return tuple(sorted(found, key=lambda container: container.name))


def _found(listed: Raw, recorded: Mapping[str, Mapping[str, str]]) -> FoundContainer:
    labels = {**(listed.get("Labels") or {}), **recorded.get(listed["Id"], {})}
    name = min(listed.get("Names") or [listed["Id"]], key=lambda text: text.count("/")).lstrip("/")
    project = owner(labels)
    address = owned_address(labels, project) if project else None
    return FoundContainer(
        listed["Id"],
        name,
        listed.get("State") or "",
        listed.get("Image") or "",
        labels,
        project,
        address,
        listed,
    )


def choose(
    found: Sequence[FoundContainer], words: Iterable[str], project: str | None, *, own: bool = False
) -> tuple[FoundContainer, ...]:
    """The containers that `words` mean, in their order, each once; all of the project where there are no words.

    A word is an address (`container.web`, `container.web[2]`), a key (`web`), or for any container its name on the
    engine or the beginning of its id. With `own`, one that isn't the project's is refused: it stays as it is. Raises
    DockerdeclError with every word that means none.
    """
    words = tuple(words)
    mine = tuple(sorted((c for c in found if _is_own(c, project)), key=_by_address))
    if not words:
        return mine
    chosen: dict[str, FoundContainer] = {}
    problems: list[Problem] = []
    for word in words:
        try:
            chosen |= {container.id: container for container in _meant(word, mine, found, project)}
        except DockerdeclError as error:
            problems += error.problems
    problems += [_not_ours(c, project) for c in chosen.values() if own and not _is_own(c, project)]
    if problems:
        raise DockerdeclError(*problems)
    return tuple(chosen.values())


def choose_one(found: Sequence[FoundContainer], word: str, project: str | None, *, own: bool = False) -> FoundContainer:
    """The one container that `word` means; as `choose`. Raises also where it means several replicas."""
    chosen = choose(found, (word,), project, own=own)
    if len(chosen) > 1:
        names = ", ".join(container.label for container in chosen)
        raise fail("container-ambiguous", f"{word!r} means {len(chosen)} containers", hint=f"name one: {names}")
    return chosen[0]


def _is_own(container: FoundContainer, project: str | None) -> bool:
    return project is not None and container.project == project


def _by_address(container: FoundContainer) -> tuple[int, str, int]:
    return container.address.sort_key if container.address else (0, container.name, 0)


def _meant(
    word: str, mine: Sequence[FoundContainer], found: Sequence[FoundContainer], project: str | None
) -> Iterable[FoundContainer]:
    address = parse_address(word)
    if address is not None and address.kind is not Kind.CONTAINER:
        hint = "write container.KEY, or the key alone"
        raise fail("container-needed", f"{word} is no container", hint=hint, exit_code=ExitCode.USAGE)
    if address is not None and project is None:
        hint = "name the project with -p, or the manifest with -f"
        raise fail("project-needed", f"{word} is an address in a project, and no project is known", hint=hint)
    by_key = [c for c in mine if c.address and (address or _of_key(word)).covers(c.address)]
    if by_key:
        return by_key
    by_name = [c for c in found if word in (c.name, c.id)] if address is None else []
    by_id = [c for c in found if c.id.startswith(word)] if address is None and _ID_PREFIX.fullmatch(word) else []
    if by_name or len(by_id) == 1:
        return (by_name or by_id)[:1]
    raise _unknown(word, mine, found, several=len(by_id))


def _of_key(word: str) -> Address:
    replica = _REPLICA.fullmatch(word)
    return Address(Kind.CONTAINER, replica[1], int(replica[2])) if replica else Address(Kind.CONTAINER, word)


def _unknown(
    word: str, mine: Sequence[FoundContainer], found: Sequence[FoundContainer], *, several: int
) -> DockerdeclError:
    if several:
        return fail("container-ambiguous", f"{several} containers have an id that begins with {word}")
    names = list(_names(mine, found))
    return fail("container-unknown", f"there is no container {word!r} on the engine", hint=_hint(word, names, mine))


def _names(mine: Sequence[FoundContainer], found: Sequence[FoundContainer]) -> Iterator[str]:
    for container in mine:
        assert container.address
        yield str(container.address)
        yield str(container.address).partition(".")[2]
    yield from (container.name for container in found)


def _hint(word: str, names: Sequence[str], mine: Sequence[FoundContainer]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, names, n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    there = [container.label.removeprefix("container.") for container in mine]
    if not there:
        return "`dockerdecl ps -a` lists what is there"
    return f"there are {', '.join(there[:_SHOWN])}{' and others' if len(there) > _SHOWN else ''}"


def _not_ours(container: FoundContainer, project: str | None) -> Problem:
    whose = f"the project {container.project}" if container.project else "nobody that dockerdecl knows"
    hint = f"name its project with -p {container.project}" if container.project else "adopt it, or use docker itself"
    mine = f"the project {project}" if project else "any project"
    return Problem("not-ours", f"{container.name} belongs to {whose}, not to {mine}; it is left alone", hint=hint)
