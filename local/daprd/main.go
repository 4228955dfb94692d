// Command daprd is the Dapr sidecar of the process platform: Dapr's own runtime
// and flags with the few components that the files in components/ use, and a
// name resolver for one machine. Dapr's build tags offer hundreds of cloud
// clients more, at nearly twice the build time and memory.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/dapr/dapr/cmd/daprd/options"
	"github.com/dapr/dapr/pkg/buildinfo"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"
)

func main() {
	opts, err := options.New(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if opts.RuntimeVersion {
		fmt.Println(buildinfo.Version())
		return
	}
	opts.Logger.SetAppID(opts.AppID)
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	log := logger.NewLogger("dapr.runtime")
	log.Infof("starting Dapr %s", buildinfo.Version())
	if err := serve(signals.Context(), opts, log); err != nil && err != context.Canceled {
		log.Fatalf("the runtime ended: %s", err)
	}
}
