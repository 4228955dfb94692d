// Package supervise runs a set of programs that need each other. What runs is
// data, a list of Spec; the package knows nothing of the programs themselves.
// Programs start when what they need is ready, come back when they crash, log
// into one file each, and are stopped with everything they started.
package supervise
