# shellcheck shell=bash
# What the other scripts share: a virtual environment, packages and engines, made where they are missing.
# Sourced from the project's folder. Quiet when there is nothing to do.

say() { printf '%s\n' "$*" >&2; }

give_up() {
  say "$(basename "$0"): $*"
  exit 1
}

# as_root COMMAND...: runs it as root, by sudo where needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    give_up "\`$1\` needs root: run this as root, or install sudo"
  fi
}

# need_packages NAME...: installs the Debian packages that are missing.
need_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || give_up "this isn't Debian: install ${missing[*]} by hand"
  say "Installing ${missing[*]} ..."
  local log
  log=$(mktemp)
  if ! { as_root apt-get -qq update && as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
    -o DPkg::Lock::Timeout=120 --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    give_up "apt-get could not install ${missing[*]}; its whole output is in $log"
  fi
  rm -f "$log"
}

# need_venv EXTRA: .venv with the project in it (editable), and what EXTRA ("test", "dev", or "") names.
need_venv() {
  local extra=$1 stamp wanted
  stamp=.venv/.ready${extra:+-$extra}
  wanted=$(sha256sum pyproject.toml; pwd)
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    give_up "Python 3.11 or newer is needed as \`python3\`"
  python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3-venv
  say "Setting up .venv ..."
  python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${extra:+[$extra]}" ||
    give_up "pip could not install the project"
  printf '%s' "$wanted" >"$stamp"
}

# need_engine VERSION SUITE: Docker engine VERSION, unpacked from that Debian suite in the user's cache.
need_engine() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/dockerdecl/engines/$1
  [ ! -x "$folder/bin/dockerd" ] || return 0
  say "Unpacking Docker engine $1 in $folder ..."
  scripts/fetch-engine "$2" "$folder"
}
