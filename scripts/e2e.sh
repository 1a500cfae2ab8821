#!/bin/bash
# e2e.sh [TEST...]: the tests of tests/e2e on a real Kubernetes, with the image built from this tree. Without TEST, such as
# kubernetes_faults_test.UnderLoad, all of them, and before them tests/helm, with the programs that are there. Variables:
#   TEST_CLUSTER         a folder with the commands of a test cluster: up [NODES], down, in CMD..., load ARCHIVE..., and
#                        perhaps crds (the definitions that the chart's custom resources need). It is given the image; it is
#                        brought up and taken down if it was not there. Without it the tests run against what KUBECONFIG
#                        points to, where IMAGE is already
#   KEEP                 1: leave the cluster up
#   IMAGE, IMAGE_ARCHIVE the image, and its archive; an archive that is there is not built again. The rest: scripts/image.sh
# Ends with 1 where a test failed, or where the cluster that was named cannot be had; with 0 and a word where none was named.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() { echo "e2e: skipped: $*"; exit 0; }
fail() { echo "e2e: $*" >&2; exit 1; }

python3 -c 'import yaml' 2>/dev/null || skip "python3 has no yaml (scripts/deps.sh e2e)"
cluster=${TEST_CLUSTER:-}
work=$(mktemp -d)
began_it=
finish() {
  rm -rf "$work"
  if [[ $began_it && ${KEEP:-} != 1 ]]; then "$cluster/down"; fi
}
trap finish EXIT

in=()
if [[ $cluster ]]; then
  for command in up down in load; do
    [[ -x $cluster/$command ]] || fail "TEST_CLUSTER is $cluster, and there is no $command"
  done
  if [[ ! -f ${IMAGE_ARCHIVE:=$work/daybook.tar} ]]; then
    # A name without a registry is docker.io's, which podman does not think by itself.
    version=$(sed -nE 's/^project\(daybook VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
    IMAGE=${IMAGE:-docker.io/library/daybook:$version} IMAGE_ARCHIVE=$IMAGE_ARCHIVE scripts/image.sh
  fi
  IMAGE=$(tar -xOf "$IMAGE_ARCHIVE" manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["RepoTags"][0])')
  "$cluster/in" kubectl version >/dev/null 2>&1 || { began_it=1; "$cluster/up" 2; }
  if [[ -x $cluster/crds ]]; then "$cluster/crds" >/dev/null; fi
  "$cluster/load" "$IMAGE_ARCHIVE" >/dev/null
  in=("$cluster/in")
else
  [[ ${KUBECONFIG:-} ]] || skip "neither TEST_CLUSTER nor KUBECONFIG says where there is a Kubernetes"
  command -v kubectl >/dev/null || skip "there is no kubectl"
  [[ ${IMAGE:-} ]] || skip "IMAGE does not name the image that the cluster has"
fi

# Of those that tests/helm would like to have, kube-score can be built where there is Go.
KUBE_SCORE_VERSION=v1.20.0
kube_score() {
  local folder=$PWD/build/tools
  command -v kube-score && return
  if [[ ! -x $folder/kube-score ]]; then
    command -v go >/dev/null || return 0
    local package=github.com/zegl/kube-score/cmd/kube-score@$KUBE_SCORE_VERSION
    GOBIN=$folder timeout 300 go install "$package" >"$work/go" 2>&1 || return 0
  fi
  echo "$folder/kube-score"
}

export IMAGE
passed=0 skipped=0
# suite COMMAND...: unittest's closing lines are counted.
suite() {
  local status=0 ran missed
  ${in[@]+"${in[@]}"} "$@" 2>&1 | tee "$work/output" || status=$?
  ran=$(sed -nE 's/^Ran ([0-9]+) tests? in .*/\1/p' "$work/output" | tail -n 1)
  missed=$(sed -nE 's/^(OK|FAILED) .*skipped=([0-9]+).*/\2/p' "$work/output" | tail -n 1)
  ((status == 0)) || fail "${ran:-none} ran, not all passed"
  skipped=$((skipped + ${missed:-0})) passed=$((passed + ${ran:-0} - ${missed:-0}))
}

if (($# == 0)); then
  KUBE_SCORE=$(kube_score)
  export KUBE_SCORE=${KUBE_SCORE:-kube-score}
  for test in chart upgrade manifests score; do suite python3 "tests/helm/${test}_test.py"; done
  if [[ -x build/release/daybook ]]; then
    suite python3 tests/helm/monitoring_test.py build/release/daybook
  else
    echo "e2e: tests/helm/monitoring_test.py wants build/release/daybook (make build)"
  fi
fi
tests=(--verbose "$@")
(($#)) || tests=(discover --verbose --start-directory tests/e2e --pattern 'kubernetes*_test.py')
export PYTHONPATH=tests/e2e
suite timeout --foreground 1500 python3 -m unittest "${tests[@]}"
echo "e2e: $passed passed, $skipped skipped"
