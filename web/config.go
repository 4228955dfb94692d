package main

import (
	"github.com/shema-music/shema/services/kit/config"
)

// Config is everything that the website's server reads from the environment.
type Config struct {
	config.Common

	// BrandDir is a folder with the school's brand.json and logo.svg; docs/website.md says what is in them.
	BrandDir string `env:"BRAND_DIR"`
	// ImageSources are the hosts from which pages may load the courses' pictures, such as https://img.school.example.
	// Without any, courses show a drawing of their instrument, and pages ask no host but their own.
	ImageSources []string `env:"IMAGE_SOURCES"`
	// DistDir replaces what is built into the program; it is read again for each page. For development.
	DistDir string `env:"DIST_DIR"`
}
