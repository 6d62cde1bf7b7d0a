# shellcheck shell=bash
# A Docker engine for the demonstration, where the machine has none. Sourced by scripts/demo, after setup.sh.
# It has a bridge, a folder and a socket of its own, and touches neither iptables nor /var/lib/docker. Its processes and
# mounts are in namespaces of their own, so that all of them end with it; its network is the machine's, so that the
# ports which it publishes are reached on 127.0.0.1.

engine_run=/run/dockerdecl-demo      # socket, pid and log
engine_data=/var/lib/dockerdecl-demo # images and volumes
engine_bridge=dockerdecl0
engine_host=unix://$engine_run/docker.sock

# shellcheck disable=SC2016  # "$0" is the inner shell's, which may read the file
engine_runs() { as_root sh -c 'kill -0 "$(cat "$0/box")"' "$engine_run" 2>/dev/null; }

engine_start() {
  need_packages docker.io iproute2 busybox-static
  say "Starting a private Docker engine: socket $engine_run/docker.sock, data in $engine_data, bridge $engine_bridge."
  as_root mkdir -p "$engine_run" "$engine_data"
  echo '{"exec-opts": ["native.cgroupdriver=cgroupfs"]}' | as_root tee "$engine_run/daemon.json" >/dev/null
  if ! ip link show "$engine_bridge" >/dev/null 2>&1; then
    as_root ip link add "$engine_bridge" type bridge
    as_root ip addr add 10.211.0.1/24 dev "$engine_bridge"
    as_root ip link set "$engine_bridge" up
  fi
  # shellcheck disable=SC2016  # "$0" and "$@" are the inner shell's
  as_root sh -c 'setsid unshare --mount --pid --fork --mount-proc --kill-child=SIGKILL "$@" >"$0/log" 2>&1 </dev/null & echo $! >"$0/box"' \
    "$engine_run" /usr/sbin/dockerd --config-file "$engine_run/daemon.json" --data-root "$engine_data" \
    --exec-root "$engine_run/exec" --pidfile "$engine_run/pid" --host "$engine_host" --group "$(id -gn)" \
    --bridge "$engine_bridge" --iptables=false --ip6tables=false --ip-masq=false \
    --default-address-pool base=10.212.0.0/16,size=24
  local tries=0
  until docker --host "$engine_host" version >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 150 ] || ! engine_runs; then
      as_root tail -n 20 "$engine_run/log" >&2
      engine_stop
      give_up "the engine did not start; the end of its log is above"
    fi
    sleep 0.2
  done
}

# Ends the engine with all that is in it, and removes what it made.
engine_stop() {
  local box child bridge
  box=$(as_root cat "$engine_run/box" 2>/dev/null) || return 0
  child=$(as_root cat "/proc/$box/task/$box/children" 2>/dev/null || true)
  # shellcheck disable=SC2086  # nothing where the engine ended by itself
  [ -z "$child" ] || as_root kill -9 $child 2>/dev/null || true
  while engine_runs; do sleep 0.1; done
  for bridge in $(ip -o -4 addr show | awk '$4 ~ /^10\.212\./ && $2 ~ /^br-/ { print $2 }') "$engine_bridge"; do
    as_root ip link delete "$bridge" 2>/dev/null || true
  done
  as_root rm -rf "$engine_run" "$engine_data"
}
