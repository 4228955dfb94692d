// Command bundle makes dist/, which the program web serves, of app/ and third_party/. It needs no Node.
// With -watch it goes on and makes it anew whenever a source is saved.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	watch := flag.Bool("watch", false, "bundle again whenever a source is saved")
	root := flag.String("root", ".", "the folder web/ of the checkout")

	flag.Parse()

	if err := run(*root, *watch); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(root string, watch bool) error {
	b, err := newBundle(root)
	if err != nil {
		return err
	}

	if !watch {
		return b.once()
	}

	session, failure := api.Context(b.options())
	if failure != nil {
		return failure
	}
	defer session.Dispose()

	if err := session.Watch(api.WatchOptions{}); err != nil {
		return fmt.Errorf("watch: %w", err)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop

	return nil
}
