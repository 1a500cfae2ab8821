#!/bin/bash
# image.sh: builds the container image with docker or podman, whichever is there. Variables:
#   IMAGE                name:tag; by default daybook and the version in CMakeLists.txt
#   IMAGE_ARCHIVE        a file that the image is saved in as well, as `docker load` and `ctr images import` take it
#   IMAGE_TOOL           docker, podman, or either with options of its own
#   IMAGE_BUILD_OPTIONS  more options of `build`, such as --build-arg BUILD_IMAGE=mirror.example/debian:bookworm-slim
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -nE 's/^project\(daybook VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
revision=$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
image=${IMAGE:-daybook:$version}
read -ra tool <<<"${IMAGE_TOOL:-}"
if ((!${#tool[@]})); then
  # A docker without an engine behind it is no use.
  if docker info >/dev/null 2>&1; then tool=(docker)
  elif command -v podman >/dev/null; then tool=(podman)
  else echo "image: there is neither docker nor podman" >&2; exit 1; fi
fi
read -ra options <<<"${IMAGE_BUILD_OPTIONS:-}"
"${tool[@]}" build --build-arg VERSION="$version" --build-arg REVISION="$revision" --tag "$image" "${options[@]}" .
if [[ ${IMAGE_ARCHIVE:-} ]]; then
  rm -f "$IMAGE_ARCHIVE"
  "${tool[@]}" save --output "$IMAGE_ARCHIVE" "$image"
fi
echo "image: $image, $("${tool[@]}" image inspect --format '{{.Size}}' "$image") bytes"
