// Package e2e holds the end-to-end suite; see docs/development.md.
package e2e
