package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
)

func TestHandlers_ListCandidates_Callers(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	piano := s.Course("piano", "Piano")
	guitar := s.Course("guitar", "Guitar")
	s.Slot(piano, time.Hour)
	s.Exec(s.Operator, "UPDATE course.courses SET available_days = '{}' WHERE name = 'guitar'")

	ask := func(caller string) answer {
		return s.do(call{method: http.MethodGet, path: "/internal/catalog/candidates", caller: caller})
	}
	for _, caller := range []string{apps.Gateway, apps.Booking, apps.User} {
		g.Expect(ask(caller).status).To(Equal(http.StatusForbidden), caller)
	}

	a := ask(apps.Recommendation)
	g.Expect(a.status).To(Equal(http.StatusOK))
	g.Expect(a.body["items"]).To(ConsistOf(
		And(HaveLen(7), HaveKeyWithValue("id", piano.String()), HaveKeyWithValue("title", "Piano"),
			HaveKeyWithValue("instrument", "piano"), HaveKeyWithValue("level", "beginner"),
			HaveKeyWithValue("price_category", "low"), HaveKeyWithValue("available_days", []any{"monday", "wednesday"}),
			HaveKeyWithValue("next_available_at", HaveSuffix("Z"))),
		And(HaveLen(6), HaveKeyWithValue("id", guitar.String()), HaveKeyWithValue("available_days", BeEmpty())),
	))

	known := a.body["state"]
	again := func() answer {
		path := fmt.Sprintf("/internal/catalog/candidates?known=%s", known)
		return s.do(call{method: http.MethodGet, path: path, caller: apps.Recommendation})
	}
	g.Expect(again().body).To(Equal(map[string]any{"state": known}), "a caller that knows them needs no more")

	s.Slot(guitar, time.Hour)
	g.Expect(again().body).To(And(HaveKeyWithValue("state", Not(Equal(known))), HaveKeyWithValue("items", HaveLen(2))))
}
