"""The way through: load, read, plan, apply. What the commands call, and what an agent will.

Takes a request, gives values and documents; prints nothing, asks nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, fail
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.execution.events import Listener
    from dockerdecl.execution.lock import Lock
    from dockerdecl.execution.report import Report
    from dockerdecl.manifest.manifest import Manifest
    from dockerdecl.planning.document import PlanDocument
    from dockerdecl.planning.saved import SavedOptions, SavedPlan
    from dockerdecl.planning.status import StatusDocument
    from dockerdecl.planning.values import Options, Plan
    from dockerdecl.resources.actual import Actual
    from dockerdecl.resources.address import Address
    from dockerdecl.resources.desired import Desired
    from dockerdecl.revisions.beside import Beside


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for: which manifest, which engine, and the choices of this run."""

    files: tuple[Path, ...] = ()
    env_files: tuple[Path, ...] = ()
    project: str | None = None
    profiles: tuple[str, ...] = ()
    policies: tuple[Path, ...] = ()
    host: str | None = None
    context: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    working_directory: Path = Path()
    targets: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    allow_loss: tuple[str, ...] = ()
    volumes: bool = False
    images: bool = False
    parallelism: int | None = None
    settle_seconds: float = 1.0
    lock_seconds: float = 0.0
    show_sensitive: bool = False
    locked: bool = False
    lock_file: Path | None = None
    adopt: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and the connection that it was made over, which `apply` goes on with.

    `back_to` is the revision whose manifest it is, where that is no file's. A context manager: at its end the
    connection is closed, and the lock given back where there is one.
    """

    plan: Plan
    engine: Engine = field(repr=False)
    request: Request = field(repr=False)
    desired: Desired = field(repr=False)
    actual: Actual = field(repr=False)
    manifest: Manifest = field(repr=False)
    command: str = ""
    back_to: int | None = None
    lock: Lock | None = field(default=None, repr=False)
    held: ExitStack = field(default_factory=ExitStack, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held.close()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is to be told of the manifest."""
        return self.manifest.warnings

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done."""
        return self.plan.empty

    def require_unblocked(self) -> None:
        """Raises DockerdeclError with all that has to be decided before any of the plan can be done."""
        if self.plan.blocked:
            raise _with_places(DockerdeclError(*self.plan.blocked), self.manifest)

    def require_decided(self) -> None:
        """As `require_unblocked`, and raises where something would be lost that was not allowed by name."""
        from dockerdecl.planning.losses import require_allowed

        self.require_unblocked()
        require_allowed(self.plan)

    def with_losses(self) -> Prepared:
        """The same after the user has agreed to all that would be lost."""
        from dockerdecl.planning.losses import agreed

        return replace(self, plan=agreed(self.plan))

    def document(self) -> PlanDocument:
        """The plan as JSON."""
        from dockerdecl.planning.document import plan_document

        return plan_document(self.plan)

    def saved(self, compared: Iterable[str] = ()) -> SavedPlan:
        """The plan as it is kept for later, or as it is `compared` with the addresses of one that was kept."""
        from dockerdecl import __version__
        from dockerdecl.planning.saved import Made, saved_plan

        options: SavedOptions = {
            "targets": list(self.request.targets),
            "replace": list(self.request.replace),
            "allow_loss": list(self.request.allow_loss),
            "profiles": list(self.request.profiles),
            "project": self.request.project,
            "locked": self.request.locked,
            "lock_file": str(self.request.lock_file) if self.request.lock_file else None,
            "adopt": self.request.adopt,
        }
        engine_id = str(self.engine.request("GET", "/info").json_object().get("ID") or "")
        made = Made(self.plan, self.desired, self.actual, self.manifest.digest, engine_id, options, tuple(compared))
        return saved_plan(made, __version__)


def validate(request: Request) -> Manifest:
    """The manifest, checked without an engine, with the digests of its lock file where the request is `locked`.

    Raises DockerdeclError (exit code 3) with every problem.
    """
    from dockerdecl.convert.loading import load

    manifest = load(
        request.files,
        environ=request.environ,
        env_files=request.env_files,
        working_directory=request.working_directory,
        project=request.project,
        profiles=request.profiles,
        named=tuple(address.key for address in _addresses((*request.targets, *request.replace))),
    )
    if not request.locked:
        return manifest
    if manifest.bundle_locked is not None:
        from dockerdecl.manifest.bundled import with_lock_of_bundle

        return with_lock_of_bundle(manifest, request.lock_file)
    from dockerdecl.manifest.lock_file import lock_file_of, with_lock_file

    path = lock_file_of(manifest, request.lock_file, request.working_directory)
    return with_lock_file(manifest, path, request.working_directory)


def judge(request: Request) -> Manifest:
    """The manifest, checked and held against the policies of the request and its own; their warnings are among its own.

    Raises DockerdeclError (exit code 3) with every problem.
    """
    manifest = validate(request)
    if not (request.policies or manifest.document.policy):
        return manifest
    from dockerdecl.policy.judge import held_against

    return held_against(manifest, request.policies, request.working_directory)


def plan(request: Request, *, command: str | None = None, saved: SavedPlan | None = None) -> Prepared:
    """What differs and what would be done. With a `command`, the project is locked for it until the plan is closed.

    Raises DockerdeclError where the manifest, the engine, the state of it or another run stands in the way, and where
    it is not what was `saved` (exit code 6).
    """
    from dockerdecl.planning.plan import make_plan

    def make(desired: Desired, actual: Actual) -> Plan:
        return make_plan(desired, actual, options_of(request))

    prepared = _prepared(request, command, make, saved["key"] if saved else None, judged=True)
    if saved is not None:
        from dockerdecl.planning.saved import check_still_holds

        try:
            check_still_holds(saved, prepared.saved(saved["seen"]))
        except DockerdeclError:
            prepared.held.close()
            raise
    return prepared


def plan_destroy(request: Request, *, command: str | None = None) -> Prepared:
    """What taking the project down would do; as `plan`."""
    from dockerdecl.planning.destroying import make_destroy_plan

    def make(desired: Desired, actual: Actual) -> Plan:
        options = options_of(request)
        return make_destroy_plan(desired, actual, options, volumes=request.volumes, images=request.images)

    return _prepared(request, command, make)


def plan_adopt(request: Request, *, command: str | None = None) -> Prepared:
    """What taking the request's targets under ownership would do, or all that can be without a target; as `plan`."""
    from dockerdecl.planning.adopting import make_adopt_plan

    request = replace(request, adopt=True)
    return _prepared(request, command, lambda d, actual: make_adopt_plan(d, actual, _addresses(request.targets)))


