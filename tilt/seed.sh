#!/usr/bin/env bash
# Applies the sample catalogue and waits until the operator has carried it out.
set -euo pipefail
cd "$(dirname "$0")/.."

kubectl --namespace shema apply -f k8s/samples
kubectl --namespace shema wait --for=condition=Ready --timeout=2m courses,schedules --all
kubectl --namespace shema get courses,schedules
