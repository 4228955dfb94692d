package dapr

import (
	"context"
	"fmt"
	"time"

	"github.com/dapr/go-sdk/client"

	"github.com/shema-music/shema/services/contracts/errs"
)

// bindingTimeout bounds the call of an output binding. What is behind one is not ours, and slower than our own parts.
const bindingTimeout = 9 * time.Second

// invokeBindingMethod is the only gRPC call with that bound.
const invokeBindingMethod = "/dapr.proto.runtime.v1.Dapr/InvokeBinding"

// InvokeBinding asks an output binding to do an operation with the data. It fails with errs.Unavailable; after a time
// limit it is unknown whether it has been done.
func (s *Sidecar) InvokeBinding(ctx context.Context, name, operation string, data []byte, metadata map[string]string) error {
	err := s.grpc.InvokeOutputBinding(ctx, &client.InvokeBindingRequest{
		Name:      name,
		Operation: operation,
		Data:      data,
		Metadata:  metadata,
	})
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("%s through the binding %s: %w", operation, name, err))
	}

	return nil
}
