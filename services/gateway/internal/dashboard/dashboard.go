// Package dashboard gathers what an admin wants to see first: what waits for a decision, who is chatting, and how large
// the school is. Every service is asked at the same time, and one that does not answer costs only its own parts.
package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/shema-music/shema/services/gateway/internal/proxy"
)

// Timeout is how long each service may take. Services that look something up at another one give that up earlier, so
// that the other one's silence does not pass for theirs.
const Timeout = 2500 * time.Millisecond

// maxBodyBytes bounds what is read of an answer; a page has a hundred items at most.
const maxBodyBytes = 4 << 20

// Answer is the dashboard. What is nil could not be had; Degraded names the apps to blame, sorted, each once.
type Answer struct {
	// PendingBookings and ActiveSessions are the items as their services give them.
	PendingBookings []json.RawMessage `json:"pendingBookings"`
	ActiveSessions  []json.RawMessage `json:"activeSessions"`
	Stats           Stats             `json:"stats"`
	Degraded        []string          `json:"degraded"`
}

// Stats are numbers about the whole school.
type Stats struct {
	TotalStudents    *int64 `json:"total_students"`
	PendingBookings  *int64 `json:"pending_bookings"`
	ActiveChats      *int64 `json:"active_chats"`
	UnansweredChats  *int64 `json:"unanswered_chats"`
	CoursesAvailable *int64 `json:"courses_available"`
}

// Dashboard asks the services. It is made by New.
type Dashboard struct {
	log  *slog.Logger
	apps map[string]*proxy.App
}

// New returns a dashboard of the services that apps reach.
func New(apps proxy.Apps, log *slog.Logger) *Dashboard {
	d := &Dashboard{log: log, apps: map[string]*proxy.App{}}
	for _, appID := range []string{bookingService, chatService, courseService, userService} {
		d.apps[appID] = proxy.NewApp(apps, appID)
	}

	return d
}

// Gather asks all services in the name of the admin whose Authorization header it is given. It returns as soon as all
// have answered or have had their time.
func (d *Dashboard) Gather(ctx context.Context, authorization string) *Answer {
	answer := &Answer{}
	asked := questions(answer)
	failures := make([]error, len(asked))

	var all sync.WaitGroup
	for i, q := range asked {
		all.Go(func() { failures[i] = d.askFor(ctx, authorization, q) })
	}

	all.Wait()

	answer.Degraded = d.degraded(ctx, asked, failures)

	return answer
}

// askFor puts a question, and the one that its answer may leave open.
func (d *Dashboard) askFor(ctx context.Context, authorization string, q question) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()

	err := d.ask(ctx, authorization, q)
	if q.then == nil {
		return err
	}

	if next, open := q.then(); open {
		err = errors.Join(err, d.ask(ctx, authorization, next))
	}

	return err
}

// ask puts one question and keeps what is answered.
func (d *Dashboard) ask(ctx context.Context, authorization string, q question) error {
	r, err := q.request("http://" + q.appID)
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}

	response, err := d.apps[q.appID].Send(ctx, proxy.Request{
		Method:        r.Method,
		Target:        r.URL.RequestURI(),
		Authorization: authorization,
	})
	if err != nil {
		return err
	}

	defer func() { _ = response.Body.Close() }()

	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}

	body, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes+1))
	if err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}

	if len(body) > maxBodyBytes {
		return fmt.Errorf("the answer has more than %d bytes", maxBodyBytes)
	}

	return q.keep(body)
}

// degraded logs what is missing and why, and returns the apps to blame.
func (d *Dashboard) degraded(ctx context.Context, asked []question, failures []error) []string {
	apps := []string{} // The contract wants a list where others would have null.
	for i, err := range failures {
		if err == nil {
			continue
		}

		apps = append(apps, asked[i].appID)
		if !errors.Is(ctx.Err(), context.Canceled) { // Who has left misses nothing.
			d.log.WarnContext(ctx, "a part of the dashboard is missing",
				"service", asked[i].appID, "part", asked[i].part, "error", err)
		}
	}

	slices.Sort(apps)

	return slices.Compact(apps)
}
