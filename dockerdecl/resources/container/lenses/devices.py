"""Devices and block I/O: host devices, what device plugins give, and limits per device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dockerdecl.resources.rows import Context, Raw, look_up, put
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.parts import BlkioConfig, DeviceRequest
    from dockerdecl.resources.container.spec import Container


@dataclass(frozen=True, slots=True)
class DevicesLens:
    """`("/dev/null:/dev/n:rwm",)`."""

    only_at: ClassVar[str] = "HostConfig.Devices"

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        keys = ("PathOnHost", "PathInContainer", "CgroupPermissions")
        devices = self.effective(value, spec, context)
        put(body, "HostConfig.Devices", [dict(zip(keys, text.split(":"), strict=True)) for text in devices])

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        found = look_up(live, "HostConfig.Devices") or ()
        return tuple(
            sorted(f"{d['PathOnHost']}:{d['PathInContainer']}:{d.get('CgroupPermissions') or 'rwm'}" for d in found)
        )

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        return tuple(sorted(_device(text) for text in value or ()))


def _device(text: str) -> str:
    source, _, rest = text.partition(":")
    target, _, permissions = rest.partition(":")
    if target and not target.startswith("/"):
        target, permissions = "", target
    return f"{source}:{target or source}:{permissions or 'rwm'}"


_REQUEST_KEYS = {
    "driver": "Driver",
    "count": "Count",
    "device_ids": "DeviceIDs",
    "capabilities": "Capabilities",
    "options": "Options",
}


@dataclass(frozen=True, slots=True)
class DeviceRequestsLens:
    """`({"count": -1, "capabilities": (("gpu",),)},)`: null, empty and left out are one."""

    only_at: ClassVar[str] = "HostConfig.DeviceRequests"

    def write(self, value: tuple[DeviceRequest, ...], body: Raw, spec: Container, context: Context) -> None:
        requests = [
            {_REQUEST_KEYS[word]: _as_lists(part) for word, part in _request_words(request).items()}
            for request in value
        ]
        put(body, "HostConfig.DeviceRequests", requests)

    def read(self, live: Raw, context: Context) -> tuple[dict[str, Any], ...]:
        found = look_up(live, "HostConfig.DeviceRequests") or ()
        return tuple(
            {word: _as_tuples(raw[key]) for word, key in _REQUEST_KEYS.items() if raw.get(key)} for raw in found
        )

    def effective(
        self, value: tuple[DeviceRequest, ...] | None, spec: Container, context: Context
    ) -> tuple[dict[str, Any], ...]:
        return tuple(_request_words(request) for request in value or ())


def _request_words(request: DeviceRequest) -> dict[str, Any]:
    found = {
        "driver": request.driver,
        "count": request.count if request.count is not None else None if request.device_ids else -1,
        "device_ids": request.device_ids,
        "capabilities": (request.capabilities,) if request.capabilities else (),
        "options": dict(request.options),
    }
    return {word: value for word, value in found.items() if value}


def _as_lists(value: Any) -> Any:
    return [_as_lists(item) for item in value] if isinstance(value, tuple) else value


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(item) for item in value) if isinstance(value, list) else value


_RATES = {
    "device_read_bps": "BlkioDeviceReadBps",
    "device_read_iops": "BlkioDeviceReadIOps",
    "device_write_bps": "BlkioDeviceWriteBps",
    "device_write_iops": "BlkioDeviceWriteIOps",
}


@dataclass(frozen=True, slots=True)
class BlkioLens:
    """`{"weight": 300, "device_read_bps": {"/dev/sda": 1048576}}`."""

    def write(self, value: BlkioConfig, body: Raw, spec: Container, context: Context) -> None:
        host = body.setdefault("HostConfig", {})
        if value.weight:
            host["BlkioWeight"] = value.weight
        if value.weight_device:
            host["BlkioWeightDevice"] = [{"Path": d.path, "Weight": d.weight} for d in value.weight_device]
        for word, key in _RATES.items():
            if limits := getattr(value, word):
                host[key] = [{"Path": limit.path, "Rate": limit.rate} for limit in limits]

    def read(self, live: Raw, context: Context) -> dict[str, Any]:
        host = look_up(live, "HostConfig") or {}
        found: dict[str, Any] = {"weight": host.get("BlkioWeight")}
        found["weight_device"] = {d["Path"]: d["Weight"] for d in host.get("BlkioWeightDevice") or ()}
        found |= {word: {d["Path"]: d["Rate"] for d in host.get(key) or ()} for word, key in _RATES.items()}
        return {word: part for word, part in found.items() if part}

    def effective(self, value: BlkioConfig | None, spec: Container, context: Context) -> dict[str, Any]:
        if value is None:
            return {}
        found: dict[str, Any] = {"weight": value.weight}
        found["weight_device"] = {d.path: d.weight for d in value.weight_device}
        found |= {word: {d.path: d.rate for d in getattr(value, word)} for word in _RATES}
        return {word: part for word, part in found.items() if part}


@dataclass(frozen=True, slots=True)
class MacAddressLens:
    """The address of its first network interface; lower case, with colons. A generated one is nobody's claim."""

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        network = next(iter(spec.networks or {}), None) if spec.network_mode is None else None
        if network is None or not context.speaks("1.44"):
            put(body, "Config.MacAddress", value)
            return
        endpoints = body.setdefault("NetworkingConfig", {}).setdefault("EndpointsConfig", {})
        endpoints.setdefault(network, {})["MacAddress"] = value

    def read(self, live: Raw, context: Context) -> str | None:
        configured = look_up(live, "Config.MacAddress") or ""
        mode = look_up(live, "HostConfig.NetworkMode") or ""
        attached = look_up(live, "NetworkSettings.Networks") or {}
        held = (attached.get("bridge" if mode == "default" else mode) or {}).get("MacAddress")
        # a new connection of a container that runs has another one, whatever its configuration says (26.1, 28.5)
        runs = look_up(live, "State.Running") and configured
        return ((runs and held) or configured).lower() or None

    def effective(self, value: str | None, spec: Container, context: Context) -> str | None:
        return value or None


@dataclass(frozen=True, slots=True)
class SwappinessLens:
    """0 to 100; null and -1 are as nothing."""

    def write(self, value: int, body: Raw, spec: Container, context: Context) -> None:
        put(body, "HostConfig.MemorySwappiness", value)

    def read(self, live: Raw, context: Context) -> int | None:
        value = look_up(live, "HostConfig.MemorySwappiness")
        return None if value in (None, -1) else int(value)

    def effective(self, value: int | None, spec: Container, context: Context) -> int | None:
        return None if value == -1 else value
