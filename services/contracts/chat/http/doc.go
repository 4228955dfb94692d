// Package chathttp is the HTTP contract of the chat service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
// The WebSocket is in openapi.yaml alone.
package chathttp

//go:generate go tool oapi-codegen -config cfg.yaml openapi.yaml
