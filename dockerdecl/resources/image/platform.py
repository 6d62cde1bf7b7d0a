"""Platforms as images and users name them: `linux/arm64`, `linux/arm/v7`."""

from __future__ import annotations

_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm"}
_USUAL_VARIANTS = {"arm64": "v8", "amd64": "v1"}


def same_platform(wanted: str, held: str) -> bool:
    """Whether an image of the platform `held` is what `wanted` asks for; parts that are left out are not asked for."""
    asked, found = _parts(wanted), _parts(held)
    return all(part == found[index] for index, part in enumerate(asked) if index < len(found) and part)


def _parts(platform: str) -> tuple[str, str, str]:
    system, architecture, variant = (*platform.lower().split("/"), "", "")[:3]
    architecture = _ARCHITECTURES.get(architecture, architecture)
    usual = _USUAL_VARIANTS.get(architecture)
    return system, architecture, "" if variant == usual else variant
