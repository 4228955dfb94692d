package provision

import (
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"strconv"
)

// minKubectl is the oldest minor version of kubectl 1.x that is used from PATH.
const minKubectl = 30

// findKubectl returns the kubectl on PATH unless it is too old for our API server.
func findKubectl(ctx context.Context) string {
	path := findProgram("kubectl")
	if path == "" {
		return ""
	}

	out, err := exec.CommandContext(ctx, path, "version", "--client", "-o", "json").Output()
	if err != nil || kubectlMinor(out) < minKubectl {
		return ""
	}

	return path
}

// kubectlMinor reads the minor version out of "kubectl version -o json"; 0 when it can't.
func kubectlMinor(report []byte) int {
	var parsed struct {
		ClientVersion struct {
			GitVersion string `json:"gitVersion"`
		} `json:"clientVersion"`
	}
	if json.Unmarshal(report, &parsed) != nil {
		return 0
	}

	match := regexp.MustCompile(`^v1\.(\d+)\.`).FindStringSubmatch(parsed.ClientVersion.GitVersion)
	if match == nil {
		return 0
	}

	minor, _ := strconv.Atoi(match[1])

	return minor
}
