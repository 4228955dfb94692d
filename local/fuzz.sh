#!/usr/bin/env bash
# Fuzzes all targets of the given modules, each for FUZZ_TIME (10s by default). An input that fails is written to
# testdata/fuzz beside the target: commit it with the repair, so that every test run tries it from then on.
set -euo pipefail

time=${FUZZ_TIME:-10s}
failed=
for module in "$@"; do
	while IFS=: read -r file target; do
		package=./$(dirname "${file#"$module"/}")
		echo "fuzz $module/${package#./} $target for $time"
		go test -C "$module" -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" || failed=1
	done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' "$module" | sed 's/:func /:/' | sort)
done

test -z "$failed"
