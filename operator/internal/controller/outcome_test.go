package controller

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/schedule"
	"github.com/shema-music/shema/operator/internal/store"
)

func TestComputeOutcome(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		err    error
		want   outcome
	}{
		{"all steps succeeded", nil, outcome{reason: "Applied", message: "fine"}},
		{"a stall says what to tell and when to look again", &stallError{reason: "InvalidSchedule", message: "wrong", wait: waitForever},
			outcome{reason: "InvalidSchedule", message: "wrong", wait: waitForever}},
		{"a database that is away is tried again soon", &store.UnavailableError{Cause: errors.New("dial tcp 10.0.0.1: refused")},
			outcome{reason: "DatabaseUnavailable", message: "the database cannot be reached; the operator tries again every few seconds", wait: waitSoon}},
		{"a value that the database refuses is not tried again soon",
			&store.InvalidDataError{Cause: &pgconn.PgError{Code: "22021", Message: "invalid byte sequence"}},
			outcome{reason: "InvalidData", message: "the database refused a value: invalid byte sequence (SQLSTATE 22021); correct it in the spec"}},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			got, err := computeOutcome(c.err, outcome{message: "fine"})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want), c.reason)
		})
	}

	g := NewWithT(t)
	conflict := errors.New("the object has been modified")
	_, err := computeOutcome(conflict, outcome{})
	g.Expect(err).To(MatchError(conflict), "the API server's errors say nothing about the resource")
}

func TestConditions(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason        string
		outcome       outcome
		ready, synced metav1.Condition
	}{
		{"what is applied is ready and synced", outcome{reason: "Applied", message: "m"},
			metav1.Condition{Status: "True", Reason: "Applied", Message: "m"}, metav1.Condition{Status: "True", Reason: "Applied", Message: "m"}},
		{"held slots that are not wanted any more leave it ready, but not synced", outcome{reason: "Applied", message: "m", differs: "two"},
			metav1.Condition{Status: "True", Reason: "Applied", Message: "m"}, metav1.Condition{Status: "False", Reason: "SlotsInUse", Message: "two"}},
		{"what is not ready is not synced", outcome{reason: "NameConflict", message: "m", differs: "two"},
			metav1.Condition{Status: "False", Reason: "NameConflict", Message: "m"}, metav1.Condition{Status: "False", Reason: "NameConflict", Message: "m"}},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			c.ready.Type, c.ready.ObservedGeneration = "Ready", 7
			c.synced.Type, c.synced.ObservedGeneration = "Synced", 7
			g.Expect(conditions(c.outcome, 7)).To(Equal([]metav1.Condition{c.ready, c.synced}), c.reason)
		})
	}
}

func TestScheduleRun_Drifted(t *testing.T) {
	t.Parallel()

	missing := func(day string, oneOff bool) store.SlotsResult {
		return store.SlotsResult{Added: []schedule.Slot{{Day: day, OneOff: oneOff}}}
	}
	synced := func(reason string) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ConditionSynced, Reason: reason}}
	}
	cases := []struct {
		reason  string
		applied int64
		synced  string
		suspend bool
		result  store.SlotsResult
		want    bool
	}{
		{"nothing was written", 2, "Applied", false, store.SlotsResult{}, false},
		{"a new generation explains everything", 1, "Applied", false, missing("2027-01-05", true), false},
		{"a slot within the horizon had been there", 2, "Applied", false, missing("2027-01-08", false), true},
		{"a slot beyond the old horizon is new", 2, "Applied", false, missing("2027-01-09", false), false},
		{"a one-off slot had been there, however far ahead", 2, "Applied", false, missing("2028-01-01", true), true},
		{"a slot was altered by hand", 2, "Applied", false, store.SlotsResult{Altered: 1}, true},
		{"a slot was added by hand", 2, "Applied", false, store.SlotsResult{Removed: 1}, true},
		{"a booking ended, and its slot goes or is brought in line", 2, "SlotsInUse", false, store.SlotsResult{Altered: 1, Removed: 1}, false},
		{"a booking ended while the Schedule was suspended", 2, "Applied", true, store.SlotsResult{Removed: 1}, false},
		{"a slot that is missing is missing, whatever else is waited for", 2, "SlotsInUse", false, missing("2027-01-08", false), true},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			s := &v1alpha1.Schedule{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
			s.Spec.Suspend = c.suspend
			s.Status = v1alpha1.ScheduleStatus{AppliedGeneration: c.applied, SlotsUntil: "2027-01-08", Conditions: synced(c.synced)}
			g.Expect(drifted(s, c.result)).To(Equal(c.want), c.reason)
		})
	}
}

func TestBase_Pause_NeverExceedsItsPace(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	b := &base{resync: 45 * time.Second}
	for range 1000 {
		g.Expect(b.pause(waitResync)).To(And(BeNumerically(">=", 30*time.Second), BeNumerically("<=", 45*time.Second)))
		g.Expect(b.pause(waitSoon)).To(And(BeNumerically(">", time.Second), BeNumerically("<=", 3*time.Second)))
	}

	g.Expect(b.pause(waitForever)).To(BeZero())
}
