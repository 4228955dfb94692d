package main

import "github.com/shema-music/shema/services/kit/config"

// Config is everything that the recommendation service reads from the environment.
type Config struct {
	config.Common

	// ModelEndpoint is the URL of a model that orders recommended courses; without one the rules do.
	// ModelToken, if there is one, is sent to it as bearer token.
	ModelEndpoint string `env:"AI_MODEL_ENDPOINT"`
	ModelToken    string `env:"AI_MODEL_TOKEN"`

	// PerPerson is how many recommendations a student may ask for in a minute.
	PerPerson int `env:"RECOMMENDATIONS_PER_PERSON" envDefault:"20"`
}
