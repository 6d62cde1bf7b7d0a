"""Mounts in their long form: volumes, host paths, tmpfs and images, each with its own options."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from dockerdecl.resources.notes import AfterValidator, model_validator
from dockerdecl.resources.rows import Since
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Boolean, Mode, Size, Text, TextMap, Texts


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is not an absolute path; a path in a container begins with /")
    return path


AbsolutePath = Annotated[Text, AfterValidator(_absolute)]


class BindOptions(Spec):
    """Options of a bind mount."""

    propagation: Literal["private", "rprivate", "shared", "rshared", "slave", "rslave"] | None = None
    """How mounts below the source are seen on the other side."""
    create_host_path: Boolean = True
    """Make the host folder where it is missing."""
    selinux: Literal["z", "Z"] | None = None
    """Relabel for SELinux: `z` shared, `Z` private."""
    recursive: Annotated[
        Literal["enabled", "disabled", "writable", "readonly"] | None, Since("1.44", only=("writable", "readonly"))
    ] = None
    """Whether mounts below the source come along (`enabled`, the default, or `disabled`), and what they are where this
    one is read-only: `writable` or `readonly` (API 1.44), such as `disabled`.
    """


class VolumeOptions(Spec):
    """Options of a volume mount."""

    nocopy: Boolean = False
    """Don't seed a new volume with what the image has at the target."""
    subpath: Annotated[Text | None, Since("1.45")] = None
    """A folder inside the volume (API 1.45), such as `shop/uploads`."""
    labels: TextMap = field(default_factory=dict)
    """Labels of the volume that is made for it, such as `{team: shop}`."""
    driver: Text | None = None
    """The driver of the volume that is made for it, such as `local`."""
    driver_opts: TextMap = field(default_factory=dict)
    """Options of that driver, such as `{type: tmpfs, device: tmpfs}`."""


class TmpfsOptions(Spec):
    """Options of a tmpfs mount."""

    size: Size | None = None
    """The most it may hold, in bytes."""
    mode: Mode | None = None
    """Its permission bits, octal."""
    options: Annotated[Texts, Since("1.46")] = ()
    """Further options of the mount (API 1.46), such as `[noexec]`."""


class ImageOptions(Spec):
    """Options of an image that is mounted."""

    subpath: Text | None = None
    """A folder inside the image, such as `usr/share/shop`."""


class Mount(Spec):
    """Something mounted into a container."""

    type: Annotated[Literal["volume", "bind", "tmpfs", "image"], Since("1.48", only=("image",))] = "volume"
    """`volume`, `bind`, `tmpfs` or, from API 1.48, `image`."""
    source: Text | None = None
    """The volume's key, the host path, or the image's key or reference, such as `data`; none for an anonymous volume
    and for a tmpfs.
    """
    target: AbsolutePath
    """The path in the container, such as `/var/lib/data`."""
    read_only: Boolean = False
    """Mount it so that the container can't write."""
    bind: BindOptions | None = None
    """Options of a bind mount."""
    volume: VolumeOptions | None = None
    """Options of a volume."""
    tmpfs: TmpfsOptions | None = None
    """Options of a tmpfs."""
    image: ImageOptions | None = None
    """Options of an image."""
    consistency: Text | None = None
    """How strictly host and container must agree, such as `cached`; engines on Linux keep it, and are always strict."""

    @model_validator
    def _options_fit(self) -> Mount:
        for kind in ("bind", "volume", "tmpfs", "image"):
            if kind != self.type and getattr(self, kind) is not None:
                raise ValueError(
                    f"`{kind}` options are given for a mount of type {self.type}; they must be of one kind"
                )
        if self.type == "bind" and not self.source:
            raise ValueError("a bind mount needs a source; write the host path")
        if self.type == "image" and not self.source:
            raise ValueError("an image mount needs a source; write the key of an image, or a reference")
        bind = self.bind
        if bind and bind.selinux and (self.consistency or bind.recursive or not bind.create_host_path):
            message = "engines take `selinux` only without `recursive`, `consistency` and `create_host_path: false`"
            raise ValueError(f"{message}; keep one of them")
        made = [word for word in ("labels", "driver", "driver_opts") if self.volume and getattr(self.volume, word)]
        if made and self.source:
            raise ValueError(f"`{made[0]}` is for a volume without a source; write it in the entry of `volumes`")
        return self
