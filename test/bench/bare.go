package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	"github.com/gin-gonic/gin" //nolint:depguard // the empty handler that everything is held against
)

// bareVariable tells a copy of this program to be the empty gin handler, in a process of its own like every service.
const bareVariable = "SHEMA_BENCH_BARE"

// serveBare answers {} on the address that the variable names.
func serveBare() error {
	gin.SetMode(gin.ReleaseMode)

	engine := gin.New()
	engine.GET("/", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", []byte("{}")) })
	server := &http.Server{Addr: os.Getenv(bareVariable), Handler: engine, ReadHeaderTimeout: 5 * time.Second}

	return server.ListenAndServe()
}

// startBare starts the empty handler and returns its URL.
func startBare(ctx context.Context) (target string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}

	address := listener.Addr().String()
	_ = listener.Close()

	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}

	command := exec.CommandContext(ctx, self)

	command.Env = append(os.Environ(), bareVariable+"="+address)
	if err := command.Start(); err != nil {
		return "", nil, err
	}

	stop = func() { _ = command.Process.Kill(); _ = command.Wait() }
	for range 100 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return "http://" + address + "/", stop, nil
		}

		time.Sleep(20 * time.Millisecond)
	}

	stop()

	return "", nil, fmt.Errorf("the empty handler does not listen on %s", address)
}
