package platform

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// SettingsFile holds settings of the services for "make up", in the checkout's folder, one NAME=value a line.
const SettingsFile = "settings.env"

// fromEnvironment are the settings of the services that "make up" also takes from its own environment; a test compares them
// with what the programs read.
var fromEnvironment = []string{
	"AI_MODEL_ENDPOINT", "AI_MODEL_TOKEN", "API_URL", "BOOKINGS_PER_PERSON", "BRAND_DIR", "CACHE_TTL", "CHAT_BYTES_PER_SECOND",
	"CHAT_BYTE_BURST", "CHAT_FRAMES_PER_SECOND", "CHAT_FRAME_BURST", "CHAT_MAX_SOCKETS", "CHAT_POLL_EVERY", "CHAT_QUEUE_BYTES",
	"CHAT_RETENTION", "CORS_ALLOWED_ORIGINS", "DIST_DIR", "IMAGE_SOURCES", "LOG_LEVEL", "MAIL_FROM", "OTEL_EXPORTER_OTLP_ENDPOINT",
	"PERSON_REQUESTS_PER_SECOND", "POLL_INTERVAL", "RATE_LIMIT_AUTH", "RATE_LIMIT_DEFAULT", "RECOMMENDATIONS_PER_PERSON",
	"RESYNC_INTERVAL", "SCHOOL_TIME_ZONE", "SESSION_CACHE_TTL", "SHUTDOWN_DELAY", "SHUTDOWN_TIMEOUT", "SMTP_HOST", "SMTP_PASSWORD",
	"SMTP_PORT", "SMTP_TLS", "SMTP_USERNAME", "TRUSTED_PROXIES", "WATCH_NAMESPACES", "WEB_UPSTREAM", "WEB_URL",
}

// ours are the variables by which the platform's parts find and trust each other.
var ours = []string{
	"ADMIN_EMAIL", "ADMIN_PASSWORD", "APP_API_TOKEN", "CHAT_URL", "DAPR_API_TOKEN", "DAPR_GRPC_PORT", "DAPR_HTTP_PORT", "DATABASE_URL",
	"FAULT_FILE", "JWKS_FILE", "JWT_AUDIENCE", "JWT_ISSUER", "JWT_PRIVATE_KEY_FILE", "KUBECONFIG", "LEADER_ELECT",
	"LEADER_ELECTION_NAMESPACE", "LISTEN_HOST", "METRICS_PORT", "PORT", "PORT_OFFSET", "PROBE_PORT", "REDIS_URL", "REFRESH_TOKEN_SECRET",
	"SERVICE_JWT_SECRET",
}

var settingName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// ReadSettings returns the settings that a person has made for the services of the checkout in root: those in its
// SettingsFile, and over them those in the environment, which getenv reads.
func ReadSettings(root string, getenv func(string) string) (map[string]string, error) {
	settings, err := readSettingsFile(filepath.Join(root, SettingsFile))
	if err != nil {
		return nil, err
	}

	for _, name := range fromEnvironment {
		if value := getenv(name); value != "" {
			settings[name] = value
		}
	}

	return settings, nil
}

func readSettingsFile(path string) (map[string]string, error) {
	settings := map[string]string{}

	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return settings, nil
	}

	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}

	defer func() { _ = file.Close() }()

	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}

		name, value, found := strings.Cut(line, "=")
		switch {
		case !found || !settingName.MatchString(name):
			return nil, fmt.Errorf("%s, line %d: write a setting like WEB_URL=http://localhost:8080", path, number)
		case slices.Contains(ours, name):
			return nil, fmt.Errorf("%s, line %d: %s is chosen by the platform itself", path, number, name)
		}

		settings[name] = strings.Trim(value, `"'`)
	}

	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}

	return settings, nil
}
