package main

import (
	"time"

	"github.com/shema-music/shema/services/kit/config"
)

// Config is everything that the booking service reads from the environment.
type Config struct {
	config.Common

	// SchoolTimeZone is the IANA name of the zone in which reports count days; an unknown one is refused.
	SchoolTimeZone time.Location `env:"SCHOOL_TIME_ZONE" envDefault:"Asia/Jakarta"`
	// BookingsPerPerson is how many bookings one person may make within ten minutes; 0 is no limit.
	BookingsPerPerson int `env:"BOOKINGS_PER_PERSON" envDefault:"60"`
}
