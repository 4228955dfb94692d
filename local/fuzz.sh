#!/usr/bin/env bash
# Fuzzes all targets of the given modules, each for FUZZ_TIME (10s by default). An input that fails is written to
# testdata/fuzz beside the target: commit it with the repair, so that every test run tries it from then on.
set -euo pipefail

time=${FUZZ_TIME:-10s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz runs one target. Before Go 1.27 a run may fail just because its time is over (golang/go#75804): then it says that the
# deadline was exceeded, and names no input.
fuzz() {
	if go test -C "$1" -run '^$' -fuzz "^$3\$" -fuzztime "$time" "$2" 2>&1 | tee "$log"; then
		return
	fi

	if grep -q '^ *context deadline exceeded$' "$log" && ! grep -qE 'Failing input written|panic:' "$log"; then
		echo "$3 ended with its time, which is no failure"
		return
	fi

	return 1
}

failed=
for module in "$@"; do
	while IFS=: read -r file target; do
		package=./$(dirname "${file#"$module"/}")
		echo "fuzz $module/${package#./} $target for $time"
		fuzz "$module" "$package" "$target" || failed=1
	done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' "$module" | sed 's/:func /:/' | sort)
done

test -z "$failed"
