// Package version says which build of the platform a program is.
package version

// version is set by the linker: -X github.com/shema-music/shema/services/kit/version.version=1.2.3.
var version = "development"

// String returns the version that the program was built as.
func String() string { return version }
