"""A secret or a config: content that containers get as a file. The engine never holds it as a resource."""

from __future__ import annotations

from dockerdecl.resources.notes import model_validator
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Text


class FileSource(Spec):
    """Where the content of a secret or config comes from."""

    file: Text | None = None
    """A file, relative to the manifest that names it, such as `secrets/db_password.txt`."""
    environment: Text | None = None
    """An environment variable, such as `DB_PASSWORD`."""
    content: Text | None = None
    """The text itself, such as `listen = 8080`."""

    @model_validator
    def _one_source(self) -> FileSource:
        given = [word for word in ("file", "environment", "content") if getattr(self, word) is not None]
        if len(given) != 1:
            raise ValueError("exactly one of `file`, `environment` and `content` says where it comes from")
        return self
