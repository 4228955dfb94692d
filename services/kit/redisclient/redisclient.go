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
// redis://sentinel:port/0?addr=sentinel:port&master_name=school&password=…. Addresses, credentials, database and TLS are
// the URL's, everything else is the limits'. The client connects when it is first used.
func Open(text string, limits Limits) (*redis.Client, error) {
	options, err := parse(text)
	if err != nil {
		return nil, err
	}

	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = limits.Timeout, limits.Timeout, limits.Timeout
	options.MaxRetries, options.DialerRetries = -1, 1
	options.PoolSize = limits.Connections
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}

	if options.MasterName != "" {
		return redis.NewFailoverClient(options.Failover()), nil
	}

	return redis.NewClient(options.Simple()), nil
}

// parse reads where Redis is and who we are there. Its errors never show the URL, which has the password.
func parse(text string) (*redis.UniversalOptions, error) {
	if parsed, err := url.Parse(text); err == nil && parsed.Query().Has(masterName) {
		return parseSentinels(text)
	}

	o, err := redis.ParseURL(text)
	if err != nil {
		return nil, errors.New("REDIS_URL is no URL of the form redis://:password@host:port/0")
	}

	return &redis.UniversalOptions{
		Addrs:     []string{o.Addr},
		Username:  o.Username,
		Password:  o.Password,
		DB:        o.DB,
		TLSConfig: o.TLSConfig,
	}, nil
}

func parseSentinels(text string) (*redis.UniversalOptions, error) {
	o, err := redis.ParseFailoverURL(text)
	if err != nil {
		return nil, errors.New("REDIS_URL is no URL of the form redis://sentinel:port/0?addr=sentinel:port&master_name=school&password=secret")
	}

	return &redis.UniversalOptions{
		Addrs:            o.SentinelAddrs,
		MasterName:       o.MasterName,
		SentinelUsername: o.SentinelUsername,
		SentinelPassword: o.SentinelPassword,
		Username:         o.Username,
		Password:         o.Password,
		DB:               o.DB,
		TLSConfig:        o.TLSConfig,
	}, nil
}
