// Package gatewayhttp holds the platform's public HTTP contract: the bundle of all public operations.
package gatewayhttp

import _ "embed"

//go:generate go run ../../../gateway/internal/openapibundle/generate -services ../.. -out openapi.yaml
//go:generate go run ../../../gateway/internal/daprpolicy/generate -services ../.. -out ../../../../charts/shema/files/access-control.yaml

// Document is the bundle, OpenAPI 3.1 in YAML. The gateway routes by it, takes roles from it and serves it.
//
//go:embed openapi.yaml
var Document []byte
