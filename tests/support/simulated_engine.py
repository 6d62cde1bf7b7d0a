"""An engine in memory, for plans: it takes the calls that steps make and refuses what real engines were seen to refuse.

No process runs and nothing is waited for. What it shows is what `read_back` says; what it holds by id and what by name
(networks, links, namespaces) is as measured on 20.10.24 and 26.1.5. `RefusedError` is the engine's own no,
`BrokenError` what an engine would let pass and a plan must not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from dockerdecl.resources.actual import Actual, EngineFacts, LiveContainer, LiveImage, LiveNetwork, LiveVolume
from dockerdecl.resources.container.lenses.mounts import is_anonymous
from dockerdecl.resources.ownership import PROJECT, recorded_labels
from dockerdecl.resources.rows import Raw
from tests.support import read_back
from tests.support.read_back import Release
from tests.support.simulated_things import (
    CPU_LIMITS,
    SERVE,
    BrokenError,
    Container,
    Image,
    RefusedError,
    addresses,
    hexadecimal,
    host_ports,
    state_of,
)


@dataclass
class SimulatedEngine:
    """State by id or name; `registry` says which configuration a pulled reference has."""

    release: Release = field(default_factory=Release)
    images: dict[str, Image] = field(default_factory=dict)
    networks: dict[str, Raw] = field(default_factory=dict)
    volumes: dict[str, Raw] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    registry: dict[str, Raw] = field(default_factory=dict)
    last_names: dict[str, str] = field(default_factory=dict)
    count: int = 0
    starts: int = 0

    def next_id(self, kind: str) -> str:
        """A new id, the same in every run."""
        self.count += 1
        return hexadecimal(f"{kind} {self.count}")

    # images

    def add_image(self, image_id: str, reference: str, config: Raw, **more: Any) -> str:
        """Have an image under a reference, which leaves the one it named before."""
        self.images.setdefault(image_id, Image(image_id, [], deepcopy(config), **more))
        self.tag(image_id, reference)
        return image_id

    def pull(self, reference: str) -> None:
        """Pull a reference; what a registry has under it stays the same unless `registry` changes."""
        config = self.registry.get(reference, SERVE)
        name, _, digest = reference.partition("@")
        if not digest:
            name, digest = reference.rpartition(":")[0], self.digest(reference)
        self.add_image(digest, reference, config, digests=(f"{name}@{digest}",))

    def digest(self, reference: str) -> str:
        """What a registry has under a reference."""
        return "sha256:" + hexadecimal(f"{reference} {self.registry.get(reference, SERVE)}")

    def image(self, reference: str) -> Image:
        """The image that a reference or an id means."""
        for image in self.images.values():
            if reference == image.id or reference in image.references:
                return image
        raise RefusedError(f"No such image: {reference}")

    def tag(self, source: str, reference: str) -> None:
        """Give an image a reference."""
        image = self.image(source)
        for other in self.images.values():
            other.references = [held for held in other.references if held != reference]
        image.references.append(reference)

    def remove_image(self, reference: str) -> None:
        """Take a reference away; with the last one goes the image, unless a container is made from it."""
        image = self.image(reference)
        users = [c.name for c in self.containers.values() if c.image_id == image.id]
        if len(image.references) == 1 and users:
            raise RefusedError(f"conflict: unable to remove repository reference {reference}: {users} use it")
        image.references.remove(reference)
        if not image.references:
            del self.images[image.id]

    # networks and volumes

    def create_network(self, body: Raw) -> str:
        """Create a network; a name in use is refused."""
        if any(raw["Name"] == body["Name"] for raw in self.networks.values()):
            raise RefusedError(f"network with name {body['Name']} already exists")
        network_id = self.next_id("network")
        self.networks[network_id] = read_back.network(
            body, network_id, f"172.{self.count % 200 + 20}.0.0/16", self.release
        )
        return network_id

    def network_named(self, name: str) -> str:
        """The id of a network by its name or id."""
        found = next((i for i, raw in self.networks.items() if name in (i, raw["Name"])), None)
        if found is None:
            raise RefusedError(f"network {name} not found")
        return found

    def remove_network(self, network_id: str) -> None:
        """Remove a network; running containers hold it, stopped ones don't."""
        name = self.networks[self.network_named(network_id)]["Name"]
        users = [c.name for c in self.containers.values() if c.running and name in c.endpoints]
        if users:
            raise RefusedError(f"error while removing network: {name} has active endpoints: {users}")
        del self.networks[self.network_named(network_id)]

    def create_volume(self, body: Raw) -> None:
        """Create a volume; one of that name is given back as it is."""
        self.volumes.setdefault(body["Name"], read_back.volume(body))

    def remove_volume(self, name: str) -> None:
        """Remove a volume that no container has."""
        if name not in self.volumes:
            raise RefusedError(f"get {name}: no such volume")
        users = [c.name for c in self.containers.values() if name in c.volumes]
        if users:
            raise RefusedError(f"remove {name}: volume is in use - {users}")
        del self.volumes[name]

    # containers

    def container(self, name: str) -> Container:
        """A container by its id or name."""
        found = self.containers.get(name) or next((c for c in self.containers.values() if c.name == name), None)
        if found is None:
            raise RefusedError(f"No such container: {name}")
        return found

    def create(self, name: str, body: Raw) -> str:
        """Create a container."""
        self._free(name)
        image = self.image(body["Image"])
        wanted = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
        if len(wanted) > 1 and not self.release.speaks("1.44"):
            raise RefusedError(f"Container cannot be connected to network endpoints: {', '.join(wanted)}")
        host = read_back.host_config(body, self.release)
        mode = host["NetworkMode"]
        if mode.startswith("container:"):
            host["NetworkMode"] = f"container:{self.container(mode.removeprefix('container:')).id}"
        elif not wanted:
            wanted = {mode if mode not in ("default", "") else "bridge": {}}
        for other in wanted:
            if other not in ("bridge", "host", "none") and all(raw["Name"] != other for raw in self.networks.values()):
                raise BrokenError(f"{name} is created before its network {other}")
        links = tuple(self._link(text) for text in host["Links"] or ())
        container_id = self.next_id("container")
        config = read_back.container_config(body, image.config, self.release)
        config["Hostname"] = config.get("Hostname") or ("vm" if mode == "host" else container_id[:12])
        config["Image"] = body["Image"]
        mounts, anonymous = self._mounts(name, config, host)
        endpoints = {network: read_back.endpoint(settings, self.release) for network, settings in wanted.items()}
        created = f"2026-01-01T00:00:00.{self.count:09d}Z"
        self.containers[container_id] = Container(
            container_id, name, image.id, config, host, endpoints, mounts, created, anonymous=anonymous, links=links
        )
        return container_id

    def _free(self, name: str) -> None:
        if any(c.name == name for c in self.containers.values()):
            raise RefusedError(f'Conflict. The container name "/{name}" is already in use')

    def _link(self, text: str) -> tuple[str, str]:
        target, _, alias = text.partition(":")
        return self.container(target).id, alias or target

    def _mounts(self, name: str, config: Raw, host: Raw) -> tuple[list[Raw], tuple[str, ...]]:
        found: dict[str, Raw] = {}
        own: list[str] = []
        for text in host["VolumesFrom"] or ():
            source, _, mode = text.partition(":")
            for mount in self.container(source).mounts:
                found[mount["Destination"]] = {**mount, "RW": mount["RW"] and mode != "ro"}
        for text in host["Binds"] or ():
            source, target, *mode = text.split(":")
            found[target] = {"Type": "bind", "Source": source, "Destination": target, "RW": "ro" not in mode}
        for mount in host["Mounts"] or ():
            found[mount["Target"]] = self._mount(name, mount, own)
        for target in config.get("Volumes") or ():
            if target not in found:
                found[target] = self._mount(name, {"Type": "volume", "Target": target}, own)
        return list(found.values()), tuple(own)

    def _mount(self, name: str, mount: Raw, own: list[str]) -> Raw:
        found = {"Type": mount["Type"], "Destination": mount["Target"], "RW": not mount.get("ReadOnly")}
        if mount["Type"] != "volume":
            return {**found, "Source": mount.get("Source", "")}
        volume = mount.get("Source")
        if volume and volume not in self.volumes:
            if is_anonymous(volume):
                raise BrokenError(f"{name} is to have the anonymous volume {volume[:12]}, which is gone")
            raise BrokenError(f"{name} is created before its volume {volume}")
        if not volume:
            volume = self.next_id("volume")
            self.create_volume({"Name": volume})
            own.append(volume)
        return {**found, "Name": volume, "Source": f"/var/lib/docker/volumes/{volume}/_data"}

    def put_files(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put files into a container."""
        self.container(name).files.update(files)

    def start(self, name: str) -> None:
        """Start a container: only now the engine looks at networks, links, namespaces and ports."""
        container = self.container(name)
        if container.state == "paused":
            raise RefusedError("cannot start a paused container, try unpause instead")
        if container.running:
            return
        ids = {network: self._joined(network, held) for network, held in container.endpoints.items()}
        self._may_start(container)
        hostname = container.config["Hostname"]
        for network, network_id in ids.items():
            container.endpoints[network] = read_back.started_endpoint(
                container.endpoints[network], network_id, container.id, hostname, self.release
            )
        self.starts += 1
        container.state, container.exit_code = "running", 0
        container.started = f"2026-01-01T00:00:01.{self.starts:09d}Z"
        container.health = "starting" if self._has_check(container) else None

    def _joined(self, network: str, held: Raw) -> str:
        if network in ("bridge", "host", "none"):
            return hexadecimal(network)
        if held["NetworkID"] and held["NetworkID"] not in self.networks:
            raise RefusedError(f"network {held['NetworkID']} not found")
        return held["NetworkID"] or self.network_named(network)

    def _may_start(self, container: Container) -> None:
        for target, alias in container.links:
            if target not in self.containers or not self.containers[target].running:
                raise RefusedError(f"Cannot link to a non running container: /{self.last_name(target)} AS {alias}")
        for key in ("NetworkMode", "PidMode", "IpcMode"):
            kind, _, owner = (container.host[key] or "").partition(":")
            if kind == "container" and not self.container(owner).running:
                raise RefusedError(f"cannot join network of a non running container: {owner}")
        taken = {port: c.name for c in self.containers.values() if c.running for port in host_ports(c)}
        for port in host_ports(container):
            for other, name in taken.items():
                if port[:2] == other[:2] and ({port[2], other[2]} & {"", "0.0.0.0", "::"} or port[2] == other[2]):
                    raise RefusedError(f"Bind for {port} failed: port is already allocated by {name}")
        self._addresses_free(container)

    def _addresses_free(self, container: Container) -> None:
        others = (c for c in self.containers.values() if c.running and c is not container)
        if {address for other in others for address in addresses(other)} & set(addresses(container)):
            raise RefusedError("Address already in use")

    def _has_check(self, container: Container) -> bool:
        return (container.config.get("Healthcheck") or {}).get("Test") not in (None, ["NONE"])

    def last_name(self, container_id: str) -> str:
        """The name that a container has, or had when it was removed."""
        held = self.containers.get(container_id)
        return held.name if held else self.last_names.get(container_id, container_id)

    def stop(self, name: str, exit_code: int = 0) -> None:
        """Stop a container, running, paused or not."""
        container = self.container(name)
        if container.running:
            container.state, container.exit_code, container.health = "exited", exit_code, None

    def pause(self, name: str) -> None:
        """Freeze a running container."""
        container = self.container(name)
        if container.state != "running":
            raise RefusedError(f"container {name} is {container.state}, and can't be paused")
        container.state = "paused"

    def unpause(self, name: str) -> None:
        """Let a frozen container run on."""
        container = self.container(name)
        if container.state != "paused":
            raise RefusedError(f"Container {name} is not paused")
        container.state = "running"

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a container and the anonymous volumes that were made for it."""
        container = self.container(name)
        if container.running and not force:
            raise RefusedError(f'cannot remove container "/{container.name}": container is {container.state}')
        self.last_names[container.id] = container.name
        del self.containers[container.id]
        for volume in container.anonymous:
            if volume in self.volumes and not any(volume in c.volumes for c in self.containers.values()):
                del self.volumes[volume]

    def rename(self, name: str, new_name: str) -> None:
        """Give a container another name."""
        container = self.container(name)
        if container.name == new_name:
            raise RefusedError("Renaming a container with the same name as its current name")
        self._free(new_name)
        container.name = new_name

    def connect(self, name: str, network: str, settings: Raw) -> None:
        """Connect a container to a network; a stopped one's settings are overwritten."""
        container = self.container(name)
        network_id = network if network == "bridge" else self.network_named(network)
        if container.host["NetworkMode"].startswith(("container:", "host")):
            raise RefusedError("container sharing network namespace with another container or host cannot be connected")
        if container.running and network in container.endpoints:
            raise RefusedError(f"endpoint with name {container.name} already exists in network {network}")
        container.endpoints[network] = read_back.endpoint(settings, self.release)
        if container.running:
            self._addresses_free(container)
            container.endpoints[network] = read_back.started_endpoint(
                container.endpoints[network], network_id, container.id, container.config["Hostname"], self.release
            )

    def disconnect(self, name: str, network: str) -> None:
        """Disconnect a container from a network, also from one that is gone."""
        container = self.container(name)
        if network not in container.endpoints:
            raise RefusedError(f"container {container.id} is not connected to network {network}")
        del container.endpoints[network]

    def update(self, name: str, body: Raw) -> None:
        """Change limits and restart policy; 0 and nothing mean "not given", but for pids."""
        host = self.container(name).host
        memory, swap = body.get("Memory") or host["Memory"], body.get("MemorySwap") or host["MemorySwap"]
        if body.get("Memory") and swap != -1 and memory > swap:
            raise RefusedError("Memory limit should be smaller than already set memoryswap limit")
        for key, others in CPU_LIMITS.items():
            if body.get(key) and any((host.get(other) or 0) > 0 for other in others):
                raise RefusedError(f"{key} cannot be updated as {' or '.join(others)} has already been set")
        for key, value in body.items():
            if key == "PidsLimit":
                host[key] = max(value, 0)
            elif key == "RestartPolicy":
                host[key] = dict(value) if value.get("Name") else host[key]
            elif value:
                host[key] = value

    def actual(self, registry_digests: Mapping[str, Any] | None = None) -> Actual:
        """All of it, as an inventory gives it."""
        return Actual(
            EngineFacts("unix:///simulated", self.release.version, self.release.api_version),
            images={
                i.id: LiveImage(i.id, i.tags, i.digests, i.layers, i.config, i.comment) for i in self.images.values()
            },
            references={reference: i.id for i in self.images.values() for reference in i.references},
            networks=tuple(
                LiveNetwork(i, raw["Name"], raw["Labels"], deepcopy(raw)) for i, raw in self.networks.items()
            ),
            volumes={n: LiveVolume(n, raw["Labels"] or {}, deepcopy(raw)) for n, raw in self.volumes.items()},
            containers=tuple(self._live(container) for container in self.containers.values()),
            registry_digests=registry_digests or {},
        )

    def _live(self, container: Container) -> LiveContainer:
        labels = container.config["Labels"]
        records = recorded_labels({n: raw["Labels"] or {} for n, raw in self.volumes.items()}, labels.get(PROJECT, ""))
        return LiveContainer(
            container.id,
            container.name,
            container.state,
            container.image_id,
            container.config["Image"],
            {**labels, **records.get(container.id, {})},
            tuple(container.endpoints),
            container.volumes,
            self.inspect(container),
            tuple(f"{c.name}/{a}" for c in self.containers.values() for i, a in c.links if i == container.id),
        )

    def inspect(self, container: Container) -> Raw:
        """A container's inspection."""
        links = [f"/{self.last_name(target)}:/{container.name}/{alias}" for target, alias in container.links]
        hidden = {"MacAddress": ""} if container.state == "exited" and self.release.speaks("1.44") else {}
        return deepcopy(
            {
                "Id": container.id,
                "Name": f"/{container.name}",
                "Created": container.created,
                "Image": container.image_id,
                "State": state_of(container),
                "Config": container.config,
                "HostConfig": {**container.host, "Links": links or None},
                "NetworkSettings": {"Networks": {name: held | hidden for name, held in container.endpoints.items()}},
                "Mounts": container.mounts,
            }
        )
