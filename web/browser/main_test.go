package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// browserContext is the one browser of all tests; each test has a profile of its own in it.
var browserContext context.Context

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	program, err := findBrowser()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.Flag("lang", "en-GB"),
		chromedp.Env("TZ=Asia/Jakarta", "LANGUAGE=en_GB"),
	)

	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()

	started, stop := chromedp.NewContext(allocator)
	defer stop()

	if err := chromedp.Run(started); err != nil {
		fmt.Fprintln(os.Stderr, "start the browser:", err)
		return 1
	}

	browserContext = started

	return m.Run()
}

func findBrowser() (string, error) {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}

		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}

	return "", errors.New("no Chromium found: install the package chromium, or name a browser with CHROMIUM")
}