def plan_prune(request: Request, *, command: str | None = None) -> Prepared:
    """What clearing away would do; the request's targets are the volumes whose data may go. As `plan`."""
    from dockerdecl.planning.pruning import make_prune_plan

    return _prepared(request, command, lambda d, actual: make_prune_plan(d, actual, _addresses(request.targets)))


def _prepared(
    request: Request,
    command: str | None,
    make: Callable[[Desired, Actual], Plan],
    key: str | None = None,
    *,
    judged: bool = False,
) -> Prepared:
    from dockerdecl.engine.connection import connect

    manifest = judge(request) if judged else validate(request)
    desired = manifest.desired(key or secrets.token_hex(8))
    with ExitStack() as held:
        engine = held.enter_context(connect(request.host, request.context, request.environ))
        lock = None
        if command:
            from dockerdecl.execution.lock import locked

            lock = held.enter_context(locked(engine, desired.project, f"dockerdecl {command}", request.lock_seconds))
        try:
            actual = read_state(request, desired, engine)
            made = make(desired, actual)
        except DockerdeclError as error:
            raise _with_places(error, manifest) from error
        return Prepared(made, engine, request, desired, actual, manifest, command or "", lock=lock, held=held.pop_all())


def project_of(request: Request) -> str:
    """The project that is meant: as named, else the manifest's. Raises DockerdeclError where neither can tell."""
    return request.project or validate(request).document.project


