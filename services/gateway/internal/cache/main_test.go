package cache

import (
	"testing"

	"go.uber.org/goleak"
)

// Tests must leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
