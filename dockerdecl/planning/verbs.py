"""What a step can be: one payload type a verb, with all that its runner needs.

A container that a step works on is named by its id, or as the one made for an address earlier in the same plan.
"""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar

from dockerdecl.resources.container.lenses.files import PlacedFile
from dockerdecl.resources.container.parts import Hook
from dockerdecl.resources.desired import Built, Import, Load
from dockerdecl.resources.rows import Raw
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A container on the engine: by `id`, or where that is None, the one that this plan makes for `address`."""

    address: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class PullImage:
    """Pull a reference from its registry."""

    verb: ClassVar[str] = "pull"
    reference: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class LoadImage:
    """Load a `docker save` archive, and see that its image has the reference."""

    verb: ClassVar[str] = "load"
    reference: str
    source: Load


@dataclass(frozen=True, slots=True)
class ImportImage:
    """Make an image of a root file system. `message` is read back as the image's comment."""

    verb: ClassVar[str] = "import"
    reference: str
    source: Import
    message: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class BuildImage:
    """Build an image; its label tells what it was built from."""

    verb: ClassVar[str] = "build"
    reference: str
    source: Built
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class TagImage:
    """Give an image (by id or reference) a reference."""

    verb: ClassVar[str] = "tag"
    image: str
    reference: str


@dataclass(frozen=True, slots=True)
class PushImage:
    """Send what a reference means to its registry."""

    verb: ClassVar[str] = "push"
    reference: str


@dataclass(frozen=True, slots=True)
class RemoveImage:
    """Take a reference away; with the last one goes the image."""

    verb: ClassVar[str] = "remove-image"
    reference: str


@dataclass(frozen=True, slots=True)
class CreateNetwork:
    """Create a network."""

    verb: ClassVar[str] = "create-network"
    body: Raw


@dataclass(frozen=True, slots=True)
class RemoveNetwork:
    """Remove a network by its id."""

    verb: ClassVar[str] = "remove-network"
    id: str


@dataclass(frozen=True, slots=True)
class CreateVolume:
    """Create a volume."""

    verb: ClassVar[str] = "create-volume"
    body: Raw


@dataclass(frozen=True, slots=True)
class RemoveVolume:
    """Remove a volume. `anonymous`: one that no user named, which may be gone or still in use by another."""

    verb: ClassVar[str] = "remove-volume"
    name: str
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Adopt:
    """Write down that something made by others is the project's: a volume whose labels say so."""

    verb: ClassVar[str] = "adopt"
    body: Raw


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Nothing has been stopped yet, and all that can be prepared is."""

    verb: ClassVar[str] = "checkpoint"


@dataclass(frozen=True, slots=True)
class CreateContainer:
    """Create a container under a name; later steps know it by its address."""

    verb: ClassVar[str] = "create"
    address: str
    name: str
    body: Raw = field(repr=False)
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class PutFiles:
    """Put secrets and configs into a container that has not started."""

    verb: ClassVar[str] = "put-files"
    target: Target
    files: tuple[PlacedFile, ...]


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect a container to a network."""

    verb: ClassVar[str] = "connect"
    target: Target
    network: str
    endpoint: Raw


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Disconnect a container from a network, also from one that is gone."""

    verb: ClassVar[str] = "disconnect"
    target: Target
    network: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a container another name."""

    verb: ClassVar[str] = "rename"
    target: Target
    name: str


@dataclass(frozen=True, slots=True)
class Update:
    """Change limits and restart policy in place; what the engine then holds is read back and must be the same."""

    verb: ClassVar[str] = "update"
    target: Target
    body: Raw


@dataclass(frozen=True, slots=True)
class Start:
    """Start a container. `may_fail`: it is tried, for the time until another one stands."""

    verb: ClassVar[str] = "start"
    target: Target
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a container, as long as its own grace period allows."""

    verb: ClassVar[str] = "stop"
    target: Target


@dataclass(frozen=True, slots=True)
class PostStart:
    """Run a command in a container that was started; it must exit with 0."""

    verb: ClassVar[str] = "post-start"
    target: Target
    hook: Hook = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordHooks:
    """Write down that all commands were run that belong after a container's start: a volume whose labels say so."""

    verb: ClassVar[str] = "record-hooks"
    target: Target
    project: str


@dataclass(frozen=True, slots=True)
class PreStop:
    """Run a command in a container that is about to be stopped; it must exit with 0."""

    verb: ClassVar[str] = "pre-stop"
    target: Target
    hook: Hook = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pause:
    """Freeze a running container."""

    verb: ClassVar[str] = "pause"
    target: Target


@dataclass(frozen=True, slots=True)
class Unpause:
    """Let a frozen container run on."""

    verb: ClassVar[str] = "unpause"
    target: Target


@dataclass(frozen=True, slots=True)
class AwaitRunning:
    """Wait until a container has stayed up for `seconds`; its engine had restarted it `restarts` times before."""

    verb: ClassVar[str] = "await-running"
    target: Target
    seconds: float
    restarts: int = 0
    show_log: bool = True


@dataclass(frozen=True, slots=True)
class AwaitHealthy:
    """Wait until a container is healthy, at most `seconds`; its engine had restarted it `restarts` times before."""

    verb: ClassVar[str] = "await-healthy"
    target: Target
    seconds: float
    restarts: int = 0
    show_log: bool = True


@dataclass(frozen=True, slots=True)
class AwaitSteady:
    """Watch a replacement for `seconds`: it must stay up all the time, and healthy where it has a health check."""

    verb: ClassVar[str] = "await-steady"
    target: Target
    seconds: float
    show_log: bool = True


@dataclass(frozen=True, slots=True)
class AwaitCompleted:
    """Wait until a container has exited with 0."""

    verb: ClassVar[str] = "await-completed"
    target: Target
    show_log: bool = True


@dataclass(frozen=True, slots=True)
class RemoveContainer:
    """Remove a container that is stopped, with the anonymous volumes that only it has. `force`: one that may run."""

    verb: ClassVar[str] = "remove"
    target: Target
    force: bool = False


Payload = (
    PullImage
    | LoadImage
    | ImportImage
    | BuildImage
    | TagImage
    | PushImage
    | RemoveImage
    | CreateNetwork
    | RemoveNetwork
    | CreateVolume
    | RemoveVolume
    | Adopt
    | Checkpoint
    | CreateContainer
    | PutFiles
    | Connect
    | Disconnect
    | Rename
    | Update
    | Start
    | Stop
    | PostStart
    | RecordHooks
    | PreStop
    | Pause
    | Unpause
    | AwaitRunning
    | AwaitHealthy
    | AwaitSteady
    | AwaitCompleted
    | RemoveContainer
)
