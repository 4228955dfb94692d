// Package redisclient connects to the Redis of events, for the few things that don't go through Dapr.
package redisclient

import (
	"errors"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// masterName is the parameter of a URL that makes its hosts Sentinels, who know where the Redis of that name is.
const masterName = "master_name"

// Limits bound what a client costs.
type Limits struct {
	// Timeout ends whatever Redis is asked; nothing is tried again.
	Timeout time.Duration
	// Connections is how many there are at once.
	Connections int
}

// Open returns a client of the Redis that the URL names: redis://:password@host:port/0, or with Sentinels
// redis://sentinel:port/0?addr=sentinel:port&master_name=school&password=…. It connects when it is first used.
func Open(text string, limits Limits) (*redis.Client, error) {
	if parsed, err := url.Parse(text); err == nil && parsed.Query().Has(masterName) {
		return openBySentinel(text, limits)
	}

	options, err := redis.ParseURL(text)
	if err != nil { // which would show the password
		return nil, errors.New("REDIS_URL is no URL of the form redis://:password@host:port/0")
	}

	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = limits.Timeout, limits.Timeout, limits.Timeout
	options.MaxRetries, options.DialerRetries = -1, 1
	options.PoolSize, options.MinIdleConns = limits.Connections, 0
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}

	return redis.NewClient(options), nil
}

func openBySentinel(text string, limits Limits) (*redis.Client, error) {
	options, err := redis.ParseFailoverURL(text)
	if err != nil { // which would show the password
		return nil, errors.New("REDIS_URL is no URL of the form redis://sentinel:port/0?addr=sentinel:port&master_name=school&password=secret")
	}

	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = limits.Timeout, limits.Timeout, limits.Timeout
	options.MaxRetries, options.DialerRetries = -1, 1
	options.PoolSize, options.MinIdleConns = limits.Connections, 0
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true

	return redis.NewFailoverClient(options), nil
}
