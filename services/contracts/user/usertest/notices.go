package usertest

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Desk is a user service under test, as those see it who have it tell people something.
type Desk struct {
	Client *userhttp.ClientWithResponses
	// Add makes a person.
	Add func() uuid.UUID
	// Left returns the id of a person who was there, and has left.
	Left func() uuid.UUID
	// Told returns of how many notices a person was told.
	Told func(person uuid.UUID) int
}

// Notices holds a user service to what those build upon who repeat what they are not sure to have said.
func Notices(t *testing.T, open func(t *testing.T) *Desk) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, d *Desk){
		"a notice is told once for each key, however often it comes": noticeOnce,
		"a notice reaches all whom it names":                         noticeAll,
		"whom a key has not reached yet is told with it":             noticeMore,
		"who has left does not keep a notice from the others":        noticeLeft,
		"that a person was forgotten may be reported again":          reportAgain,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// give tells people something.
func (d *Desk) give(t *testing.T, key string, to ...uuid.UUID) {
	t.Helper()

	answer, err := d.Client.GiveNoticeWithResponse(t.Context(), userhttp.Notice{
		Key:     key,
		Type:    userhttp.NoticeTypeLessonReminder,
		To:      userhttp.Users,
		UserIds: &to,
	})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.StatusCode()).To(Equal(http.StatusNoContent), string(answer.Body))
}

func noticeOnce(t *testing.T, d *Desk) {
	t.Helper()

	g := NewWithT(t)
	siti := d.Add()

	for range 3 {
		d.give(t, "lesson_reminder:1", siti)
		g.Expect(d.Told(siti)).To(Equal(1))
	}

	d.give(t, "lesson_reminder:2", siti)
	g.Expect(d.Told(siti)).To(Equal(2), "another key is another notice")
}

func noticeAll(t *testing.T, d *Desk) {
	t.Helper()

	siti, sari, other := d.Add(), d.Add(), d.Add()

	d.give(t, "lesson_reminder:1", siti, sari)

	g := NewWithT(t)
	g.Expect(d.Told(siti)).To(Equal(1))
	g.Expect(d.Told(sari)).To(Equal(1))
	g.Expect(d.Told(other)).To(BeZero())
}

func noticeMore(t *testing.T, d *Desk) {
	t.Helper()

	siti, sari := d.Add(), d.Add()

	d.give(t, "lesson_reminder:1", siti)
	d.give(t, "lesson_reminder:1", sari, siti)

	g := NewWithT(t)
	g.Expect(d.Told(siti)).To(Equal(1))
	g.Expect(d.Told(sari)).To(Equal(1))
}

func noticeLeft(t *testing.T, d *Desk) {
	t.Helper()

	siti := d.Add()

	d.give(t, "lesson_reminder:1", d.Left(), siti)

	NewWithT(t).Expect(d.Told(siti)).To(Equal(1))
}

func reportAgain(t *testing.T, d *Desk) {
	t.Helper()

	g := NewWithT(t)
	left := d.Left()

	for range 2 {
		answer, err := d.Client.ReportErasedWithResponse(t.Context(), left)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(answer.StatusCode()).To(Equal(http.StatusNoContent), string(answer.Body))
	}
}
