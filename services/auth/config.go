package main

import "github.com/shema-music/shema/services/kit/config"

// Config is everything that the auth service reads from the environment.
type Config struct {
	config.Common

	// JWTPrivateKeyFile is a PEM file with the Ed25519 key (PKCS #8) that signs access tokens.
	JWTPrivateKeyFile string `env:"JWT_PRIVATE_KEY_FILE"`
	// RefreshTokenSecret has at least 32 bytes. Changing it ends all sessions.
	RefreshTokenSecret string `env:"REFRESH_TOKEN_SECRET,unset"`
}
