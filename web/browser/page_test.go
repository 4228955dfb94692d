package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	. "github.com/onsi/gomega"
)

const patience = 10 * time.Second

// find.js has the functions with which tests look at pages as a person does: by what is written there.
//
//go:embed testdata/find.js
var findJS string

// tab is one page in a profile of its own, with what went wrong in it.
type tab struct {
	*WithT

	t    *testing.T
	ctx  context.Context
	url  string
	look look
	// profile has cookies and storage, which its tabs share.
	profile cdp.BrowserContextID

	mu     sync.Mutex
	errors []string
}

type look struct {
	width, height int64
	dark          bool
	language      string
	timeZone      string
}

var (
	phone = look{width: 390, height: 844, language: "en-GB"}
	desk  = look{width: 1280, height: 900, language: "en-GB"}
)

func (l look) in(language string) look { l.language = language; return l }

func (l look) phone() bool { return l.width < 700 }

func (l look) darkened() look { l.dark = true; return l }

// open starts a profile without any history at the school's address.
func open(t *testing.T, url string, l look) *tab {
	t.Helper()

	browser := cdp.WithExecutor(browserContext, chromedp.FromContext(browserContext).Browser)
	profile, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(browser)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = target.DisposeBrowserContext(profile).Do(browser) })

	p := inProfile(t, profile, url, l)
	p.profile = profile

	return p
}

func inProfile(t *testing.T, profile cdp.BrowserContextID, url string, l look) *tab {
	t.Helper()

	browser := cdp.WithExecutor(browserContext, chromedp.FromContext(browserContext).Browser)
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(browser)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	ctx, cancel := chromedp.NewContext(browserContext, chromedp.WithTargetID(id))
	t.Cleanup(cancel)

	return attach(t, ctx, url, l)
}

// another opens a second tab in the same profile.
func (p *tab) another(l look) *tab {
	p.t.Helper()
	second := inProfile(p.t, p.profile, p.url, l)
	second.profile = p.profile

	return second
}

func attach(t *testing.T, ctx context.Context, url string, l look) *tab {
	t.Helper()
	p := &tab{WithT: NewWithT(t), t: t, ctx: ctx, url: url, look: l}
	chromedp.ListenTarget(ctx, p.hear)

	scheme := "light"
	if l.dark {
		scheme = "dark"
	}

	zone := l.timeZone
	if zone == "" {
		zone = "Asia/Jakarta"
	}

	p.run(
		runtime.Enable(),
		cdplog.Enable(),
		network.Enable(),
		emulation.SetDeviceMetricsOverride(l.width, l.height, 1, l.phone()),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		emulation.SetLocaleOverride().WithLocale(l.language),
		emulation.SetTimezoneOverride(zone),
		emulation.SetUserAgentOverride("Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0").WithAcceptLanguage(l.language),
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(findJS).Do(ctx)
			return err
		}),
	)

	return p
}

// hear keeps what a developer's console would show in red, but for refusals of the API, which pages expect.
func (p *tab) hear(event any) {
	text := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Error()
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			var textSb136 strings.Builder
			for _, argument := range e.Args {
				textSb136.WriteString(string(argument.Value) + argument.Description + " ")
			}

			text += textSb136.String()
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.LevelError && e.Entry.Source != cdplog.SourceNetwork {
			text = e.Entry.Text
		}
	}

	if text == "" {
		return
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	p.errors = append(p.errors, text)
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	p.Expect(chromedp.Run(p.ctx, actions...)).To(Succeed())
}

func (p *tab) visit(path string) *tab {
	p.t.Helper()
	p.run(chromedp.Navigate(p.url + path))
	return p
}

// eval returns what a piece of JavaScript says.
func eval[T any](p *tab, script string) T {
	p.t.Helper()

	var result T
	p.run(chromedp.Evaluate(script, &result, func(e *runtime.EvaluateParams) *runtime.EvaluateParams {
		return e.WithAwaitPromise(true)
	}))

	return result
}

// act calls one of the functions of find.js until it finds what it looks for.
func (p *tab) act(function string, arguments ...any) {
	p.t.Helper()

	text, err := json.Marshal(append([]any{}, arguments...))
	p.Expect(err).NotTo(HaveOccurred())

	call := fmt.Sprintf("shema.%s(...%s)", function, text)
	p.Eventually(func() (string, error) {
		var answer string

		err := chromedp.Run(p.ctx, chromedp.Evaluate(call, &answer))

		return answer, err
	}).WithTimeout(patience).WithPolling(50*time.Millisecond).Should(Equal("done"), call)
}

// click presses a button or link by what it says; fill writes into a field by its label.
func (p *tab) click(name string)        { p.t.Helper(); p.act("click", name) }
func (p *tab) fill(label, value string) { p.t.Helper(); p.act("fill", label, value) }
func (p *tab) choose(label, value string) {
	p.t.Helper()
	p.act("choose", label, value)
}

func (p *tab) key(keys string) {
	p.t.Helper()
	p.run(chromedp.KeyEvent(keys))
}

// reads returns what the page says, or fails: while one page gives way to another, there is none.
func (p *tab) reads() (text string, err error) {
	err = chromedp.Run(p.ctx, chromedp.Evaluate("document.body?.innerText ?? ''", &text))
	return text, err
}

// sees waits until the page says something.
func (p *tab) sees(words ...string) {
	p.t.Helper()

	for _, word := range words {
		p.Eventually(p.reads).WithTimeout(patience).WithPolling(50 * time.Millisecond).Should(ContainSubstring(word))
	}
}

func (p *tab) seesNot(words ...string) {
	p.t.Helper()

	for _, word := range words {
		p.Eventually(p.reads).WithTimeout(patience).WithPolling(50 * time.Millisecond).ShouldNot(ContainSubstring(word))
	}
}

// settles waits until nothing is being loaded.
func (p *tab) settles() {
	p.t.Helper()
	p.Eventually(func() bool { return eval[bool](p, "shema.settled()") }).WithTimeout(patience).WithPolling(50 * time.Millisecond).Should(BeTrue())
}

// clean fails if the console had something red.
func (p *tab) clean() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()

	found := p.errors
	p.errors = nil
	p.Expect(found).To(BeEmpty(), "errors in the console")
}

// picture keeps a screenshot among the artefacts, for people to look at.
func (p *tab) picture(name string) {
	p.t.Helper()

	var image []byte

	whole := max(p.look.height, eval[int64](p, "document.documentElement.scrollHeight"))
	p.run(
		emulation.SetDeviceMetricsOverride(p.look.width, whole, 1, p.look.phone()),
		chromedp.CaptureScreenshot(&image),
		emulation.SetDeviceMetricsOverride(p.look.width, p.look.height, 1, p.look.phone()),
	)

	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		folder = filepath.Join("..", "artefacts")
	}

	p.Expect(os.MkdirAll(folder, 0o755)).To(Succeed())
	p.Expect(os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, "/", "_")+".png"), image, 0o644)).To(Succeed())
}
