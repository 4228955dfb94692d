package main

import (
	"time"

	"github.com/shema-music/shema/services/kit/config"
)

// Config is everything that the course service reads from the environment.
type Config struct {
	config.Common

	// SchoolTimeZone is the IANA name of the zone in which reports count hours and days; an unknown one is refused.
	SchoolTimeZone time.Location `env:"SCHOOL_TIME_ZONE" envDefault:"Asia/Jakarta"`
}
