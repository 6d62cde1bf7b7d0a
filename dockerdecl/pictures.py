"""A project as a picture: which graph is meant, and where a finished picture goes.

Takes a request, gives the graph's document; draws nothing. PNG is drawn by Graphviz, which is asked for it here.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl import reconcile
from dockerdecl.errors import DockerdeclError, fail

if TYPE_CHECKING:
    from dockerdecl.planning.graph import GraphDocument
    from dockerdecl.reconcile import Prepared, Request

_DRAWING_SECONDS = 120


def graph(request: Request, *, planned: bool = False, offline: bool = False) -> GraphDocument:
    """The graph of a request's project: with its state, with what a plan would do, or, offline, as it is declared.

    Raises DockerdeclError where the manifest is invalid, the engine can't be reached, or a plan can't be made.
    """
    from dockerdecl.planning.graph import graph_document

    targets = reconcile.options_of(request).targets
    if planned:
        with reconcile.plan(request) as prepared:
            return graph_of(prepared)
    desired = reconcile.validate(request).desired(secrets.token_hex(8))
    if offline:
        return graph_document(desired, targets=targets)
    from dockerdecl.engine.connection import connect

    with connect(request.host, request.context, request.environ) as engine:
        return graph_document(desired, reconcile.read_state(request, desired, engine), targets=targets)


def graph_of(prepared: Prepared) -> GraphDocument:
    """The graph of a plan that was made."""
    from dockerdecl.planning.graph import graph_document

    targets = reconcile.options_of(prepared.request).targets
    return graph_document(prepared.desired, prepared.actual, prepared.plan, targets=targets)


def as_png(dot: str) -> bytes:
    """The picture that Graphviz draws of a text in its language. Raises DockerdeclError where there is no Graphviz."""
    command = ["dot", "-Tpng", "-Gdpi=144"]
    try:
        drawn = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=_DRAWING_SECONDS, check=False)
    except FileNotFoundError as error:
        hint = "install it (`apt-get install graphviz`), or take --format svg, which needs nothing"
        raise fail("graphviz-missing", "PNG is drawn by Graphviz, whose `dot` is not here", hint=hint) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _not_drawn(str(error)) from error
    if drawn.returncode != 0 or not drawn.stdout:
        raise _not_drawn(drawn.stderr.decode(errors="replace").strip() or f"it ended with {drawn.returncode}")
    return drawn.stdout


def _not_drawn(why: str) -> DockerdeclError:
    return fail("graphviz-failed", f"Graphviz could not draw it: {why}", hint="take --format svg, which needs nothing")


def write(path: Path, content: bytes) -> None:
    """Write a picture to a file, all of it or nothing. Raises DockerdeclError where it can't be written."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device is written to, and stays what it is
            path.write_bytes(content)
            return
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise fail("file-not-writable", f"{path} can't be written: {error.strerror}") from error
