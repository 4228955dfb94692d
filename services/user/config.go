package main

import "github.com/shema-music/shema/services/kit/config"

// Config is everything that the user service reads from the environment.
type Config struct {
	config.Common

	// AdminEmail and AdminPassword are for `user ensure-admin` only.
	AdminEmail    string `env:"ADMIN_EMAIL"`
	AdminPassword string `env:"ADMIN_PASSWORD,unset"`
}
