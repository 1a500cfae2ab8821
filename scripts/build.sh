#!/bin/bash
# build.sh PRESET JOBS [TARGET]: configures where that is due, and builds TARGET, or everything.
set -euo pipefail
preset=$1 jobs=$2 target=${3:-all}
# What was compiled in one clone is found in ccache by another.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
[[ build/$preset/build.ninja -nt CMakePresets.json ]] || cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$jobs" --target "$target"
