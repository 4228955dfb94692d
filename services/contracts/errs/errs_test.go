package errs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
)

var errSameSlot = errs.Define("BOOKING_SAME_SLOT", http.StatusBadRequest, "Choose two different slots.", "Pilih dua slot yang berbeda.")

// sqlError looks like a database driver's.
type sqlError string

func (e sqlError) Error() string    { return "SQL state " + string(e) }
func (e sqlError) SQLState() string { return string(e) }

// unsent looks like a database driver's error before anything was sent.
type unsent struct{}

func (unsent) Error() string     { return "conn closed" }
func (unsent) SafeToRetry() bool { return true }

func TestRender(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		reason string
		err    error
		status int
		code   string
		after  time.Duration
	}{
		"bare kind":      {"a domain may return a kind as it is", errSameSlot, 400, "BOOKING_SAME_SLOT", 0},
		"wrapped kind":   {"also wrapped", fmt.Errorf("create: %w", errSameSlot), 400, "BOOKING_SAME_SLOT", 0},
		"with details":   {"also with details", errSameSlot.With(map[string]any{"a": 1}), 400, "BOOKING_SAME_SLOT", 0},
		"after":          {"also with a time", errs.RateLimited.After(time.Minute), 429, "RATE_LIMITED", time.Minute},
		"default after":  {"an outage says when to come back", errs.Unavailable, 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"wrapped outage": {"also with a cause", errs.Unavailable.Wrap(io.EOF), 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"deadline":       {"the time ran out", context.DeadlineExceeded, 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"connection":     {"a dependency is away", &net.OpError{Op: "dial", Err: errors.New("refused")}, 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"cut":            {"a connection broke", io.ErrUnexpectedEOF, 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"not sent":       {"a pool's connection was dead", unsent{}, 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"stopping":       {"the database stops", sqlError("57P01"), 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"too many":       {"the database is full", sqlError("53300"), 503, "SERVICE_UNAVAILABLE", 2 * time.Second},
		"bad SQL":        {"a bug is a bug", sqlError("42601"), 500, "INTERNAL", 0},
		"anything":       {"the unknown is internal", errors.New("password=hunter2"), 500, "INTERNAL", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			status, body, after := errs.Render(tc.err, "")
			g.Expect(status).To(Equal(tc.status), tc.reason)
			g.Expect(body.Code).To(Equal(tc.code), tc.reason)
			g.Expect(after).To(Equal(tc.after), tc.reason)
			g.Expect(body.Details).NotTo(BeNil(), "details are always an object")
			g.Expect(body.Error).NotTo(ContainSubstring("hunter2"))
		})
	}
}

func TestRenderFields(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	err := errs.Invalid(errs.Field{Name: "name", Message: errs.Text{English: "is required", Indonesian: "wajib diisi"}})
	_, body, _ := errs.Render(err, "id")
	content, marshalErr := json.Marshal(body)
	g.Expect(marshalErr).NotTo(HaveOccurred())
	g.Expect(content).To(MatchJSON(`{"error":"Beberapa isian tidak valid.","code":"VALIDATION_FAILED",
		"details":{"fields":[{"field":"name","message":"wajib diisi"}]}}`))
}

// Errors are compared by code.
func TestError_Is_Code(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	cause := errors.New("cause")
	g.Expect(errors.Is(errSameSlot.Wrap(cause), errSameSlot)).To(BeTrue())
	g.Expect(errors.Is(errSameSlot.Wrap(cause), cause)).To(BeTrue())
	g.Expect(errors.Is(errSameSlot.Wrap(cause), errs.Internal)).To(BeFalse())
	g.Expect(errSameSlot.Wrap(cause).Error()).To(Equal("BOOKING_SAME_SLOT: Choose two different slots.: cause"))
}

func TestFromResponse(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		reason string
		status int
		body   string
		want   *errs.Kind
	}{
		"ours":       {"a neighbour's refusal keeps its code", 400, `{"error":"Pilih dua slot yang berbeda.","code":"BOOKING_SAME_SLOT","details":{"a":1}}`, errSameSlot},
		"outage":     {"so does its outage", 503, `{"error":"x","code":"SERVICE_UNAVAILABLE","details":{}}`, errs.Unavailable},
		"proxy":      {"a proxy between us failed", 502, `<html>`, errs.Unavailable},
		"strange":    {"a sidecar between us refused", 403, `{"errorCode":"ERR"}`, errs.Internal},
		"no details": {"details are not needed", 400, `{"error":"x","code":"BOOKING_SAME_SLOT"}`, errSameSlot},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			err := errs.FromResponse(tc.status, []byte(tc.body))
			g.Expect(err).To(MatchError(tc.want), tc.reason)

			status, body, _ := errs.Render(err, "id")
			g.Expect(status).To(Equal(tc.want.Status()))
			g.Expect(body.Details).NotTo(BeNil())
		})
	}
}

// The sentence and the details of a refusal are kept.
func TestFromResponse_SentenceAndDetails(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	err := errs.FromResponse(409, []byte(`{"error":"Sudah lewat.","code":"BOOKING_EXPIRED","details":{"booking_id":"b1"}}`))
	status, body, _ := errs.Render(err, "id")
	g.Expect(status).To(Equal(409))
	g.Expect(body).To(Equal(errs.Body{
		Error:   "Sudah lewat.",
		Code:    "BOOKING_EXPIRED",
		Details: map[string]any{"booking_id": "b1"},
	}))
}

func TestPreferredLanguage(t *testing.T) {
	t.Parallel()

	for header, want := range map[string]string{
		"": "", "*": "", "de, fr;q=0.5": "", "en;q=0": "",
		"en-GB, id;q=0.5": "en", "de, id;q=0.1": "id", "en;q=0.5, id;q=0.5": "en", "id-ID,en": "id",
	} {
		NewWithT(t).Expect(errs.PreferredLanguage(header)).To(Equal(want), header)
	}
}

func TestPrefersIndonesian(t *testing.T) {
	t.Parallel()

	for header, want := range map[string]bool{
		"": false, "id": true, "ID": true, "id-ID": true, "in": true, "id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7": true,
		"en": false, "en, id": false, "id, en": true, "en;q=0.5, id;q=0.9": true, "id;q=0.2, en": false,
		"id;q=0": false, "fr": false, "*": false, "fr, id;q=0.1": true, "id;q=x": false, ";;,": false, "idx": false,
		"id;Q=0.1, en;q=0.9": false, "id ; q=0.9 , en ; q=0.1": true, "id;level=1;q=0.1, en;q=0.5": false, "id;q=NaN": false,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(errs.PrefersIndonesian(header)).To(Equal(want))
		})
	}
}

func FuzzPreferredLanguage(f *testing.F) {
	for _, header := range []string{"", "id", "en;q=0.5, id;Q=0.9", "id-ID,id;q=0.9,en-US;q=0.8", ";;,", "*", "id;q=1e9", "\xff\xfe"} {
		f.Add(header)
	}

	f.Fuzz(func(t *testing.T, header string) {
		g := NewWithT(t)

		language := errs.PreferredLanguage(header)

		g.Expect(language).To(BeElementOf("", errs.LanguageEnglish, errs.LanguageIndonesian))
		g.Expect(errs.PrefersIndonesian(header)).To(Equal(language == errs.LanguageIndonesian))
	})
}
