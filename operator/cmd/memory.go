package main

import (
	"context"
	"runtime/debug"

	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// gcPercent keeps the heap small: it holds a few dozen resources and turns over
// slowly, so collecting more often costs next to nothing.
const gcPercent = 25

// frugal makes the operator's idle footprint small. Starting up needs several
// times the memory of the work itself; it goes back to the system as soon as
// the resources have been read.
func frugal(mgr manager.Manager) error {
	debug.SetGCPercent(gcPercent)

	return mgr.Add(manager.RunnableFunc(func(ctx context.Context) error {
		if mgr.GetCache().WaitForCacheSync(ctx) {
			debug.FreeOSMemory()
		}

		return nil
	}))
}
