// Package api holds the platform's public HTTP contract: the bundle of all public operations.
package api

import _ "embed"

//go:generate go run ../internal/bundle/generate -services ../.. -out openapi.yaml
//go:generate go run ../internal/access/generate -services ../.. -out ../../../charts/shema/files/access-control.yaml

// Document is the bundle, OpenAPI 3.1 in YAML. The gateway routes by it, takes roles from it and serves it.
//
//go:embed openapi.yaml
var Document []byte
