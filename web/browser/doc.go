// Package browser tests the website in a real browser: each page for each role and language, looked through for
// barriers, errors and weight; and what happens when two want the same, a service is away or the network is.
// The API is a small school of its own (school_test.go), so that it can be late, wrong or gone at will; the story on
// the platform itself is in test/platform.
package browser
