// Package drill does on a platform of its own what operators do and look at: it follows one request through all programs,
// restores a backup into a new platform, and brings the tables of all services back and forth between their versions.
package drill
