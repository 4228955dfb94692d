#!/usr/bin/env bash
# Makes sure that there is a Chromium for the browser tests; CHROMIUM names one that is somewhere else.
set -euo pipefail

for browser in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome; do
	command -v "$browser" >/dev/null && exit
done
if ! command -v apt-get >/dev/null; then
	echo "The browser tests need Chromium: install it, or name a browser with CHROMIUM." >&2
	exit 1
fi

sudo=
((EUID == 0)) || sudo=sudo
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null
