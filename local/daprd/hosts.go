package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/dapr/components-contrib/nameresolution"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/metadata"
)

// hosts is the name resolver of sidecars that share a machine: in a folder, an app has a folder of its name with an
// empty file for each of its sidecars, which is named after its address. What a sidecar that was killed leaves behind
// is right again as soon as it is restarted, at the same address.
type hosts struct {
	folder string
	own    string
}

func newHosts(logger.Logger) nameresolution.Resolver { return &hosts{} }

// Init makes the sidecar known to the others.
func (h *hosts) Init(_ context.Context, m nameresolution.Metadata) error {
	var settings struct {
		Folder string `mapstructure:"folder"`
	}
	if err := metadata.DecodeMetadata(m.Configuration, &settings); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}

	if settings.Folder == "" {
		return errors.New("folder is missing")
	}

	h.folder = settings.Folder
	address := net.JoinHostPort(m.Instance.Address, strconv.Itoa(m.Instance.DaprInternalPort))
	h.own = filepath.Join(h.folder, m.Instance.AppID, address)

	if err := os.MkdirAll(filepath.Dir(h.own), 0o700); err != nil {
		return fmt.Errorf("make a folder of addresses: %w", err)
	}

	if err := os.WriteFile(h.own, nil, 0o600); err != nil {
		return fmt.Errorf("leave the address: %w", err)
	}

	return nil
}

// ResolveID returns the address of one of the app's sidecars.
func (h *hosts) ResolveID(_ context.Context, r nameresolution.ResolveRequest) (string, error) {
	if r.ID == "." || !fs.ValidPath(r.ID) {
		return "", fmt.Errorf("%q is no app", r.ID)
	}

	addresses, err := os.ReadDir(filepath.Join(h.folder, r.ID))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("look for addresses: %w", err)
	}

	if len(addresses) == 0 {
		return "", fmt.Errorf("no sidecar of %s is running", r.ID)
	}

	return addresses[rand.IntN(len(addresses))].Name(), nil
}

// Close lets the others find the sidecar no more.
func (h *hosts) Close() error {
	if h.own == "" {
		return nil
	}

	return os.Remove(h.own)
}
