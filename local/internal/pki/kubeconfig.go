package pki

import (
	"encoding/json"
	"fmt"
	"os"
)

// WriteKubeconfig writes a kubeconfig (as JSON, which is YAML too) with which
// the owner of the pair calls the API server at the given URL.
func (a *Authority) WriteKubeconfig(path, server string, user Pair) error {
	files := map[string][]byte{a.CAFile(): nil, user.Certificate: nil, user.Key: nil}
	for name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}

		files[name] = data
	}

	type named map[string]any

	config := map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "shema-local",
		"clusters": []named{{"name": "shema-local", "cluster": map[string]any{
			"server": server, "certificate-authority-data": files[a.CAFile()],
		}}},
		"users": []named{{"name": "shema-local", "user": map[string]any{
			"client-certificate-data": files[user.Certificate], "client-key-data": files[user.Key],
		}}},
		"contexts": []named{{"name": "shema-local", "context": map[string]any{
			"cluster": "shema-local", "user": "shema-local", "namespace": "default",
		}}},
	}

	data, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return fmt.Errorf("encode kubeconfig: %w", err)
	}

	if err := os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write kubeconfig: %w", err)
	}

	return nil
}
