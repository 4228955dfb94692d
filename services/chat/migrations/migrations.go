// Package migrations holds the SQL that makes the chat service's tables.
package migrations

import "embed"

// Files are goose migrations in the order of their names.
//
//go:embed *.sql
var Files embed.FS
