// Package dist holds the website as the bundler has made it; `go generate` in web/ makes it anew.
package dist

import "embed"

// Files are manifest.json and what it names.
//
//go:embed manifest.json assets
var Files embed.FS
