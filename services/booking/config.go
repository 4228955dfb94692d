package main

import "github.com/shema-music/shema/services/kit/config"

// Config is everything that the booking service reads from the environment.
type Config struct {
	config.Common
}
