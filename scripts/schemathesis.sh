#!/bin/bash
# schemathesis.sh [install]: prints the folder of the programs `schemathesis` and `openapi-spec-validator`: SCHEMATHESIS, or
# that of a virtual environment that this script made. With `install` one is made where there is none. Else it ends with 1 and
# a line on what is missing.
set -euo pipefail

packages=(schemathesis==4.32.5 openapi-spec-validator==0.9.0)
folder=${SCHEMATHESIS:-${XDG_CACHE_HOME:-$HOME/.cache}/daybook/${packages[0]/==/-}/bin}

fail() { echo "schemathesis: $*" >&2; exit 1; }

if [[ ! -x $folder/schemathesis || ! -x $folder/openapi-spec-validator ]]; then
  [[ ! ${SCHEMATHESIS:-} ]] || fail "SCHEMATHESIS is $folder, which has not both programs"
  [[ ${1:-} == install ]] || fail "there is no ${packages[0]} (scripts/schemathesis.sh install)"
  environment=$(dirname "$folder")
  trap 'rm -rf "$environment"' EXIT  # a half is none
  python3 -m venv "$environment" >/dev/null 2>&1 || fail "python3 -m venv does not work (Debian's python3-venv)"
  "$folder/pip" install --quiet --disable-pip-version-check "${packages[@]}" >/dev/null 2>&1 ||
    fail "pip cannot install ${packages[*]}"
  trap - EXIT
fi
echo "$folder"
