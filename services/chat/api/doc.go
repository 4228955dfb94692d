// Package api is the HTTP contract of the chat service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
// The WebSocket is in openapi.yaml alone.
package api

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config cfg.yaml openapi.yaml
