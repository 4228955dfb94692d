package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// envFile is what make up writes.
const envFile = ".local/env"

type settings struct {
	gateway, kubeconfig, adminEmail, adminPassword, kubectl string
	// mail is where the platform's mail can be read; empty if it really goes out.
	mail string
}

// readSettings takes each setting from the environment or else from the file that make up writes.
func readSettings() (settings, error) {
	file, err := readEnvFile()
	if err != nil {
		return settings{}, err
	}

	var missing []string

	find := func(name string) string {
		if value := os.Getenv(name); value != "" {
			return value
		}

		return file[name]
	}
	get := func(name string) string {
		value := find(name)
		if value == "" {
			missing = append(missing, name)
		}

		return value
	}
	s := settings{
		gateway:       strings.TrimSuffix(get("GATEWAY_URL"), "/"),
		kubeconfig:    get("KUBECONFIG"),
		adminEmail:    get("ADMIN_EMAIL"),
		adminPassword: get("ADMIN_PASSWORD"),
		mail:          find("MAIL_URL"),
	}

	if len(missing) > 0 {
		return settings{}, fmt.Errorf("%s: not set, and not in %s; run make up first", strings.Join(missing, ", "), envFile)
	}

	s.kubectl, err = findKubectl()

	return s, err
}

// readEnvFile reads the file of the nearest checkout above the working directory; there need not be one.
func readEnvFile() (map[string]string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}

	for {
		content, err := os.ReadFile(filepath.Join(dir, envFile))
		if err == nil {
			return parseEnv(string(content)), nil
		}

		if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}

		parent := filepath.Dir(dir)
		if parent == dir {
			return map[string]string{}, nil
		}

		dir = parent
	}
}

// parseEnv reads lines such as NAME=value and NAME='value'.
func parseEnv(content string) map[string]string {
	values := map[string]string{}

	lines := bufio.NewScanner(strings.NewReader(content))
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), "=")
		if !ok || strings.ContainsAny(name, " #") {
			continue
		}

		if inner, quoted := strings.CutPrefix(value, "'"); quoted {
			value = strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `'\''`, "'")
		}

		values[name] = value
	}

	return values
}

// findKubectl prefers the user's own to the one that make up has built.
func findKubectl() (string, error) {
	if path := os.Getenv("KUBECTL"); path != "" {
		return path, nil
	}

	if path, err := exec.LookPath("kubectl"); err == nil {
		return path, nil
	}

	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}

	built, err := filepath.Glob(filepath.Join(home, ".cache", "shema", "kubectl-*", "kubectl"))
	if err != nil || len(built) == 0 {
		return "", errors.New("kubectl is neither on PATH nor built by make up; name one in KUBECTL")
	}

	return built[len(built)-1], nil
}
