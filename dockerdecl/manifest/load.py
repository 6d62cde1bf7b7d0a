"""The way from what the user named to one tree: find, read, parse, replace variables, include, merge.

Takes file names and an environment, gives one tree with the places of all that is in it. Whether the tree is a valid
manifest is not asked here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import partial
from pathlib import Path

from dockerdecl.collector import no_collector
from dockerdecl.errors import DockerdeclError, Problem, Where, invalid
from dockerdecl.manifest import nodes
from dockerdecl.manifest.env_file import parse_env_file
from dockerdecl.manifest.extends import as_containers, extend_containers
from dockerdecl.manifest.include import Include, Named, import_resources, read_includes
from dockerdecl.manifest.interpolation import Findings, interpolate
from dockerdecl.manifest.merge import merge_manifests
from dockerdecl.manifest.paths import Base, resolve_paths
from dockerdecl.manifest.sources import absolute, display_name, find_files, read_source
from dockerdecl.manifest.texts import SourceText, with_lines
from dockerdecl.manifest.yaml_limits import MAX_FILES_READ
from dockerdecl.manifest.yaml_nodes import Parsed, parse_text
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Loaded:
    """One manifest, put together from all its files.

    `problems` are those that leave the tree whole, so that what else is wrong can be found beside them; a scalar that
    begins at a place in `failed` has one already. `environment` is what variables were looked up in, `variables` the
    names that were asked for, `files` all that was read, env files too.
    """

    root: nodes.Mapping
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    failed: frozenset[Where]
    project_directory: Path
    files: tuple[SourceText, ...]
    variables: frozenset[str]
    environment: Mapping[str, str] = field(repr=False)

    def refusal(self, *further: Problem) -> DockerdeclError:
        """The error (exit code 3) of this manifest's problems and `further` ones, in the order of the files."""
        return _refusal((*self.problems, *further), self.files)

    def with_lines(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """The same problems, each with the line that it points to, where that may be shown."""
        return with_lines(problems, _quotable(self.files))


def _as_it_is(root: nodes.Mapping, _included: bool) -> nodes.Mapping:
    return root


@dataclass(frozen=True, slots=True)
class Dialect:
    """How files of another format than a manifest's become parts of one.

    `prepare` is given the tree of each file before its variables are replaced, and whether another file includes it.
    Where there is `one_folder`, the relative paths of all files are meant from the folder of the first.
    """

    prepare: Callable[[nodes.Mapping, bool], nodes.Mapping] = _as_it_is
    one_folder: bool = False
    versioned: bool = True


MANIFEST = Dialect()


def load_nodes(
    files: tuple[Path, ...], *, environ: Mapping[str, str], env_files: tuple[Path, ...], working_directory: Path
) -> Loaded:
    """One tree from `files`, or from `dockerdecl.yaml` where none is named.

    Variables come from `environ`, then from `env_files`, the last first, or from the `.env` beside the first manifest.
    Raises DockerdeclError (exit code 3) with every problem, in the order of the files.
    """
    loaded = read_nodes(files, environ=environ, env_files=env_files, working_directory=working_directory)
    if loaded.problems:
        raise loaded.refusal()
    return loaded


def read_nodes(
    files: tuple[Path, ...],
    *,
    environ: Mapping[str, str],
    env_files: tuple[Path, ...],
    working_directory: Path,
    dialect: Dialect = MANIFEST,
    given: SourceText | None = None,
) -> Loaded:
    """As `load_nodes`, but raises only where something of the tree is missing; else `problems` has what was found.

    A text that is `given` is read instead of files, as one that lies in the working directory.
    """
    working_directory = Path(os.path.abspath(working_directory))  # noqa: PTH100 - links in the path stay as written
    found = (given.path,) if given else find_files(files, working_directory)
    home = working_directory if given else found[0].parent
    loader = _Loader(working_directory, environ.get("HOME"), dialect, {given.path: given} if given else {})
    with no_collector():
        named = tuple(Named(absolute(path, working_directory), None) for path in env_files)
        environment = loader.environment(named, home, environ)
        folder = home if dialect.one_folder or given else None
        root = loader.manifest(tuple(Named(path, None) for path in found), folder, environment, ())
    sources = tuple(loader.sources.values())
    problems = tuple(dict.fromkeys((*loader.problems, *loader.findings.problems)))
    if root is None or not loader.whole:
        raise _refusal(problems, sources)
    warnings = {warning.message: warning for warning in sorted(loader.findings.warnings, key=_place, reverse=True)}
    return Loaded(
        root=root,
        problems=problems,
        warnings=with_lines(sorted(warnings.values(), key=_place), _quotable(sources)),
        failed=frozenset(loader.findings.failed),
        project_directory=home,
        files=sources,
        variables=frozenset(loader.findings.names),
        environment=environment,
    )


def project_name(
    files: tuple[Path, ...], *, environ: Mapping[str, str], env_files: tuple[Path, ...], working_directory: Path
) -> str | None:
    """The project that a manifest names, whatever else is wrong with it; None where it names none.

    Raises DockerdeclError where a file can't be read.
    """
    loaded = read_nodes(files, environ=environ, env_files=env_files, working_directory=working_directory)
    project = loaded.root.get("project")
    return project.text if isinstance(project, nodes.Scalar) else None


@dataclass(slots=True)
class _Loader:
    """One run: what was read and found so far. `whole` is lost with the first file that can't be used."""

    working_directory: Path
    home: str | None
    dialect: Dialect
    sources: dict[Path, SourceText] = field(default_factory=dict)
    parsed: dict[Path, Parsed] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    whole: bool = True
    reads: int = 0

    def environment(self, env_files: tuple[Named, ...], folder: Path, outer: Mapping[str, str]) -> Mapping[str, str]:
        """What variables are looked up in: `outer`, then `env_files` or else the `.env` in `folder`."""
        if not env_files and (folder / ".env").is_file():
            env_files = (Named(folder / ".env", None),)
        values: dict[str, str] = {}
        for file in env_files:
            try:
                source = self._source(file, shown=False)
            except DockerdeclError as error:
                self._lose(*error.problems)
                continue
            read = parse_env_file(source, outer.get, values)
            self.findings.problems += read.problems
            self.findings.warnings += read.warnings
            values = read.values
        return {**values, **outer}

    def manifest(
        self, files: tuple[Named, ...], folder: Path | None, environment: Mapping[str, str], chain: tuple[Path, ...]
    ) -> nodes.Mapping | None:
        """`files` merged to one tree. `folder` is what their paths are meant from, if not from where they lie."""
        read = [self._file(file, folder or file.path.parent, environment, chain) for file in files]
        roots = [root for root in read if root is not None]
        if not roots:
            return None
        if self.dialect.versioned and not chain and read[0] is not None and read[0].get("apiVersion") is None:
            self.problems.append(_no_version(read[0]))
        merged = merge_manifests(roots)
        self.problems += merged.problems
        return merged.root

    def _file(
        self, file: Named, folder: Path, environment: Mapping[str, str], chain: tuple[Path, ...]
    ) -> nodes.Mapping | None:
        root = self._tree(file, chain)
        if root is None:
            return None
        source = self.sources[file.path]
        root = interpolate(self.dialect.prepare(root, bool(chain)), source, environment.get, self.findings)
        base = Base(folder, self.home)
        includes = read_includes(root, base)
        self.problems += includes.problems
        root = resolve_paths(root.without("include"), base)
        root, problems = extend_containers(root, file.path, base, partial(self._extended, environment))
        self.problems += problems
        for include in includes.entries:
            root = self._with_include(root, include, environment, (*chain, file.path))
        return root

    def _extended(self, environment: Mapping[str, str], file: Named) -> nodes.Mapping | None:
        """The tree of a file that containers are taken from; what it includes is not looked at."""
        root = self._tree(file, ())
        if root is None:
            return None
        root = as_containers(self.dialect.prepare(root, True))
        root = interpolate(root, self.sources[file.path], environment.get, self.findings)
        return resolve_paths(root, Base(file.path.parent, self.home))

    def _with_include(
        self, root: nodes.Mapping, include: Include, environment: Mapping[str, str], chain: tuple[Path, ...]
    ) -> nodes.Mapping:
        folder = include.folder or include.files[0].path.parent
        inner = self.environment(include.env_files, folder, environment)
        from_folder = folder if self.dialect.one_folder else include.folder
        included = self.manifest(include.files, from_folder, inner, chain)
        if included is None:
            return root
        root, problems = import_resources(root, included)
        self.problems += problems
        return root

    def _tree(self, file: Named, chain: tuple[Path, ...]) -> nodes.Mapping | None:
        """What `file` holds, or None, with the reason among the problems."""
        self.reads += 1
        if self.reads > MAX_FILES_READ:
            if self.reads == MAX_FILES_READ + 1:
                self._lose(_too_many_files(file.where))
            return None
        if any(_same_file(file.path, above) for above in chain):
            self._lose(self._cycle(file, chain))
            return None
        try:
            source = self._source(file)
        except DockerdeclError as error:
            self._lose(*error.problems)
            return None
        if file.path not in self.parsed:
            self.parsed[file.path] = parse_text(source.content, source.name)
        parsed = self.parsed[file.path]
        self.problems += parsed.problems
        if isinstance(parsed.root, nodes.Mapping):
            return parsed.root
        self._lose(*(() if parsed.root is None else (_not_a_mapping(parsed.root),)))
        return None

    def _source(self, file: Named, *, shown: bool = True) -> SourceText:
        if file.path not in self.sources:
            self.sources[file.path] = read_source(file.path, self.working_directory, named_at=file.where, shown=shown)
        return self.sources[file.path]

    def _lose(self, *problems: Problem) -> None:
        self.whole = False
        self.problems += problems

    def _cycle(self, file: Named, chain: tuple[Path, ...]) -> Problem:
        names = [display_name(path, self.working_directory) for path in (*chain, file.path)]
        message = f"`{names[-1]}` includes itself: {' → '.join(names)}"
        return Problem("include-cycle", message, where=file.where, hint="take one of these includes out")


def _same_file(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _place(problem: Problem) -> Where:
    return problem.where or Where("", 0, 0)


def _quotable(sources: tuple[SourceText, ...]) -> dict[str, str]:
    return {source.name: source.content for source in sources if source.shown}


def _refusal(problems: tuple[Problem, ...], sources: tuple[SourceText, ...]) -> DockerdeclError:
    return invalid(*with_lines(problems, _quotable(sources)))


def _no_version(root: nodes.Mapping) -> Problem:
    message = "the manifest does not say which format it is written in"
    return Problem(
        "api-version-missing", message, where=root.where, hint="write `apiVersion: dockerdecl/v1` at the top"
    )


def _not_a_mapping(root: nodes.Node) -> Problem:
    if nodes.is_null(root):
        hint = "`dockerdecl init` writes one to start from"
        return Problem("empty-file", "the file holds nothing", where=root.where, hint=hint)
    hint = "begin with `apiVersion: dockerdecl/v1` and sections such as `containers:`"
    message = f"a manifest is a mapping, not {nodes.kind(root)}"
    return Problem("not-a-mapping", message, where=root.where, hint=hint)


def _too_many_files(where: Where | None) -> Problem:
    message = f"more than {MAX_FILES_READ:,} files would be read"
    return Problem("too-many-files", message, where=where, hint="includes multiply: include each file in one place")
