// Package provision finds the programs that the platform consists of, and
// installs or builds those that are missing: system packages with apt-get or
// Homebrew, daprd and the Kubernetes programs from the two small modules beside
// this one. What was built is kept in the user's cache, by version and content.
package provision
