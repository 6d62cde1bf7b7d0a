"""The environment of containers, complete: what their env files hold, and what the user's own environment gives.

Takes a container as it was written, gives its variables, as Compose puts them together: env files in their order, the
last of equal names wins, and `environment` over all of them. A name without a value is taken from outside. Problems
never carry a value or a line of an env file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from dockerdecl.errors import DockerdeclError, Problem, Where
from dockerdecl.manifest.env_file import EnvFile, parse_env_file
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.sources import read_source
from dockerdecl.manifest.texts import SourceText, split_lines
from dockerdecl.resources.container.parts import EnvFile as EnvFileEntry
from dockerdecl.resources.container.parts import Hook
from dockerdecl.resources.container.spec import Container
from dockerdecl.values import dataclass

_BLANKS = " \t"


@dataclass(slots=True)
class Environments:
    """Completes the containers of one run; a file that several containers name is read once.

    What is wrong or not set is added to `problems` and `warnings`.
    """

    environ: Mapping[str, str] = field(repr=False)
    places: Places
    working_directory: Path
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    sources: dict[Path, SourceText] = field(default_factory=dict, repr=False)

    def completed(self, key: str, container: Container) -> Container:
        """The container with all its variables in `environment`, and all its labels in `labels`."""
        return self._with_labels(key, self._with_variables(key, self._with_hooks(container)))

    def _with_hooks(self, container: Container) -> Container:
        "a variable of a hook without a value is taken from outside, like one of the container"
        found = {}
        for word in ("post_start", "pre_stop"):
            hooks: tuple[Hook, ...] = getattr(container, word) or ()
            if any(None in (hook.environment or {}).values() for hook in hooks):
                found[word] = tuple(hook.model_copy(update={"environment": self._outer(hook)}) for hook in hooks)
        return container.model_copy(update=found) if found else container

    def _outer(self, hook: Hook) -> dict[str, str | None]:
        declared = hook.environment or {}
        return {name: self.environ.get(name) if text is None else text for name, text in declared.items()}

    def _with_labels(self, key: str, container: Container) -> Container:
        if container.state == "absent" or not container.label_file:
            return container
        found: dict[str, str] = {}
        for index, path in enumerate(container.label_file):
            entry = EnvFileEntry(path=path)
            found = self._with_file(entry, self.places.value(("containers", key, "label_file", index)), {}, found)
        return container.model_copy(update={"labels": {**found, **(container.labels or {})}, "label_file": None})

    def _with_variables(self, key: str, container: Container) -> Container:
        declared = container.environment or {}
        if container.state == "absent" or (not container.env_file and None not in declared.values()):
            return container
        own = {name: self.environ.get(name) if text is None else text for name, text in declared.items()}
        found: dict[str, str] = {}
        for index, entry in enumerate(container.env_file or ()):
            found = self._with_file(entry, self.places.value(("containers", key, "env_file", index)), own, found)
        return container.model_copy(update={"environment": {**found, **own}})

    def _with_file(
        self, entry: EnvFileEntry, where: Where, own: Mapping[str, str | None], earlier: dict[str, str]
    ) -> dict[str, str]:
        path = Path(entry.path)
        if not entry.required and not path.exists():
            return earlier
        try:
            if path not in self.sources:
                self.sources[path] = read_source(path, self.working_directory, named_at=where, shown=False)
        except DockerdeclError as error:
            self.problems += error.problems
            return earlier
        if entry.format == "raw":
            read = _read_raw(self.sources[path], self.environ, earlier)
        else:
            outer = {name: text for name, text in own.items() if text is not None} | dict(self.environ)
            read = parse_env_file(self.sources[path], outer.get, earlier)
        self.problems += read.problems
        self.warnings += read.warnings
        return read.values


def _read_raw(source: SourceText, environ: Mapping[str, str], earlier: Mapping[str, str]) -> EnvFile:
    """`NAME=value` lines with values as they are written, quotes and `$` too, as `docker run --env-file` reads them."""
    read = EnvFile(dict(earlier))
    for number, line in enumerate(split_lines(source.content), start=1):
        text = line.lstrip()
        if not text or text.startswith("#"):
            continue
        name, separator, value = text.partition("=")
        if not name or any(blank in name for blank in _BLANKS):
            hint = "write `NAME=value`, without a space in the name"
            where = Where(source.name, number, len(line) - len(text) + 1)
            read.problems.append(
                Problem("env-file-syntax", "this line has no name before a `=`", where=where, hint=hint)
            )
        elif separator:
            read.values[name] = value
        elif name in environ:
            read.values[name] = environ[name]
    return read
