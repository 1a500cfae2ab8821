#!/bin/bash
# nats_server.sh [install]: prints the path of a nats-server that is new enough: NATS_SERVER's, or one on PATH, or one that
# Go installed. With `install` Go builds one where there is none. Else it ends with 1 and a line on what is missing.
set -euo pipefail

OLDEST=2.15.0
INSTALLED=v2.15.2

fail() { echo "nats_server: $*" >&2; exit 1; }
new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | sed -nE 's/^nats-server: v([0-9.]+).*/\1/p') || return 1
  [[ $version && $(printf '%s\n' "$OLDEST" "$version" | sort -V | head -n 1) == "$OLDEST" ]]
}

if [[ ${NATS_SERVER:-} ]]; then
  new_enough "$NATS_SERVER" || fail "NATS_SERVER is $NATS_SERVER, which is no nats-server of at least $OLDEST"
  echo "$NATS_SERVER"
  exit
fi

candidates=()
if on_path=$(command -v nats-server); then candidates+=("$on_path"); fi
if command -v go >/dev/null; then
  folder=$(go env GOBIN)
  if [[ ! $folder ]]; then
    folder=$(go env GOPATH)
    folder=${folder%%:*}/bin
  fi
  candidates+=("$folder/nats-server")
fi
for candidate in ${candidates[@]+"${candidates[@]}"}; do
  if new_enough "$candidate"; then
    echo "$candidate"
    exit
  fi
done

missing="there is no nats-server of at least $OLDEST"
[[ ${1:-} == install ]] || fail "$missing (scripts/nats_server.sh install)"
[[ ${folder:-} ]] || fail "$missing, and no go to build one with"
GOFLAGS=-buildvcs=false timeout 600 go install "github.com/nats-io/nats-server/v2@$INSTALLED" >/dev/null 2>&1 ||
  fail "$missing, and go cannot install $INSTALLED"
new_enough "$folder/nats-server" || fail "$missing, and what go installed in $folder is none"
echo "$folder/nats-server"
