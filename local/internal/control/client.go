package control

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/shema-music/shema/local/platform"
)

// maxSocketPath is what every system accepts as the path of a socket.
const maxSocketPath = 100

// SocketPath returns where the supervisor of the folder listens: in the folder,
// or under a short name elsewhere when that path would be too long for a socket.
func SocketPath(folder string) (string, error) {
	path := filepath.Join(folder, "control.sock")
	if len(path) <= maxSocketPath {
		return path, nil
	}

	sum := sha256.Sum256([]byte(folder))

	short := filepath.Join(os.TempDir(), fmt.Sprintf("shema-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
	if err := os.MkdirAll(short, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the control socket: %w", err)
	}

	return filepath.Join(short, "control.sock"), nil
}

// Client talks to the supervisor behind a socket.
type Client struct{ http *http.Client }

// NewClient returns a client; whether a supervisor is there shows with the first call.
func NewClient(socket string) *Client {
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}}
}

// About asks who is there.
func (c *Client) About(ctx context.Context) (about About, err error) {
	return about, c.call(ctx, http.MethodGet, "/about", &about)
}

// Status describes all programs.
func (c *Client) Status(ctx context.Context) (status []platform.Status, err error) {
	return status, c.call(ctx, http.MethodGet, "/status", &status)
}

// Act starts, stops, restarts or kills one program.
func (c *Client) Act(ctx context.Context, name, action string) error {
	return c.call(ctx, http.MethodPost, "/programs/"+name+"/"+action, nil)
}

// Stop stops the platform; the supervisor ends right after its answer.
func (c *Client) Stop(ctx context.Context) error { return c.call(ctx, http.MethodPost, "/stop", nil) }

// Apply brings the platform to what was prepared and passes each step to tell.
func (c *Client) Apply(ctx context.Context, prepared platform.Prepared, tell func(Message)) error {
	body, err := json.Marshal(prepared)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}

	response, err := c.send(ctx, http.MethodPost, "/apply", bytes.NewReader(body))
	if err != nil {
		return err
	}

	defer func() { _ = response.Body.Close() }()

	for lines := json.NewDecoder(response.Body); ; {
		var m Message
		if err := lines.Decode(&m); err != nil {
			return errors.New("the supervisor ended unexpectedly; see its log")
		}

		switch m.What {
		case WhatUp:
			return nil
		case WhatFailed:
			return fmt.Errorf("not up: %s", m.Error)
		case WhatRefused:
			return errors.New(m.Error)
		default:
			tell(m)
		}
	}
}

func (c *Client) call(ctx context.Context, method, path string, into any) error {
	response, err := c.send(ctx, method, path, http.NoBody)
	if err != nil {
		return err
	}

	defer func() { _ = response.Body.Close() }()

	if into == nil {
		return nil
	}

	return json.NewDecoder(response.Body).Decode(into)
}

func (c *Client) send(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://supervisor"+path, body)
	if err != nil {
		return nil, fmt.Errorf("ask the supervisor: %w", err)
	}

	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the supervisor: %w", err)
	}

	if response.StatusCode == http.StatusOK {
		return response, nil
	}

	defer func() { _ = response.Body.Close() }()

	text, _ := io.ReadAll(response.Body)

	return nil, errors.New(strings.TrimSpace(string(text)))
}
