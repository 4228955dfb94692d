// Package gatewayhttp holds the platform's public HTTP contract: the bundle of all public operations.
package gatewayhttp

import _ "embed"

//go:generate go run ../../../gateway/internal/openapibundle/generate -services ../.. -out openapi.yaml
//go:generate cp ../../../../docs/chat-asyncapi.yaml asyncapi.yaml
//go:generate go run ../../../gateway/internal/daprpolicy/generate -services ../.. -out ../../../../charts/shema/files/access-control.yaml

// Document is the bundle, OpenAPI 3.1 in YAML. The gateway routes by it, takes roles from it and serves it.
//
//go:embed openapi.yaml
var Document []byte

// DocumentJSON is the same in JSON, for programs.
//
//go:embed openapi.json
var DocumentJSON []byte

// ChatDocument describes the chat's WebSocket, AsyncAPI 3 in YAML.
//
//go:embed asyncapi.yaml
var ChatDocument []byte
