#!/usr/bin/env bash
# Makes (up) or deletes (down) the development cluster: kind with a registry, Dapr, Traefik and the metrics server.
# Everything can be repeated: what is there already stays.
set -euo pipefail
cd "$(dirname "$0")"

CLUSTER=shema
CONTEXT=kind-$CLUSTER
REGISTRY=kind-registry
REGISTRY_PORT=5001

# Versions; the one of Kubernetes is in kind.yaml.
KIND=v0.33.0
REGISTRY_IMAGE=registry:3.1.0
DAPR=1.18.6
TRAEFIK=39.0.9
METRICS_SERVER=3.13.1

say() { printf '==> %s\n' "$*"; }

die() {
	printf 'cluster: %s\n' "$*" >&2
	exit 1
}

# need PROGRAM WHERE-TO-GET-IT fails unless the program can be run.
need() { command -v "$1" >/dev/null || die "$1 is needed: $2"; }

need_docker() {
	need docker "install Docker from https://docs.docker.com/get-docker"
	docker info >/dev/null 2>&1 || die "Docker does not answer: start it, or give yourself the right to use it"
	need kind "go install sigs.k8s.io/kind@$KIND"
}

# registry keeps images on this machine under localhost:5001, also when clusters come and go.
registry() {
	if [[ $(docker inspect -f '{{.State.Running}}' "$REGISTRY" 2>/dev/null) != true ]]; then
		docker rm -f "$REGISTRY" >/dev/null 2>&1 || true
		docker run -d --restart=always -p "127.0.0.1:$REGISTRY_PORT:5000" --network bridge --name "$REGISTRY" "$REGISTRY_IMAGE" >/dev/null
	fi
}

cluster() {
	# Not grep -q: it may end before kind has written all, and the broken pipe would count as "there is none".
	kind get clusters 2>/dev/null | grep -x "$CLUSTER" >/dev/null || kind create cluster --config kind.yaml --wait 2m
}

# connect lets the nodes pull from the registry, and tells tools such as Tilt where it is: kind's own recipe,
# https://kind.sigs.k8s.io/docs/user/local-registry.
connect() {
	local node nodes dir=/etc/containerd/certs.d/localhost:$REGISTRY_PORT
	nodes=$(kind get nodes --name "$CLUSTER")
	for node in $nodes; do
		docker exec "$node" mkdir -p "$dir"
		printf '[host."http://%s:5000"]\n' "$REGISTRY" | docker exec -i "$node" cp /dev/stdin "$dir/hosts.toml"
	done
	if [[ $(docker inspect -f '{{json .NetworkSettings.Networks.kind}}' "$REGISTRY") == null ]]; then
		docker network connect kind "$REGISTRY"
	fi
	kubectl --context "$CONTEXT" apply -f - <<-YAML
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: local-registry-hosting, namespace: kube-public}
		data:
		  localRegistryHosting.v1: |
		    host: "localhost:$REGISTRY_PORT"
		    help: "https://kind.sigs.k8s.io/docs/user/local-registry/"
	YAML
}

# chart NAME REPOSITORY VERSION NAMESPACE ARGUMENT... installs or upgrades a chart and waits until it is ready.
chart() {
	local name=$1 repository=$2 version=$3 namespace=$4
	shift 4
	helm upgrade --install "$name" "$name" --repo "$repository" --version "$version" --kube-context "$CONTEXT" \
		--namespace "$namespace" --create-namespace --wait --timeout 5m "$@" >/dev/null
}

up() {
	need kubectl "see https://kubernetes.io/docs/tasks/tools"
	need helm "see https://helm.sh/docs/intro/install"
	need_docker
	say "registry on localhost:$REGISTRY_PORT"
	registry
	say "kind cluster $CLUSTER"
	cluster
	connect
	say "Dapr $DAPR"
	chart dapr https://dapr.github.io/helm-charts "$DAPR" dapr-system --values dapr.yaml
	say "Traefik, chart $TRAEFIK"
	chart traefik https://traefik.github.io/charts "$TRAEFIK" traefik --values traefik.yaml
	say "metrics server, chart $METRICS_SERVER"
	chart metrics-server https://kubernetes-sigs.github.io/metrics-server "$METRICS_SERVER" kube-system \
		--set 'args={--kubelet-insecure-tls}' # kind's kubelets sign their certificates themselves
	kubectl --context "$CONTEXT" apply -f namespace.yaml
	say "ready: kubectl --context $CONTEXT; next: tilt up"
}

down() {
	need_docker
	kind delete cluster --name "$CLUSTER"
	docker rm -f "$REGISTRY" >/dev/null
	say "cluster and registry are deleted"
}

case ${1:-} in
up | down) "$1" ;;
*) die "usage: $0 up|down" ;;
esac
