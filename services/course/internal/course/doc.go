// Package course is the domain of the course service: the catalogue that people
// read, and the reservations that decide who holds which slot.
package course