def apply(prepared: Prepared, *, listener: Listener, interrupt: threading.Event) -> Report:
    """Carry out a plan and write it down; gives what became of every step. `interrupt` ends it after the running steps.

    Raises DockerdeclError where something has to be decided first; nothing is touched then.
    """
    prepared.require_decided()
    from dockerdecl.execution.scheduler import PARALLELISM, execute
    from dockerdecl.revisions.beside import Beside

    beside = None
    if not prepared.empty and _is_kept(prepared):
        beside = Beside(prepared.manifest, from_file=prepared.back_to is None)
    report = execute(
        prepared.plan,
        prepared.engine,
        prepared.request.environ,
        listener=listener,
        interrupt=interrupt,
        parallelism=prepared.request.parallelism or PARALLELISM,
        fence=prepared.lock.check if prepared.lock else None,
    )
    return _written_down(prepared, report, beside)


def _is_kept(prepared: Prepared) -> bool:
    "whether a run of this command is written down"
    from dockerdecl.resources.record import COMMANDS

    request = prepared.request
    forgets = prepared.command == "destroy" and request.volumes and not request.targets
    return prepared.lock is not None and prepared.command in COMMANDS and not forgets


def _written_down(prepared: Prepared, report: Report, beside: Beside | None) -> Report:
    from dockerdecl.revisions.keeping import Applied, keep

    request = prepared.request
    if prepared.lock is None or not _is_kept(prepared):
        return report
    applied = Applied(
        prepared.command,
        prepared.manifest,
        prepared.desired,
        prepared.actual,
        report,
        prepared.manifest.profiles,
        request.targets,
        prepared.back_to,
        beside,
    )
    try:
        prepared.lock.check()
        return replace(report, revision=keep(prepared.engine, applied))
    except DockerdeclError as error:
        return replace(report, problems=(*report.problems, error))


def status(request: Request) -> StatusDocument:
    """What is declared beside what is there, by address."""
    from dockerdecl.engine.connection import connect
    from dockerdecl.planning.plan import make_plan
    from dockerdecl.planning.status import status_document

    manifest = validate(request)
    desired = manifest.desired(secrets.token_hex(8))
    with connect(request.host, request.context, request.environ) as engine:
        try:
            actual = read_state(request, desired, engine)
            return status_document(desired, actual, make_plan(desired, actual, options_of(request)))
        except DockerdeclError as error:
            raise _with_places(error, manifest) from error


def read_state(request: Request, desired: Desired, engine: Engine) -> Actual:
    """What is on the engine, as far as what is desired is concerned."""
    from dockerdecl.engine.inventory import read_actual
    from dockerdecl.planning.adopting import may_be_adopted
    from dockerdecl.resources.desired import Built, Import, Load, Locked, Pinned
    from dockerdecl.resources.image.reference import parse

    images = desired.images.values()
    built = [image.source for image in images if isinstance(image.source, Built)]
    bases = {parse(base).familiar for source in built for base in source.bases}
    digests = {image.source.digest for image in images if isinstance(image.source, Locked)}
    references = {reference for image in images for reference in (image.reference, *image.tags)}
    loaded = {known for image in images if isinstance(image.source, Load) for known in image.source.ids}
    imports = any(isinstance(image.source, Import) for image in images)
    asked = {reference: seconds for image in images for reference, seconds in image.asked.items()}
    pinned = {image.source.id for image in images if isinstance(image.source, Pinned)}
    named = references | bases | digests | loaded | pinned
    inspected = may_be_adopted(desired) if request.adopt else None
    return read_actual(engine, desired.project, named, asked, request.environ, untagged=imports, others=inspected)


def options_of(request: Request) -> Options:
    """The choices of a request that planning knows."""
    from dockerdecl.planning.values import Options

    return Options(
        targets=_addresses(request.targets),
        replace=_addresses(request.replace),
        allow_loss=_addresses(request.allow_loss),
        settle=request.settle_seconds,
        show_sensitive=request.show_sensitive,
        adopt=request.adopt,
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
