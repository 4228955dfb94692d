// Package platform holds the platform suite: it starts the real thing once, in a folder of its own on free ports, and
// drives it through the gateway.
package platform
