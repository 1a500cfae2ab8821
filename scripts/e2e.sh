#!/bin/bash
# e2e.sh [TEST...]: the tests of tests/e2e on a real Kubernetes, with the image built from this tree. Without TEST, such as
# kubernetes_faults_test.UnderLoad, all of them. Variables:
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

export IMAGE
tests=(--verbose "$@")
(($#)) || tests=(discover --verbose --start-directory tests/e2e --pattern 'kubernetes*_test.py')
status=0
PYTHONPATH=tests/e2e timeout --foreground 1500 "${in[@]}" python3 -m unittest "${tests[@]}" 2>&1 | tee "$work/output" || status=$?
ran=$(sed -nE 's/^Ran ([0-9]+) tests? in .*/\1/p' "$work/output" | tail -n 1)
skipped=$(sed -nE 's/^(OK|FAILED) .*skipped=([0-9]+).*/\2/p' "$work/output" | tail -n 1)
((status == 0)) || fail "${ran:-none} ran, not all passed"
echo "e2e: $((ran - ${skipped:-0})) passed, ${skipped:-0} skipped"
