#!/usr/bin/env bash
# Fails if a module does not build by itself, as a program that takes it alone would build it: the workspace hides a missing
# requirement, and it lifts a module's dependencies to what its neighbours ask for.
set -euo pipefail

failed=
for module in "$@"; do
	echo "module $module"
	(
		cd "$module"
		export GOWORK=off
		go build ./...
		go vet ./...
		go mod tidy -diff
	) || failed=1
done

# The services are what runs in production: the workspace builds them from the versions that they ask for themselves.
versions() { go list -C services -test -deps -f '{{with .Module}}{{.Path}} {{.Version}}{{end}}' ./... | sort -u; }
if ! diff <(GOWORK=off versions) <(versions); then
	echo "the workspace builds the services from other versions (>) than they ask for (<)" >&2
	failed=1
fi

test -z "$failed"
