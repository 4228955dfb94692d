// Package client is a caller of the gateway as the outside world has it: plain HTTP, the contract's JSON, nothing of the
// platform's own code. The platform suite and the benchmarks speak through it.
package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client sends requests as one caller: from one address, with or without a session. It is safe for parallel use as
// long as its fields do not change meanwhile.
type Client struct {
	// Base is the gateway's URL without a slash at the end.
	Base string
	// Address is sent as X-Forwarded-For; the suite's gateway trusts the loopback, so each caller has its own limits.
	Address string
	// Token is the access token; empty for a stranger.
	Token string
	// Observe, when set, sees every answer. It may be called in parallel.
	Observe Observer

	HTTP *http.Client
}

// Observer sees a request and what came back.
type Observer func(*http.Request, Answer)

// Transport returns a transport that keeps enough idle connections for the races, so that they race in the services
// and not for ports.
func Transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.MaxIdleConns = 0
	t.MaxIdleConnsPerHost = 256
	t.DisableCompression = true

	return t
}

// New makes a stranger at the given address.
func New(base, address string, transport http.RoundTripper) *Client {
	return &Client{
		Base:    base,
		Address: address,
		HTTP:    &http.Client{Transport: transport, Timeout: 15 * time.Second},
	}
}

// With returns a copy that carries another access token.
func (c *Client) With(token string) *Client {
	other := *c
	other.Token = token
	return &other
}

// Option changes a request before it is sent.
type Option func(*http.Request)

// Header sets a header; an empty value removes it.
func Header(name, value string) Option {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}

		r.Header.Set(name, value)
	}
}

// Raw is a body that is sent as it is, for requests that no JSON encoder would make.
type Raw string

// Get, Post, Patch and Delete send one request.
func (c *Client) Get(path string, options ...Option) Answer {
	return c.Do(http.MethodGet, path, nil, options...)
}

// Post sends body as JSON, or as it is when it is Raw; nil sends none.
func (c *Client) Post(path string, body any, options ...Option) Answer {
	return c.Do(http.MethodPost, path, body, options...)
}

// Patch sends body like Post.
func (c *Client) Patch(path string, body any, options ...Option) Answer {
	return c.Do(http.MethodPatch, path, body, options...)
}

// Delete sends no body.
func (c *Client) Delete(path string, options ...Option) Answer {
	return c.Do(http.MethodDelete, path, nil, options...)
}

// Put sends a body.
func (c *Client) Put(path string, body any, options ...Option) Answer {
	return c.Do(http.MethodPut, path, body, options...)
}

// Do sends one request and reads the whole answer. What goes wrong on the way stands in the answer's Err.
func (c *Client) Do(method, path string, body any, options ...Option) Answer {
	answer := Answer{Request: method + " " + path}

	request, err := c.request(method, path, body)
	if err != nil {
		answer.Err = err
		return answer
	}

	for _, option := range options {
		option(request)
	}

	started := time.Now()

	response, err := c.HTTP.Do(request)
	if err != nil {
		answer.Err, answer.Took = err, time.Since(started)
		return answer
	}

	defer func() { _ = response.Body.Close() }()

	answer.Body, answer.Err = io.ReadAll(response.Body)

	answer.Status, answer.Header, answer.Took = response.StatusCode, response.Header, time.Since(started)
	if c.Observe != nil && answer.Err == nil {
		c.Observe(request, answer)
	}

	return answer
}

func (c *Client) request(method, path string, body any) (*http.Request, error) {
	payload, err := encode(body)
	if err != nil {
		return nil, err
	}

	request, err := http.NewRequest(method, c.Base+path, payload)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}

	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}

	if c.Address != "" {
		request.Header.Set("X-Forwarded-For", c.Address)
	}

	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}

	return request, nil
}

func encode(body any) (io.Reader, error) {
	switch b := body.(type) {
	case nil:
		return http.NoBody, nil
	case Raw:
		return bytes.NewReader([]byte(b)), nil
	default:
		encoded, err := json.Marshal(b)
		return bytes.NewReader(encoded), err
	}
}
