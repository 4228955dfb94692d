#!/usr/bin/env bash
# Plays the demo against the cluster, through the ports that Tilt forwards; GATEWAY_URL names another way in.
set -euo pipefail
cd "$(dirname "$0")/.."

secret() { kubectl --namespace shema get secret shema-secrets -o "go-template={{index .data \"$1\" | base64decode}}"; }

ADMIN_EMAIL=$(secret admin-email)
ADMIN_PASSWORD=$(secret admin-password)
export ADMIN_EMAIL ADMIN_PASSWORD
export GATEWAY_URL=${GATEWAY_URL:-http://127.0.0.1:13000}
export MAIL_URL=${MAIL_URL-http://127.0.0.1:18025}
export KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config}
exec go run ./test/demo
