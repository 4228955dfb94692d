package main

import (
	"errors"
	"time"
	"unicode/utf8"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/socket"
	"github.com/shema-music/shema/services/kit/config"
)

// Config is everything that the chat service reads from the environment.
type Config struct {
	config.Common

	// RedisURL is where replicas wake each other: redis://:password@host:port/0.
	RedisURL string `env:"REDIS_URL"`
	// CORSAllowedOrigins are the web pages that may connect, such as https://school.example.
	CORSAllowedOrigins []string `env:"CORS_ALLOWED_ORIGINS"`
	// MaxSockets is how many connections one person may have to one replica.
	MaxSockets int `env:"CHAT_MAX_SOCKETS" envDefault:"50"`
	// FramesPerSecond and FrameBurst bound what one person may send to one replica, over all connections.
	FramesPerSecond float64 `env:"CHAT_FRAMES_PER_SECOND" envDefault:"50"`
	FrameBurst      int     `env:"CHAT_FRAME_BURST"       envDefault:"200"`
	// BytesPerSecond and ByteBurst bound how much text one person may write at one replica.
	BytesPerSecond float64 `env:"CHAT_BYTES_PER_SECOND" envDefault:"65536"`
	ByteBurst      int     `env:"CHAT_BYTE_BURST"       envDefault:"1048576"`
	// QueueBytes is how much may wait for a connection that reads slowly.
	QueueBytes int `env:"CHAT_QUEUE_BYTES" envDefault:"262144"`
	// PollEvery is how often the database is asked for what Redis has lost.
	PollEvery time.Duration `env:"CHAT_POLL_EVERY" envDefault:"1s"`
	// Retention is how long closed sessions are kept, for ever if it is 0.
	Retention time.Duration `env:"CHAT_RETENTION" envDefault:"17520h"`
}

// hold and settle are how long after connecting live messages wait for a resume frame; see socket.Limits.
const (
	hold   = 500 * time.Millisecond
	settle = 100 * time.Millisecond
)

// smallestQueue has room for the longest message.
const smallestQueue = 64 << 10

func (c *Config) check() error {
	switch {
	case c.RedisURL == "":
		return errors.New("REDIS_URL is not set: replicas could not wake each other")
	case c.MaxSockets < 1 || c.FramesPerSecond <= 0 || c.FrameBurst < 1:
		return errors.New("CHAT_MAX_SOCKETS, CHAT_FRAMES_PER_SECOND and CHAT_FRAME_BURST must be positive")
	case c.BytesPerSecond <= 0 || c.ByteBurst < chat.MaxMessage*utf8.UTFMax:
		return errors.New("CHAT_BYTES_PER_SECOND must be positive, and CHAT_BYTE_BURST at least 16000, so that the longest message fits")
	case c.Retention < 0:
		return errors.New("CHAT_RETENTION must not be negative")
	case c.QueueBytes < smallestQueue:
		return errors.New("CHAT_QUEUE_BYTES must be at least 65536, so that the longest message fits")
	case c.PollEvery < 10*time.Millisecond || c.PollEvery > time.Minute:
		return errors.New("CHAT_POLL_EVERY must be between 10ms and 1m")
	}

	return nil
}

func (c *Config) limits() socket.Limits {
	return socket.Limits{
		QueueBytes: c.QueueBytes,
		Hold:       hold,
		Settle:     settle,
	}
}

func (c *Config) personLimits() hub.Limits {
	return hub.Limits{
		Sockets:         c.MaxSockets,
		FramesPerSecond: c.FramesPerSecond,
		FrameBurst:      c.FrameBurst,
		BytesPerSecond:  c.BytesPerSecond,
		ByteBurst:       c.ByteBurst,
	}
}
