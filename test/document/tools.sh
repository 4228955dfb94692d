#!/usr/bin/env bash
# Holds the platform's OpenAPI document to the judgement of others: "tools.sh lint" asks two linters, "tools.sh client"
# makes a client's types of it and compiles a frontend's calls with them. Without Node it says so and does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
document=$here/../../services/contracts/gateway/http/openapi.yaml

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "Node is not on this machine: nothing was checked (Debian: apt install nodejs npm)"
	exit 0
fi

# The tools are installed once for each list of them, outside the checkout.
sum=$(sha256sum "$here/package-lock.json" | cut -c1-12)
tools=${XDG_CACHE_HOME:-$HOME/.cache}/shema/document-checks-$sum
if [[ ! -e $tools/installed ]]; then
	mkdir -p "$tools"
	cp "$here/package.json" "$here/package-lock.json" "$tools/"
	npm ci --prefix "$tools" --no-audit --no-fund --ignore-scripts --silent
	touch "$tools/installed"
fi

bin=$tools/node_modules/.bin
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

case ${1:-} in
lint)
	"$bin/redocly" lint --config "$here/redocly.yaml" "$document"
	"$bin/spectral" lint --ruleset "$here/.spectral.yaml" --fail-severity hint "$document"
	;;
client)
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cp "$here/client/"* "$work/"
	ln -s "$tools/node_modules" "$work/node_modules"
	echo '{"type": "module"}' >"$work/package.json"
	cd "$work" # The generator would take our linter's settings for its own.
	"$bin/openapi-typescript" "$document" --output schema.ts
	"$bin/tsc" --project .
	;;
*)
	echo "usage: $0 lint|client" >&2
	exit 2
	;;
esac
