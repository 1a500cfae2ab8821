#!/bin/bash
# build.sh PRESET JOBS: configures where that is due, and builds.
set -euo pipefail
preset=$1 jobs=$2
[[ -f build/$preset/build.ninja ]] || cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$jobs"
