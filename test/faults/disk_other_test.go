//go:build !linux

package faults_test

import (
	"testing"

	"github.com/shema-music/shema/test/internal/testenv"
)

// disk would be a file system of its own; there is none here.
type disk struct{}

func newDisk(*testing.T, *testenv.Environment) *disk { return nil }

func (*disk) fill() error { return nil }

func (*disk) empty() error { return nil }
