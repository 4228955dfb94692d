#!/usr/bin/env bash
# Makes all generated files anew and fails, naming them, if that changes any. In a
# clean checkout this compares with what is committed.
set -euo pipefail

checksums() { git ls-files -z --cached --others --exclude-standard -- "$@" | xargs -0 sha256sum 2>/dev/null || true; }

before=$(checksums "$@")
make --no-print-directory generate
after=$(checksums "$@")
if [[ "$before" != "$after" ]]; then
	echo "These generated files were not up to date; they are now, please commit them:" >&2
	diff <(echo "$before") <(echo "$after") | awk '/^[<>]/ {print "  " $3}' | sort -u >&2
	exit 1
fi
