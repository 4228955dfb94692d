// Package export gathers everything that the services keep of one person in one document.
package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/proxy"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// path is where every service answers for what it keeps, a page at a time.
	path = "/internal/export"
	// maxPages and maxPageBytes bound what one service may give: a page has 1 MiB at most.
	maxPages     = 64
	maxPageBytes = 2 << 20
)

// keepers are the apps that keep something of people.
var keepers = []string{apps.Auth, apps.User, apps.Booking, apps.Chat, apps.Recommendation}

// Document is everything that is kept of one person.
type Document struct {
	ExportedAt time.Time `json:"exported_at"`
	UserID     uuid.UUID `json:"user_id"`
	// Sections are rows by what they are, as their services keep them.
	Sections map[string][]json.RawMessage `json:"sections"`
}

// Exporter asks the services. It is safe for concurrent use.
type Exporter struct {
	clock clock.Clock
	apps  []*proxy.App
}

// New returns an exporter of the services that apps reach.
func New(apps proxy.Apps, c clock.Clock) *Exporter {
	e := &Exporter{clock: c}
	for _, appID := range keepers {
		e.apps = append(e.apps, proxy.NewApp(apps, appID))
	}

	return e
}

// Gather asks all services at the same time, in the name of the person whose Authorization header it is given. Half an
// answer would pass for a whole one: if one service doesn't give its part it fails with errs.Unavailable.
func (e *Exporter) Gather(ctx context.Context, userID uuid.UUID, authorization string) (*Document, error) {
	parts := make([]map[string][]json.RawMessage, len(e.apps))
	failures := make([]error, len(e.apps))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var all sync.WaitGroup
	for i, app := range e.apps {
		all.Go(func() {
			if parts[i], failures[i] = gather(ctx, app, authorization); failures[i] != nil {
				cancel()
			}
		})
	}

	all.Wait()

	whole := &Document{ExportedAt: e.clock.Now().UTC(), UserID: userID, Sections: map[string][]json.RawMessage{}}
	for i, part := range parts {
		if failures[i] != nil {
			return nil, errs.Unavailable.Wrap(fmt.Errorf("export from %s: %w", keepers[i], failures[i]))
		}

		for name, rows := range part {
			whole.Sections[name] = append(slices.Clip(rows), whole.Sections[name]...)
		}
	}

	return whole, nil
}

// page is one answer of a service.
type page struct {
	Sections   map[string][]json.RawMessage `json:"sections"`
	NextCursor *string                      `json:"next_cursor"`
}

func gather(ctx context.Context, app *proxy.App, authorization string) (map[string][]json.RawMessage, error) {
	sections, target := map[string][]json.RawMessage{}, path

	for range maxPages {
		p, err := ask(ctx, app, authorization, target)
		if err != nil {
			return nil, err
		}

		for name, rows := range p.Sections {
			sections[name] = append(sections[name], rows...)

			if sections[name] == nil {
				sections[name] = []json.RawMessage{} // A list that is empty is no null.
			}
		}

		if p.NextCursor == nil {
			return sections, nil
		}

		target = path + "?cursor=" + url.QueryEscape(*p.NextCursor)
	}

	return nil, fmt.Errorf("more than %d pages", maxPages)
}

func ask(ctx context.Context, app *proxy.App, authorization, target string) (*page, error) {
	response, err := app.Send(ctx, proxy.Request{
		Method:        http.MethodGet,
		Target:        target,
		Authorization: authorization,
	})
	if err != nil {
		return nil, err
	}

	defer func() { _ = response.Body.Close() }()

	body, err := io.ReadAll(io.LimitReader(response.Body, maxPageBytes))
	if err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}

	var p page
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}

	return &p, nil
}
