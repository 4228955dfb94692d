#!/bin/sh
# Fetches the files in swagger-ui/ from npm. Run it by hand to take a new version: it needs npm, which nothing else does.
set -eu
version=5.35.0
integrity=U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==
files='swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt swagger-ui.css LICENSE NOTICE'

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "swagger-ui-dist@$version" >/dev/null
archive="swagger-ui-dist-$version.tgz"
if [ "$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)" != "$integrity" ]; then
	echo "$archive is not the file that was published as $version" >&2
	exit 1
fi
tar xzf "$archive"
for file in $files; do
	cp "package/$file" "$here/swagger-ui/$file"
done
sed -i.old 's,/\*# sourceMappingURL=[^*]*\*/,,' "$here/swagger-ui/swagger-ui.css"
rm "$here/swagger-ui/swagger-ui.css.old"
# Who asks for them nearly always accepts gzip, so that is the form in which they are kept.
gzip -9nf "$here/swagger-ui/swagger-ui-bundle.js" "$here/swagger-ui/swagger-ui.css"
