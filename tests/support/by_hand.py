"""Containers as people make them by hand, one of each kind: the command lines of Docker, and what they need around."""

from __future__ import annotations

from types import MappingProxyType

AROUND = (
    "network create plain",
    "network create --subnet 10.77.0.0/24 --gateway 10.77.0.254 --ip-range 10.77.0.128/25 --label team=shop fixed",
    "network create --internal --opt com.docker.network.bridge.name=br-inner inner",
    "volume create store",
    "volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=1m --label team=shop memory",
)
"""Networks and volumes that some of them are on."""

SLEEP = "busybox:1 sleep 9999"

STARTED = MappingProxyType(
    {
        "web": f"--network plain -p 127.0.0.1:18180:80 -p 18181-18182:81-82/udp -p 83 {SLEEP}",
        "legacy-db": f"-e POSTGRES_PASSWORD=hunter22 -e LEVEL=info {SLEEP}",
        "legacy-app": f"--link legacy-db --link legacy-db:database {SLEEP}",
        "sidecar": f"--network container:web --pid container:web {SLEEP}",
        "frozen": f"--init {SLEEP}",
        "two-nets": f"--hostname two --add-host db:10.0.0.5 {SLEEP}",
    }
)
"""Those that have to run for what they are."""

CREATED = MappingProxyType(
    {
        "limits": f"--memory 64m --memory-reservation 32m --cpus 0.5 --pids-limit 50 --cpu-shares 512 {SLEEP}",
        "swap": f"--memory 64m --memory-swap -1 --cpuset-cpus 0 --cpu-period 50000 --cpu-quota 25000 {SLEEP}",
        "restarts": f"--restart on-failure:3 {SLEEP}",
        "health": "--health-cmd true --health-interval 2s --health-retries 5 --health-start-period 3s www:1",
        "no-health": "--no-healthcheck www:1",
        "logs": f"--log-driver local --log-opt max-size=5m {SLEEP}",
        "more-logs": f"--log-opt max-file=3 --log-opt max-size=1m {SLEEP}",
        "devices": f"--device /dev/null:/dev/nothing:r --device /dev/zero --device-cgroup-rule 'c 1:3 mr' {SLEEP}",
        "ulimits": f"--ulimit nofile=1024:2048 --ulimit nproc=100 {SLEEP}",
        "sysctls": f"--sysctl net.core.somaxconn=512 --sysctl net.ipv4.ip_forward=0 {SLEEP}",
        "in-memory": f"--tmpfs /run:size=1m,mode=1777 --tmpfs /cache --mount type=tmpfs,dst=/tmp,tmpfs-size=2m {SLEEP}",
        "secrets": f"-e API_TOKEN=s3cret$x -e REDIS=redis://:pa55@cache -e TOKEN_FILE=/t {SLEEP} --password=pw1-of-all",
        "fixed-address": f"--network fixed --ip 10.77.0.9 --network-alias first {SLEEP}",
        "own-mac": f"--mac-address 02:42:0a:4d:00:99 {SLEEP}",
        "inside": f"--network inner --dns 10.0.0.2 --dns-search example.org --dns-option ndots:2 {SLEEP}",
        "anonymous": f"-v /data -v store:/store:ro -v memory:/memory:nocopy -v /tmp:/host:rw,rshared {SLEEP}",
        "mounted": f"--mount type=bind,src=/etc,dst=/config,ro --mount type=volume,dst=/new,volume-label=a=b {SLEEP}",
        "borrowed": f"--volumes-from anonymous:ro {SLEEP}",
        "on-the-host": f"--network host -p 18190:80 --uts host {SLEEP}",
        "host-spaces": f"--pid host --ipc host --security-opt no-new-privileges {SLEEP}",
        "shareable": f"--ipc shareable --shm-size 128m {SLEEP}",
        "alone": f"--network none --read-only --cap-drop ALL --cap-add NET_ADMIN --group-add audio {SLEEP}",
        "labels": f"--label team=shop --label 'note=a: b # c' --label price=$5 --label number=007 {SLEEP}",
        "entry": "--entrypoint /bin/sh busybox:1 -c 'echo \"$HOME\" && sleep 9999'",
        "person": f"--user 1000:1000 --workdir /srv/app --stop-signal USR1 --stop-timeout 3 {SLEEP}",
        "terminal": f"-it --domainname example.org --hostname box {SLEEP}",
        "privileged": f"--privileged --cgroup-parent /other --oom-score-adj 100 {SLEEP}",
        "exposed": f"--expose 7000-7001 --expose 53/udp -P {SLEEP}",
        "once": f"--rm {SLEEP}",
        "odd_Name.1": f"--network plain --network-alias other {SLEEP}",
        "unmasked": f"--security-opt systempaths=unconfined --security-opt seccomp=unconfined {SLEEP}",
    }
)
"""Those for which it is enough to be created."""

FOR_NEW_ENGINES = frozenset(("own-mac",))
"""Those that a new command line asks no old engine for."""

FEW = (
    "web",
    "legacy-db",
    "legacy-app",
    "sidecar",
    "two-nets",
    "secrets",
    "fixed-address",
    "anonymous",
    "borrowed",
    "labels",
)
"""Those that are bound to one another, or have something to hide."""
