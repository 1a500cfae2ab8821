#!/bin/bash
# deps.sh [GROUP...]: installs the Debian packages that daybook is built and tested with, and those of the groups: dev
# (lint, sanitizers, fuzzing), bench (the yardstick), e2e (what tests run beside it, with a nats-server where there is Go, and
# schemathesis where there is PyPI).
# Does nothing where all are there.
set -euo pipefail

packages=(
  ca-certificates ccache cmake curl g++ git make ninja-build pkg-config python3
  libboost-dev libcli11-dev libgmock-dev libgtest-dev libnats-dev libpistache-dev libspdlog-dev libssl-dev libxxhash-dev
  prometheus-cpp-dev rapidjson-dev zlib1g-dev
)
from_pypi=
for group in "$@"; do
  case $group in
    dev) packages+=(clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev) ;;
    bench) packages+=(wrk redis-server webdis etcd-server fio) ;;
    e2e)
      packages+=(chromium nginx-light prometheus python3-venv python3-yaml strace)
      from_pypi=1
      if command -v go >/dev/null; then
        why=$("$(dirname "$0")/nats_server.sh" install 2>&1 >/dev/null) || echo "deps: left out: $why"
      fi
      ;;
    *) echo "deps: there is no group $group" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
# What is made with the packages.
finish() {
  local why
  [[ $from_pypi ]] || return 0
  why=$("$(dirname "$0")/schemathesis.sh" install 2>&1 >/dev/null) || echo "deps: left out: $why"
}
if ((${#missing[@]} == 0)); then
  finish
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "deps: install these as root: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "deps: installing ${missing[*]}"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then  # so that no package starts its service
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  "${as_root[@]}" install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
finish
