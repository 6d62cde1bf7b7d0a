"""The way through: load, read, plan, apply. What the commands call, and what an agent will.

Takes a request, gives values and documents; prints nothing, asks nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, fail

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.execution.events import Listener
    from dockerdecl.execution.report import Report
    from dockerdecl.manifest.manifest import Manifest
    from dockerdecl.planning.document import PlanDocument
    from dockerdecl.planning.status import StatusDocument
    from dockerdecl.planning.values import Options, Plan
    from dockerdecl.resources.actual import Actual
    from dockerdecl.resources.address import Address
    from dockerdecl.resources.desired import Desired


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for: which manifest, which engine, and the choices of this run."""

    files: tuple[Path, ...] = ()
    env_files: tuple[Path, ...] = ()
    project: str | None = None
    profiles: tuple[str, ...] = ()
    host: str | None = None
    context: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    working_directory: Path = Path()
    targets: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    volumes: bool = False
    images: bool = False
    parallelism: int | None = None
    settle_seconds: float = 1.0
    show_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and the connection that it was made over, which `apply` goes on with."""

    plan: Plan
    engine: Engine = field(repr=False)
    request: Request = field(repr=False)
    warnings: tuple[Problem, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done."""
        return self.plan.empty

    def document(self) -> PlanDocument:
        """The plan as JSON."""
        from dockerdecl.planning.document import plan_document

        return plan_document(self.plan)


def validate(request: Request) -> Manifest:
    """The manifest, checked without an engine. Raises DockerdeclError (exit code 3) with every problem."""
    from dockerdecl.manifest.manifest import load

    return load(
        request.files,
        environ=request.environ,
        env_files=request.env_files,
        working_directory=request.working_directory,
        project=request.project,
        profiles=request.profiles,
        named=tuple(address.key for address in _addresses((*request.targets, *request.replace))),
    )


def plan(request: Request) -> Prepared:
    """What differs and what would be done. Raises DockerdeclError where the manifest, the engine or the state of it
    stands in the way.
    """
    from dockerdecl.planning.plan import make_plan

    manifest, desired, engine, actual = _read(request)
    try:
        return Prepared(make_plan(desired, actual, _options(request)), engine, request, manifest.warnings)
    except DockerdeclError as error:
        engine.close()
        raise _with_places(error, manifest) from error


def plan_destroy(request: Request) -> Prepared:
    """What taking the project down would do."""
    from dockerdecl.planning.destroying import make_destroy_plan

    manifest, desired, engine, actual = _read(request)
    try:
        made = make_destroy_plan(desired, actual, _options(request), volumes=request.volumes, images=request.images)
        return Prepared(made, engine, request, manifest.warnings)
    except DockerdeclError as error:
        engine.close()
        raise _with_places(error, manifest) from error


def plan_adopt(request: Request) -> Prepared:
    """What taking the request's targets under ownership would do."""
    from dockerdecl.planning.adopting import make_adopt_plan

    manifest, desired, engine, actual = _read(request)
    try:
        return Prepared(
            make_adopt_plan(desired, actual, _addresses(request.targets)), engine, request, manifest.warnings
        )
    except DockerdeclError as error:
        engine.close()
        raise _with_places(error, manifest) from error


def apply(prepared: Prepared, *, listener: Listener, interrupt: threading.Event) -> Report:
    """Carry out a plan; gives what became of every step. `interrupt` ends it after the running steps."""
    from dockerdecl.execution.scheduler import PARALLELISM, execute

    with prepared.engine as engine:
        return execute(
            prepared.plan,
            engine,
            prepared.request.environ,
            listener=listener,
            interrupt=interrupt,
            parallelism=prepared.request.parallelism or PARALLELISM,
        )


def status(request: Request) -> StatusDocument:
    """What is declared beside what is there, by address."""
    from dockerdecl.planning.plan import make_plan
    from dockerdecl.planning.status import status_document

    manifest, desired, engine, actual = _read(request)
    with engine:
        try:
            return status_document(desired, actual, make_plan(desired, actual, _options(request)))
        except DockerdeclError as error:
            raise _with_places(error, manifest) from error


SCHEMAS = ("manifest", "plan", "report", "status")


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a manifest, or of one of the documents that the commands print with `--format json`."""
    from dockerdecl.execution.report import ReportDocument
    from dockerdecl.manifest.schema import manifest_schema
    from dockerdecl.planning.document import PlanDocument
    from dockerdecl.planning.status import StatusDocument
    from dockerdecl.resources.schemas import document_schema

    if name == "manifest":
        return manifest_schema()
    documents: dict[str, type] = {"plan": PlanDocument, "report": ReportDocument, "status": StatusDocument}
    return document_schema(documents[name], name)


def _read(request: Request) -> tuple[Manifest, Desired, Engine, Actual]:
    from dockerdecl.engine.connection import connect
    from dockerdecl.engine.inventory import read_actual
    from dockerdecl.resources.desired import Built, Import, Load, Pull
    from dockerdecl.resources.image.reference import parse

    manifest = validate(request)
    desired = manifest.desired(secrets.token_hex(8))
    engine = connect(request.host, request.context, request.environ)
    images = desired.images.values()
    bases = {parse(b).familiar for i in images if isinstance(i.source, Built) for b in i.source.bases}
    references = {reference for image in images for reference in (image.reference, *image.tags)}
    loaded = {known for image in images if isinstance(image.source, Load) for known in image.source.ids}
    imports = any(isinstance(image.source, Import) for image in images)
    pulled = ((i.reference, i.source) for i in images if isinstance(i.source, Pull) and not i.absent)
    asked = {reference: pull.every for reference, pull in pulled if pull.every is not None}
    try:
        named = references | bases | loaded
        actual = read_actual(engine, desired.project, named, asked, request.environ, untagged=imports)
    except DockerdeclError:
        engine.close()
        raise
    return manifest, desired, engine, actual


def _options(request: Request) -> Options:
    from dockerdecl.planning.values import Options

    return Options(
        targets=_addresses(request.targets),
        replace=_addresses(request.replace),
        settle=request.settle_seconds,
        show_sensitive=request.show_sensitive,
    )


def _addresses(texts: tuple[str, ...]) -> tuple[Address, ...]:
    from dockerdecl.resources.address import parse_address

    found = []
    for text in texts:
        address = parse_address(text)
        if address is None:
            hint = "write KIND.KEY, such as container.web, container.web[2], image.web, network.back or volume.data"
            raise fail("address-invalid", f"{text!r} is no address", hint=hint, exit_code=ExitCode.USAGE)
        found.append(address)
    return tuple(found)


def _with_places(error: DockerdeclError, manifest: Manifest) -> DockerdeclError:
    "a problem of an address is shown where the manifest declares it"
    placed = []
    for problem in error.problems:
        where, line = manifest.where(problem.address, ()) if problem.address and not problem.where else (None, None)
        placed.append(replace(problem, where=where, line=line) if where else problem)
    return DockerdeclError(*placed, exit_code=error.exit_code)
