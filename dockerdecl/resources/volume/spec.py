"""A volume: the words of a Compose volume. Nothing of it can change in place, and replacing it loses its data."""

from __future__ import annotations

from typing import Annotated, Literal

from dockerdecl.resources.network.spec import LabelsLens, OptionsLens
from dockerdecl.resources.rows import At
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Boolean, Text, TextMap


class Volume(Spec):
    """A volume of the project. It is never removed unless it is named for that."""

    name: Text | None = None
    """A fixed name on the engine, such as `shop-data`; `PROJECT_KEY` where left out."""
    external: Boolean = False
    """Somebody else's: it must be there, and is never changed."""
    state: Literal["present", "absent"] = "present"
    """`absent` removes it, and the data in it."""
    driver: Annotated[Text | None, At("Driver", default="local")] = None
    """The volume driver, such as `vieux/sshfs`; `local` where left out."""
    driver_opts: Annotated[TextMap | None, OptionsLens("Options", request="DriverOpts")] = None
    """Options of the volume driver, such as `{type: tmpfs, device: tmpfs}`."""
    labels: Annotated[TextMap | None, LabelsLens()] = None
    """Labels, as a map or a list of NAME=value, such as `{team: shop}`."""
