#!/bin/bash
# deps.sh [dev|bench]: installs the Debian packages that daybook is built and tested with; with `dev` also what lint,
# sanitizers and fuzzing need, with `bench` what the yardstick does. Does nothing where all are there.
set -euo pipefail

packages=(
  ca-certificates ccache cmake curl g++ git make ninja-build pkg-config python3
  libboost-dev libcli11-dev libgmock-dev libgtest-dev libpistache-dev libspdlog-dev libssl-dev prometheus-cpp-dev
  rapidjson-dev zlib1g-dev
)
[[ ${1:-} == bench ]] && packages+=(wrk)
[[ ${1:-} == dev ]] && packages+=(clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev)

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "deps: install these as root: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "deps: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
