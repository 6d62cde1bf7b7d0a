"""An image: by reference from a registry, from an archive, from a root file system, or built."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from dockerdecl.expressions import expression
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.image.versions import version_of
from dockerdecl.resources.notes import AfterValidator, Alias, AtLeast, BeforeValidator, model_validator
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import OptionalTextMap, OrShort, Text, TextMap, Texts


def _reference(text: str) -> str:
    return parse(text).familiar


ImageReference = Annotated[Text, AfterValidator(_reference)]


def _build(value: Any) -> Any:
    return {"context": value} if isinstance(value, str) else value


class Build(Spec):
    """How an image is built. It is built anew only when what it is made of changed."""

    context: Text = "."
    """The folder that is sent to the engine, such as `./web`."""
    dockerfile: Text = "Dockerfile"
    """The Dockerfile, relative to the context, such as `Dockerfile.release`."""
    dockerfile_inline: Text | None = None
    """The text of the Dockerfile, instead of a file, such as `FROM base:1`."""
    args: OptionalTextMap | None = None
    """Build arguments, such as `{VERSION: 1.4}`; one without a value takes it from the environment."""
    target: Text | None = None
    """The stage to build, such as `runtime`."""
    labels: TextMap | None = None
    """Labels of the image, such as `{team: shop}`."""
    network: Text | None = None
    """The network that RUN steps use, such as `host`."""

    @model_validator
    def _one_dockerfile(self) -> Build:
        if self.dockerfile_inline is not None and self.dockerfile != "Dockerfile":
            raise ValueError("`dockerfile` and `dockerfile_inline` exclude each other; keep one")
        return self


BuildForm = Annotated[Build, BeforeValidator(_build), OrShort()]


def pull_policy(text: str) -> str:
    """A pull policy in its shortest words: intervals as `every_DURATION`. Raises ValueError."""
    text = _POLICIES.get(text, text)
    if text not in PULL_POLICIES and not _EVERY.fullmatch(text):
        raise ValueError(
            f"{text!r} is no pull policy; there are {', '.join(PULL_POLICIES)}, daily, weekly and every_DURATION, "
            "such as every_12h"
        )
    return text


def pull_interval(policy: str) -> int | None:
    """Seconds of a policy such as `every_1d12h`; None for any other policy."""
    if not _EVERY.fullmatch(policy):
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(policy))


PULL_POLICIES = ("missing", "always", "never")
_POLICIES = {"if_not_present": "missing", "daily": "every_1d", "weekly": "every_1w"}
_EVERY = expression(r"every_(?:[0-9]+[wdhms])+")
_PART = expression(r"([0-9]+)([wdhms])")
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
PullPolicy = Annotated[Text, AfterValidator(pull_policy)]


class Image(Spec):
    """An image that containers of the project are made from."""

    ref: ImageReference
    """The reference it has on the engine, such as `registry.local:5000/shop/web:1.4`."""
    pull: PullPolicy | None = None
    """When to pull it: `missing` (the default), `always` (where the registry has another one), `never`, or `daily`,
    `weekly` and `every_DURATION`: as `always`, where the last pull is that long ago, such as `every_12h`.
    """
    load: Text | None = None
    """A `docker save` archive that holds it, plain or compressed (gz, xz, zst), such as `images/legacy.tar.gz`."""
    import_: Annotated[Text | None, Alias("import")] = None
    """A root file system archive that it is made of, such as `rootfs.tar`."""
    changes: Texts = ()
    """Dockerfile instructions applied to an import, such as `CMD ["/bin/sh"]`."""
    build: BuildForm | None = None
    """A build context, or the long form."""
    tags: tuple[ImageReference, ...] = ()
    """Further references of the same image, such as `[shop/web:latest]`."""
    platform: Text | None = None
    """The platform to pull, import or build for, such as `linux/arm64`."""
    push: bool = False
    """`true` sends it to the registry of its `ref`, with those `tags` that are there too, whenever that has another."""
    mirror: ImageReference | None = None
    """Where it is taken from, to be put into the registry of its `ref`, such as `docker.io/library/nginx:1.27`."""
    keep: Annotated[int, AtLeast(1)] | None = None
    """How many tags of the form of its `ref`'s stay in its registry at `prune --registry`: the newest, such as `5`, and
    whatever is declared. Beside `push` or `mirror`.
    """
    state: Literal["present", "absent"] = "present"
    """`absent` removes the reference, where no container uses it."""

    @model_validator
    def _one_source(self) -> Image:
        given = [word for word in ("pull", "load", "import_", "build", "mirror") if getattr(self, word) is not None]
        if len(given) > 1:
            words = " and ".join(f"`{word.rstrip('_')}`" for word in given)
            raise ValueError(f"{words} exclude each other; an image comes from one place")
        if self.changes and self.import_ is None:
            raise ValueError("`changes` belong to an `import`; a built or loaded image has its own")
        return self

    @model_validator
    def _pushable(self) -> Image:
        if not self.push and self.mirror is None:
            return self
        word = "push" if self.push else "mirror"
        if parse(self.ref).digest or parse(self.ref).is_id:
            raise ValueError(f"`{word}` needs a `ref` with a tag: a digest is what the registry makes of it")
        if self.pull is not None and self.pull not in ("missing", "never"):
            raise ValueError(f"`push` and `pull: {self.pull}` exclude each other: one of both sides must be the newer")
        if self.mirror == self.ref:
            raise ValueError("`mirror` is the `ref` itself; it names where the image is taken from")
        return self

    @model_validator
    def _keepable(self) -> Image:
        if self.keep is None:
            return self
        if not (self.push or self.mirror):
            raise ValueError("`keep` belongs to `push: true` or `mirror`: what others put into a registry stays")
        if version_of(parse(self.ref).tag or "") is None:
            raise ValueError("`keep` needs a `ref` whose tag is a version, such as `1.4`: others have no order")
        return self

    @property
    def pushed(self) -> tuple[str, ...]:
        """The references under which its registry must have it."""
        if self.state == "absent" or not (self.push or self.mirror):
            return ()
        registry = parse(self.ref).registry
        return (self.ref, *(tag for tag in self.tags if tag != self.ref and parse(tag).registry == registry))
