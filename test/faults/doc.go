// Package faults breaks a platform with two of each service while people use it, for as long as it is told: programs are
// killed and stopped, Redis and Postgres restart, fill up or refuse, the ways between the parts are slow, half open or cut.
// The people remember what was accepted. In the end nothing of it may be lost or doubled, and "shema verify" has nothing
// to say.
package faults
