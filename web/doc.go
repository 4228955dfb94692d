// Command web serves the school's website: the files that the bundler has made of app/, out of its own memory.
// It keeps no state and calls no other program; the pages call the public API on the same host.
package main

//go:generate go run ./bundle
