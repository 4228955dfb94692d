#!/usr/bin/env bash
# Makes all generated files anew and fails, naming them, if that changes any. In a
# clean checkout this compares with what is committed.
set -euo pipefail

# generated lists the files below the given folders that say so themselves, and
# what controller-gen writes, and what is copied into the chart, without a word.
generated() {
	git ls-files -z --cached --others --exclude-standard -- "$@" |
		xargs -0 grep -lsIE 'Code generated .*DO NOT EDIT|controller-gen.kubebuilder.io/version'
	git ls-files --cached --others --exclude-standard -- operator/config charts/shema/files web/dist
}

# A file that is gone since is no longer among them.
checksums() {
	generated "$@" | sort -u | while read -r file; do
		[[ ! -f $file ]] || sha256sum "$file"
	done
}

before=$(checksums "$@")
make --no-print-directory generate
after=$(checksums "$@")
if [[ "$before" != "$after" ]]; then
	echo "These generated files were not up to date; they are now, please commit them:" >&2
	diff <(echo "$before") <(echo "$after") | awk '/^[<>]/ {print "  " $3}' | sort -u >&2
	exit 1
fi
