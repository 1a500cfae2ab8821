#!/bin/bash
# fuzz.sh BUILD SECONDS: runs each fuzz target of BUILD for its share of SECONDS, beginning with the kept corpus in
# tests/fuzz/corpus. What is found new goes to BUILD/corpus; an input that fails is left in BUILD, and is the exit code.
set -euo pipefail
build=$1 seconds=$2
targets=("$build"/*_fuzz)
for target in "${targets[@]}"; do
  name=$(basename "$target" _fuzz)
  found=$build/corpus/$name
  mkdir -p "$found"
  echo "fuzz: $name, $((seconds / ${#targets[@]})) s"
  "$target" -max_total_time=$((seconds / ${#targets[@]})) -max_len=2048 -timeout=10 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$build/$name-" "$found" "tests/fuzz/corpus/$name" 2>&1 | grep -vE '^(INFO|stat::(new|slow|peak))' || {
      echo "fuzz: $name failed" >&2
      exit 1
    }
done
