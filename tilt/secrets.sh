#!/usr/bin/env bash
# Makes the namespace and, once, the Secrets that the chart would generate: `helm template`, which Tilt uses, cannot see
# what there already is and would make others each time.
set -euo pipefail
cd "$(dirname "$0")/.."

kubectl apply -f k8s/namespace.yaml
problems=$(helm template shema charts/shema --namespace shema --values charts/shema-dev/shema.yaml \
	--set image.registry=shema --show-only templates/secrets.yaml |
	kubectl --namespace shema create -f - 2>&1 >/dev/null | grep -v '(AlreadyExists)') || true
if [[ $problems ]]; then
	printf '%s\n' "$problems" >&2
	exit 1
fi
kubectl --namespace shema get secrets
