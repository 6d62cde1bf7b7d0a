"""A container: the words and forms of a Compose service, and what dockerdecl adds to them.

One attribute is one row: its annotations say how it is written, read back, filled, changed in place and since when the
engine knows it. Attributes without a lens are dockerdecl's own: they steer it, and the engine never sees them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from dockerdecl.resources.container import forms
from dockerdecl.resources.container.deploy import Deploy, with_plain_fields
from dockerdecl.resources.container.lenses.devices import (
    BlkioLens,
    DeviceRequestsLens,
    DevicesLens,
    MacAddressLens,
    SwappinessLens,
)
from dockerdecl.resources.container.lenses.limits import (
    CapabilitiesLens,
    CredentialSpecLens,
    LoggingLens,
    MapLens,
    MemoryLens,
    PidsLens,
    RestartLens,
    SecurityOptLens,
    SetLens,
    SwapLens,
    UlimitsLens,
)
from dockerdecl.resources.container.lenses.mounts import TmpfsLens, VolumesFromLens, VolumesLens, split_mount
from dockerdecl.resources.container.lenses.networks import (
    DomainnameLens,
    HostnameLens,
    LinksLens,
    NamespaceLens,
    NetworkModeLens,
    NetworksLens,
)
from dockerdecl.resources.container.lenses.ports import ExposeLens, PortsLens, read_exposed
from dockerdecl.resources.container.lenses.process import (
    CommandLens,
    EntrypointLens,
    EnvironmentLens,
    HealthcheckLens,
    LabelsLens,
    StopGracePeriodLens,
    StopSignalLens,
    WorkingDirLens,
)
from dockerdecl.resources.container.mount_parts import AbsolutePath, Mount
from dockerdecl.resources.container.parts import (
    Attachment,
    BlkioConfig,
    CredentialSpec,
    Dependency,
    DeviceRequest,
    EnvFileForm,
    Extends,
    Grant,
    Healthcheck,
    Hook,
    Logging,
    MacAddress,
    PortForm,
    Replace,
    Signal,
    Ulimit,
)
from dockerdecl.resources.image.spec import BuildForm
from dockerdecl.resources.masking import looks_like_a_credential
from dockerdecl.resources.notes import AfterValidator, BeforeValidator, WithJsonSchema, model_validator
from dockerdecl.resources.rows import At, ByConnecting, FromDaemon, InPlace, MayBeDropped, OnlyOn, Sensitive, Since
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import (
    Boolean,
    Cpus,
    Duration,
    Integer,
    Microseconds,
    OptionalTextMap,
    OrShort,
    Size,
    Text,
    TextMap,
    Texts,
    TextSet,
    Words,
    as_list,
)

State = Literal["running", "created", "stopped", "paused", "completed", "absent"]

MountForm = Annotated[Mount, BeforeValidator(split_mount), OrShort()]
_LinkMap = Annotated[
    dict[str, Text],
    BeforeValidator(forms.links),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "examples": [["db:database"]]}),
]


class Container(Spec):
    """A container of the project."""

    image: Annotated[Text, WithJsonSchema({"type": "string", "minLength": 1})] = ""
    """The key of an entry under `images`, or an image reference, such as `registry.local:5000/shop/web:1.4`."""
    container_name: Text | None = None
    """A fixed name on the engine, such as `shop-database`; `PROJECT-KEY` where left out."""
    state: State = "running"
    """What it should be: running, created, stopped, paused, completed (runs once and must exit 0) or absent."""
    build: BuildForm | None = None
    """A build context: its image is `images.KEY`, called what `image` says, or else PROJECT-KEY, such as `./web`."""
    platform: Text | None = None
    """The platform that its image is pulled, built and run for, such as `linux/arm64`."""
    pull_policy: Annotated[Text, AfterValidator(forms.container_pull_policy)] | None = None
    """When its image is pulled, where no entry of `images` says so, such as `always`, `never` or `every_12h`."""
    pull_refresh_after: Text | None = None
    """How old a pulled image may get with `pull_policy: refresh`, such as `12h`."""
    profiles: TextSet | None = None
    """Only wanted where one of these profiles is active (`--profile`), such as `[debug]`."""
    extends: Annotated[Extends | None, BeforeValidator(forms.extends), OrShort()] = None
    """A container that this one begins from, of this file or another one, such as `{file: base.yaml, service: web}`."""
    replicas: Integer | None = None
    """So many containers of one definition, named `PROJECT-KEY-N`, such as `3`."""
    scale: Integer | None = None
    """Another word for `replicas`, such as `3`."""
    deploy: Deploy | None = None
    """What of Compose's `deploy` one engine can do, in place of the plain fields."""
    replace: Replace | None = None
    """How it is replaced when a change needs a replacement."""
    attach: Boolean = True
    """Whether its last log lines are shown where it fails, such as `false` for one that logs what nobody may see."""
    post_start: tuple[Hook, ...] | None = None
    """Commands that are run in it after each start that an apply makes, such as `[{command: /bin/warm-up}]`."""
    pre_stop: tuple[Hook, ...] | None = None
    """Commands that are run in it before an apply or `destroy` stops it, such as `[{command: /bin/drain}]`."""
    depends_on: Annotated[dict[str, Dependency] | None, BeforeValidator(forms.dependencies), OrShort(("array",))] = None
    """Containers that must have been started, be healthy or have completed before this one starts."""
    env_file: Annotated[
        tuple[EnvFileForm, ...] | None,
        BeforeValidator(lambda v: [v] if isinstance(v, dict) else as_list(v)),
        OrShort(("string", "object")),
    ] = None
    """Files with environment variables; `environment` wins over them."""
    secrets: tuple[Grant, ...] | None = None
    """Secrets put into the container as files, below `/run/secrets`."""
    configs: tuple[Grant, ...] | None = None
    """Configs put into the container as files."""

    entrypoint: Annotated[Words | None, EntrypointLens()] = None
    """The program, such as `[/start, --verbose]`, or a string split like a shell does. `[]` takes the image's away."""
    command: Annotated[Words | None, CommandLens()] = None
    """The arguments, or the program where there is no entrypoint, such as `serve --port 8080`."""
    environment: Annotated[
        OptionalTextMap | None, EnvironmentLens(), Sensitive(lambda path: looks_like_a_credential(path[-1]))
    ] = None
    """Environment variables, as a map or a list of NAME=value, such as `{LOG_LEVEL: debug}`."""
    labels: Annotated[TextMap | None, LabelsLens()] = None
    """Labels, as a map or a list of NAME=value, such as `{team: shop}`."""
    label_file: Texts | None = None
    """Files with labels, in lines of NAME=value, such as `[web.labels]`; `labels` wins over them."""
    user: Annotated[Text | None, At("Config.User", image="User")] = None
    """The user (and group) that the process runs as, by name or number, such as `1000:1000`."""
    working_dir: Annotated[AbsolutePath | None, WorkingDirLens()] = None
    """The folder that the process starts in, such as `/srv`."""
    hostname: Annotated[Text | None, HostnameLens()] = None
    """The host name in the container, such as `db`; its short id where left out."""
    domainname: Annotated[Text | None, DomainnameLens()] = None
    """The NIS domain name, such as `example.org`."""
    tty: Annotated[Boolean | None, At("Config.Tty")] = None
    """Give the process a terminal."""
    stdin_open: Annotated[Boolean | None, At("Config.OpenStdin")] = None
    """Keep standard input open."""
    stdin_once: Annotated[Boolean | None, At("Config.StdinOnce")] = None
    """Close standard input when the first one who was attached leaves."""
    stop_signal: Annotated[Signal | None, StopSignalLens()] = None
    """The signal that asks the process to end, such as `SIGQUIT`."""
    stop_grace_period: Annotated[Duration | None, StopGracePeriodLens()] = None
    """Time to end after the stop signal; then it is killed. In whole seconds on the engine."""
    healthcheck: Annotated[Healthcheck | None, HealthcheckLens()] = None
    """How the engine finds out whether the container works, such as `{test: [CMD, /bin/check], interval: 10s}`."""
    shell: Annotated[Texts | None, At("Config.Shell", default=())] = None
    """The shell that a health check of the form CMD-SHELL runs in, such as `[/bin/bash, -c]`; never the image's."""

    ports: Annotated[tuple[PortForm, ...] | None, PortsLens()] = None
    """Ports published on the host, with or without address, protocol or range, such as `["127.0.0.1:8080:80/udp"]`."""
    expose: Annotated[
        tuple[Annotated[Text, AfterValidator(read_exposed)], ...] | None, BeforeValidator(as_list), ExposeLens()
    ] = None
    """Ports that it listens on, for others on its networks, such as `[8080]`."""
    publish_all_ports: Annotated[Boolean | None, At("HostConfig.PublishAllPorts")] = None
    """Publish every exposed port on one of the host's that the engine chooses."""
    network_mode: Annotated[Text | None, NetworkModeLens()] = None
    """What it has instead of networks, such as `bridge`, `host`, `none`, `service:KEY` or `container:NAME`."""
    networks: Annotated[
        dict[str, Attachment] | None,
        BeforeValidator(forms.attachments),
        NetworksLens(),
        ByConnecting(),
        OrShort(("array",)),
    ] = None
    """Networks it is attached to, with aliases and addresses, such as `[back]`; the project's `default` one else."""
    links: Annotated[_LinkMap | None, LinksLens()] = None
    """Containers it reaches under another name: `db` or `db:database`; legacy links with `network_mode: bridge`."""
    external_links: Annotated[Texts | None, BeforeValidator(forms.external_links)] = None
    """Links to containers of others, by their names on the engine, such as `[redis, "database:mysql"]`."""
    mac_address: Annotated[MacAddress | None, MacAddressLens(), FromDaemon()] = None
    """The MAC address of its first network interface, such as `02:42:ac:11:00:05`."""
    dns: Annotated[Texts | None, At("HostConfig.Dns", default=())] = None
    """Name servers, such as `[10.0.0.2]`."""
    dns_search: Annotated[Texts | None, At("HostConfig.DnsSearch", default=())] = None
    """Search domains for host names, such as `[example.org]`."""
    dns_opt: Annotated[Texts | None, At("HostConfig.DnsOptions", default=())] = None
    """Options of the resolver, such as `['ndots:2']`."""
    extra_hosts: Annotated[
        tuple[Text, ...] | None,
        BeforeValidator(forms.extra_hosts),
        SetLens("HostConfig.ExtraHosts"),
        WithJsonSchema({"type": ["array", "object"]}),
    ] = None
    """Further entries of /etc/hosts, such as `[db=10.0.0.5]`."""

    volumes: Annotated[tuple[MountForm, ...], VolumesLens()] = ()
    """Volumes, host paths and tmpfs mounted into it, in short or long form, such as `["data:/var/lib/data"]`."""
    tmpfs: Annotated[Texts | None, TmpfsLens()] = None
    """Folders in memory, with options of the mount behind a colon, such as `/run:size=64m,mode=1777`."""
    volumes_from: Annotated[Texts | None, VolumesFromLens()] = None
    """Containers whose mounts it shares, each `KEY`, `KEY:ro` or `container:NAME`, such as `[store:ro]`."""
    volume_driver: Annotated[Text | None, At("HostConfig.VolumeDriver")] = None
    """The driver for volumes that its creation makes, such as `local`."""
    read_only: Annotated[Boolean | None, At("HostConfig.ReadonlyRootfs")] = None
    """Mount the container's own file system read-only."""

    restart: Annotated[
        Annotated[Text, AfterValidator(forms.restart_policy)] | None,
        RestartLens(),
        InPlace(("RestartPolicy",), {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}),
    ] = None
    """`no`, `always`, `unless-stopped`, `on-failure`, or with a limit, such as `on-failure:5`."""
    mem_limit: Annotated[Size | None, MemoryLens(), InPlace(("Memory", "MemorySwap"))] = None
    """The most memory it may use."""
    memswap_limit: Annotated[
        Size | None, SwapLens(), InPlace(("Memory", "MemorySwap"), at_start={"MemorySwap": -1})
    ] = None
    """Memory and swap together; -1 is unlimited, twice the memory where left out."""
    mem_reservation: Annotated[Size | None, At("HostConfig.MemoryReservation"), InPlace(("MemoryReservation",))] = None
    """Memory it is left with when the host runs short."""
    mem_swappiness: Annotated[Integer | None, SwappinessLens(), MayBeDropped()] = None
    """How readily its memory is swapped out, 0 to 100, such as `10`; -1 is the kernel's default."""
    oom_kill_disable: Annotated[Boolean | None, At("HostConfig.OomKillDisable"), MayBeDropped()] = None
    """Don't end its processes when it is out of memory."""
    blkio_config: Annotated[BlkioConfig | None, BlkioLens(), MayBeDropped()] = None
    """Block I/O weights and limits, such as `{weight: 300}`."""
    cpus: Annotated[
        Cpus | None,
        At("HostConfig.NanoCpus"),
        InPlace(("NanoCpus",), refused_beside={"CpuQuota": -1, "CpuPeriod": None}),
    ] = None
    """The most CPUs it may use, as a decimal."""
    cpu_period: Annotated[
        Microseconds | None,
        At("HostConfig.CpuPeriod", zero=100_000),
        InPlace(("CpuPeriod",), {"CpuPeriod": 100_000}, refused_beside={"NanoCpus": None}),
    ] = None
    """The period that `cpu_quota` counts in, in microseconds; 100000 where left out."""
    cpu_quota: Annotated[
        Microseconds | None,
        At("HostConfig.CpuQuota", zero=-1),
        InPlace(("CpuQuota",), {"CpuQuota": -1}, refused_beside={"NanoCpus": None}),
    ] = None
    """CPU time it may use in a period, in microseconds; -1 is unlimited."""
    cpu_rt_period: Annotated[Microseconds | None, At("HostConfig.CpuRealtimePeriod")] = None
    """The period that `cpu_rt_runtime` counts in, in microseconds."""
    cpu_rt_runtime: Annotated[Microseconds | None, At("HostConfig.CpuRealtimeRuntime")] = None
    """CPU time in a period for real-time tasks, in microseconds."""
    cpu_count: Annotated[Integer | None, At("HostConfig.CpuCount"), MayBeDropped()] = None
    """The number of CPUs (Windows), such as `2`."""
    cpu_percent: Annotated[Integer | None, At("HostConfig.CpuPercent"), MayBeDropped()] = None
    """The share of the CPUs (Windows), such as `50`."""
    io_maximum_iops: Annotated[Integer | None, At("HostConfig.IOMaximumIOps"), OnlyOn("windows")] = None
    """The most I/O operations a second on its system drive (Windows), such as `500`."""
    io_maximum_bandwidth: Annotated[Size | None, At("HostConfig.IOMaximumBandwidth"), OnlyOn("windows")] = None
    """The most bytes a second on its system drive (Windows)."""
    cpu_shares: Annotated[
        Integer | None, At("HostConfig.CpuShares", zero=1024), InPlace(("CpuShares",), {"CpuShares": 1024})
    ] = None
    """Its weight against other containers where CPUs are short, such as `512`; 1024 where left out."""
    cpuset: Annotated[Text | None, At("HostConfig.CpusetCpus"), InPlace(("CpusetCpus",))] = None
    """The CPUs it may run on, by number, such as `0-1` or `0,2`."""
    cpuset_mems: Annotated[Text | None, At("HostConfig.CpusetMems"), InPlace(("CpusetMems",))] = None
    """The memory nodes it may use (NUMA), by number, such as `0-1`."""
    pids_limit: Annotated[Integer | None, PidsLens(), InPlace(("PidsLimit",), {"PidsLimit": 0})] = None
    """The most processes it may have, such as `100`; -1 is unlimited."""
    oom_score_adj: Annotated[Integer | None, At("HostConfig.OomScoreAdj")] = None
    """How likely the kernel ends it when memory runs out, -1000 to 1000, such as `500`."""
    shm_size: Annotated[Size | None, At("HostConfig.ShmSize"), FromDaemon()] = None
    """The size of /dev/shm."""
    ulimits: Annotated[
        dict[str, Annotated[Ulimit, OrShort(("integer",))]] | None,
        BeforeValidator(forms.ulimits),
        UlimitsLens(),
        FromDaemon(),
    ] = None
    """Resource limits of its processes, one number or soft and hard, such as `{nofile: 1024}`."""

    privileged: Annotated[Boolean | None, At("HostConfig.Privileged")] = None
    """Give it every capability and device of the host."""
    cap_add: Annotated[Texts | None, CapabilitiesLens("HostConfig.CapAdd")] = None
    """Capabilities beyond the default ones, such as `[NET_ADMIN]`."""
    cap_drop: Annotated[Texts | None, CapabilitiesLens("HostConfig.CapDrop")] = None
    """Default capabilities taken away, such as `[ALL]`."""
    security_opt: Annotated[Texts | None, SecurityOptLens()] = None
    """Security options, such as `no-new-privileges=true`."""
    credential_spec: Annotated[CredentialSpec | None, CredentialSpecLens(), OnlyOn("windows")] = None
    """The group managed service account it runs as (Windows), such as `{file: spec.json}`."""
    use_api_socket: Boolean = False
    """Mount the engine's API socket, `/var/run/docker.sock`, into it; credentials can be given as secrets."""
    masked_paths: Annotated[TextSet | None, SetLens("HostConfig.MaskedPaths"), FromDaemon()] = None
    """Paths that can't be read in the container, such as `[/proc/kcore]`; the engine's own choice where left out."""
    readonly_paths: Annotated[TextSet | None, SetLens("HostConfig.ReadonlyPaths"), FromDaemon()] = None
    """Paths that can't be written in the container, such as `[/proc/sys]`; the engine's own choice where left out."""
    devices: Annotated[Texts | None, DevicesLens()] = None
    """Host devices, each alone or as `HOST:CONTAINER:PERMISSIONS`, such as `[/dev/ttyUSB0]`."""
    device_cgroup_rules: Annotated[TextSet | None, SetLens("HostConfig.DeviceCgroupRules")] = None
    """Rules for devices by number, such as `c 1:3 mr`."""
    gpus: Annotated[
        Annotated[tuple[DeviceRequest, ...], AfterValidator(forms.as_gpus)] | None,
        BeforeValidator(forms.gpus),
        DeviceRequestsLens(),
        OrShort(("string",)),
    ] = None
    """GPUs, such as `all`, or a list of what is asked of the device driver."""
    group_add: Annotated[TextSet | None, SetLens("HostConfig.GroupAdd")] = None
    """Further groups of the process, such as `[audio]`."""
    init: Annotated[Boolean | None, At("HostConfig.Init", tells_false=True), FromDaemon()] = None
    """Run a small init as the first process, which forwards signals and reaps."""
    pid: Annotated[Text | None, NamespaceLens("HostConfig.PidMode")] = None
    """The process namespace, such as `host`, `service:KEY` or `container:NAME`."""
    ipc: Annotated[Text | None, NamespaceLens("HostConfig.IpcMode"), FromDaemon()] = None
    """The IPC namespace, such as `shareable`, `private`, `host`, `none`, `service:KEY` or `container:NAME`."""
    uts: Annotated[Text | None, NamespaceLens("HostConfig.UTSMode")] = None
    """The host name namespace, such as `host`."""
    userns_mode: Annotated[Text | None, NamespaceLens("HostConfig.UsernsMode")] = None
    """The user namespace, such as `host`."""
    cgroup: Annotated[Text | None, NamespaceLens("HostConfig.CgroupnsMode"), FromDaemon()] = None
    """The cgroup namespace, such as `private` or `host`."""
    cgroup_parent: Annotated[Text | None, At("HostConfig.CgroupParent")] = None
    """The cgroup above the container's, such as `/shop`."""
    runtime: Annotated[Text | None, At("HostConfig.Runtime"), FromDaemon()] = None
    """The OCI runtime, such as `runc`; the daemon's default where left out."""
    logging: Annotated[Logging | None, LoggingLens(), FromDaemon()] = None
    """Where its output goes, such as `{driver: local}`; the daemon's default where left out."""
    storage_opt: Annotated[TextMap | None, MapLens("HostConfig.StorageOpt")] = None
    """Options of the storage driver, such as `{size: 10G}`."""
    isolation: Annotated[Text | None, At("HostConfig.Isolation", zero="default")] = None
    """The isolation technology (Windows), such as `process`."""
    sysctls: Annotated[TextMap | None, MapLens("HostConfig.Sysctls")] = None
    """Kernel parameters of its namespaces, such as `{net.core.somaxconn: 1024}`."""
    annotations: Annotated[TextMap | None, MapLens("HostConfig.Annotations"), Since("1.43")] = None
    """Annotations for the OCI runtime, such as `{team: shop}`."""

    @model_validator
    def _in_plain_words(self) -> Container:
        return with_plain_fields(self)
