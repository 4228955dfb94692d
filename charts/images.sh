#!/usr/bin/env bash
# Builds all images and pushes them to $KO_DOCKER_REPO/<name>:$TAG; the names of images as arguments choose among them.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${KO_DOCKER_REPO:-} ]]; then
	echo "Set KO_DOCKER_REPO to where images are to go, such as registry.example/school (or kind.local for a kind cluster)." >&2
	exit 1
fi
command -v ko >/dev/null || {
	echo "ko builds the images: go install github.com/google/ko@v0.19.1" >&2
	exit 1
}
TAG=${TAG:-$(awk '$1 == "appVersion:" {print $2}' charts/shema/Chart.yaml)}
export TAG

# source_of prints the package of an image, out of the list that is made from the table of apps.
source_of() {
	awk -v image="$1" '$1 == image {print $2; found = 1} END {exit !found}' charts/images.txt || {
		echo "There is no image $1." >&2
		return 1
	}
}

images=("$@")
((${#images[@]})) || images=($(awk '!/^#/ {print $1}' charts/images.txt))
for image in "${images[@]}"; do
	package=$(source_of "$image")
	KO_DOCKER_REPO=$KO_DOCKER_REPO/$image ko build --bare --tags "$TAG" "$package"
done
