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

# source_of prints the package of an image.
source_of() {
	case $1 in
	gateway | auth | user | course | booking | chat | recommendation) echo "./services/$1" ;;
	operator) echo ./operator/cmd ;;
	mailcatcher) echo ./local/cmd/mailcatcher ;;
	*) echo "There is no image $1." >&2 && return 1 ;;
	esac
}

images=("$@")
((${#images[@]})) || images=(gateway auth user course booking chat recommendation operator mailcatcher)
for image in "${images[@]}"; do
	package=$(source_of "$image")
	KO_DOCKER_REPO=$KO_DOCKER_REPO/$image ko build --bare --tags "$TAG" "$package"
done
