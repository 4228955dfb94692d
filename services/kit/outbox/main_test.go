package outbox_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Stopping an outbox ends all that it has started: workers, notifier and pool.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
