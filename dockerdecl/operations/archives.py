"""Images and file systems out of an engine into archives, and back.

Takes an engine, what is meant and where it goes; gives what was moved. Asks nothing, prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dockerdecl.errors import DockerdeclError, Problem, fail
from dockerdecl.operations.output_files import Counted, Sink, as_binary, compressed, output_file
from dockerdecl.resources.address import Address, Kind, parse_address
from dockerdecl.resources.file_kinds import Compression
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.engine.progress import OnProgress
    from dockerdecl.resources.desired import Desired

Destination = Path | BinaryIO


@dataclass(frozen=True, slots=True)
class ChosenImage:
    """An image that was asked for: as it is called here, and every reference that it goes by."""

    label: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """What a load brought: a reference, or an id where the image has none, and the id."""

    name: str
    id: str


def choose_images(words: Sequence[str], declared: Desired | None) -> tuple[ChosenImage, ...]:
    """The images that `words` mean: an address, a key, or any reference or id; all that are declared without words.

    Raises DockerdeclError for an address that is not declared.
    """
    images = {address: image for address, image in (declared.images if declared else {}).items() if not image.absent}
    if not words:
        return tuple(ChosenImage(str(address), _names(images[address])) for address in sorted(images))
    chosen: dict[str, ChosenImage] = {}
    problems: list[Problem] = []
    for word in words:
        address = parse_address(word) or Address(Kind.IMAGE, word)
        image = images.get(address) or images.get(Address(Kind.IMAGE, word))
        if image is not None:
            chosen[str(image.address)] = ChosenImage(str(image.address), _names(image))
        elif parse_address(word) and "/" not in word:
            problems.append(_unknown(word, images, declared))
        else:
            chosen[word] = ChosenImage(word, (word,))
    if problems:
        raise DockerdeclError(*problems)
    return tuple(chosen.values())


def _names(image: object) -> tuple[str, ...]:
    from dockerdecl.resources.desired import DesiredImage

    assert isinstance(image, DesiredImage)
    return tuple(dict.fromkeys((image.reference, *image.tags)))


def _unknown(word: str, images: Iterable[Address], declared: Desired | None) -> Problem:
    if declared is None:
        hint = "name the manifest with -f, or write the image's reference"
        return Problem("manifest-needed", f"{word} is an address, and there is no manifest here", hint=hint)
    there = ", ".join(str(address) for address in sorted(images))
    hint = f"there are {there}" if there else "the manifest declares no image"
    return Problem("address-unknown", f"the manifest declares no {word}", hint=hint)


def references_there(engine: Engine, chosen: Sequence[ChosenImage]) -> tuple[str, ...]:
    """What to save, in order, each once. Raises DockerdeclError with every image that the engine hasn't got."""
    from dockerdecl.engine.calls.images import inspect_image

    problems = [
        _not_there(image, reference)
        for image in chosen
        for reference in image.references
        if inspect_image(engine, reference) is None
    ]
    if problems:
        raise DockerdeclError(*problems)
    return tuple(sorted({reference for image in chosen for reference in image.references}))


def _not_there(image: ChosenImage, reference: str) -> Problem:
    if image.label == reference:
        message = f"the image {reference} is not on the engine"
        return Problem("image-not-there", message, hint="is it spelled as the engine lists it?")
    hint = f"`dockerdecl apply --target {image.label}` brings it there"
    return Problem("image-not-there", f"the image {reference} is not on the engine", image.label, hint=hint)


def save_archive(
    engine: Engine, references: Sequence[str], out: Destination, kind: Compression, on_progress: OnProgress
) -> int:
    """Save images into one archive; gives its size. The same images give the same bytes, as far as the engine lets."""
    from dockerdecl.engine.calls.archives import save_images
    from dockerdecl.engine.progress import Progress
    from dockerdecl.operations.tar_streams import Arriving, steady

    source = Arriving(save_images(engine, references), lambda size: on_progress(Progress("", size)))
    return _write(steady(source), out, kind)


def export_archive(engine: Engine, container: str, out: Destination, kind: Compression, on_progress: OnProgress) -> int:
    """Write the file system of a container into an archive; gives its size."""
    from dockerdecl.engine.calls.archives import export_container

    return _write(_told(export_container(engine, container), on_progress), out, kind)


def _told(chunks: Iterable[bytes], on_progress: OnProgress) -> Iterator[bytes]:
    from dockerdecl.engine.progress import Progress

    size = 0
    for chunk in chunks:
        size += len(chunk)
        on_progress(Progress("", size))
        yield chunk


def _write(chunks: Iterator[bytes], out: Destination, kind: Compression) -> int:
    first = next(chunks, b"")  # what the engine refuses is refused before a file is begun
    with written(out, kind) as (sink, counted):
        sink.write(first)
        for chunk in chunks:
            sink.write(chunk)
    return counted.size


@contextmanager
def written(out: Destination, kind: Compression) -> Iterator[tuple[Sink, Counted]]:
    """Where to write an archive, and what counts the bytes that come out of it."""
    if isinstance(out, Path):
        with output_file(out) as file:
            counted = Counted(file)
            with compressed(as_binary(counted), kind) as sink:
                yield sink, counted
    else:
        counted = Counted(out)
        with compressed(as_binary(counted), kind) as sink:
            yield sink, counted
        out.flush()


def load_archive(engine: Engine, archive: BinaryIO, on_progress: OnProgress) -> tuple[LoadedImage, ...]:
    """Load the images of an archive; gives what came. Raises what the engine objects to."""
    from dockerdecl.engine.calls.images import inspect_image, load

    names = load(engine, archive, on_progress)
    if not names:
        raise fail("archive-without-images", "the archive holds no saved images", hint=_FOR_IMPORT)
    found = ((name, inspect_image(engine, name)) for name in names)
    return tuple(LoadedImage(name, str(raw["Id"]) if raw else name) for name, raw in found)


_FOR_IMPORT = "`dockerdecl load` takes what `save` wrote; a root file system is for `dockerdecl import`"


@dataclass(frozen=True, slots=True)
class Making:
    """What an import makes of a root file system."""

    reference: str
    changes: tuple[str, ...] = ()
    message: str | None = None
    platform: str | None = None


def import_archive(engine: Engine, root: BinaryIO, making: Making, on_progress: OnProgress) -> str:
    """Make an image of a root file system; gives its id. Raises what the engine objects to."""
    from dockerdecl.engine.calls.images import import_image

    return import_image(
        engine,
        root,
        making.reference,
        changes=making.changes,
        message=making.message,
        platform=making.platform,
        on_progress=on_progress,
    )
