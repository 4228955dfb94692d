package usertest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
)

// Frames is a user service under test, as the chat reads notifications that open sockets show.
type Frames struct {
	// Notify makes a person, and a notification of theirs.
	Notify func() (notification, person uuid.UUID)
	// Owners looks notifications up, and returns whose they are.
	Owners func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]uuid.UUID, error)
}

// Notifications holds a user service to what the chat builds upon when it brings notifications to sockets.
func Notifications(t *testing.T, open func(t *testing.T) *Frames) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, f *Frames){
		"those that are asked for are told with whose they are": framesAsked,
		"unknown notifications are left out":                    framesUnknown,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

func framesAsked(t *testing.T, f *Frames) {
	t.Helper()

	first, siti := f.Notify()
	second, budi := f.Notify()
	f.Notify()

	found, err := f.Owners(t.Context(), []uuid.UUID{second, first})

	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(map[uuid.UUID]uuid.UUID{first: siti, second: budi}))
}

func framesUnknown(t *testing.T, f *Frames) {
	t.Helper()

	g := NewWithT(t)
	known, siti := f.Notify()

	found, err := f.Owners(t.Context(), []uuid.UUID{uuid.New(), known})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(map[uuid.UUID]uuid.UUID{known: siti}))

	none, err := f.Owners(t.Context(), []uuid.UUID{uuid.New()})
	g.Expect(err).NotTo(HaveOccurred(), "that nothing is there is an answer")
	g.Expect(none).To(BeEmpty())
}
