package booking_test

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

func TestService_Get_OnlyOnesOwn(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	b := create(t, w)
	course, slots := w.Courses.Add(2)

	held := begin(t, w, bookingtest.Wish(course, slots[0], slots[1]), 1)
	for name, c := range map[string]struct {
		reason string
		id     uuid.UUID
		viewer booking.Viewer
		want   error
	}{
		"owner":    {"it is theirs", b.ID, booking.Viewer{UserID: b.UserID}, nil},
		"admin":    {"admins see all", b.ID, booking.Viewer{UserID: uuid.New(), Admin: true}, nil},
		"stranger": {"what is not yours does not exist", b.ID, booking.Viewer{UserID: uuid.New()}, bookingerrs.NotFound},
		"held":     {"not even admins see it", held.ID, booking.Viewer{UserID: held.UserID, Admin: true}, bookingerrs.NotFound},
		"unknown":  {"there is none", uuid.New(), booking.Viewer{Admin: true}, bookingerrs.NotFound},
	} {
		_, err := w.Bookings.Get(t.Context(), c.id, c.viewer)
		if c.want == nil {
			g.Expect(err).NotTo(HaveOccurred(), "%s: %s", name, c.reason)

			continue
		}

		g.Expect(err).To(MatchError(c.want), "%s: %s", name, c.reason)
	}
}

func TestService_List_Pages(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)

	var newestFirst []uuid.UUID
	for range 5 {
		newestFirst = append([]uuid.UUID{create(t, w).ID}, newestFirst...)
	}

	admin := booking.Viewer{Admin: true}

	var (
		got   []uuid.UUID
		after *booking.Position
	)
	for pages := 1; ; pages++ {
		page, err := w.Bookings.List(t.Context(), admin, booking.Filter{After: after, Limit: 2})
		g.Expect(err).NotTo(HaveOccurred())

		for _, b := range page.Items {
			got = append(got, b.ID)
		}

		if after = page.Next; after == nil {
			g.Expect(pages).To(Equal(3))

			break
		}
	}

	g.Expect(got).To(Equal(newestFirst))

	page, err := w.Bookings.List(t.Context(), booking.Viewer{UserID: uuid.New()}, booking.Filter{Limit: 2})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(page.Items).To(BeEmpty())
}

func TestService_List_OthersAreForAdmins(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	b := create(t, w)
	_, err := w.Bookings.List(t.Context(), booking.Viewer{UserID: uuid.New()}, booking.Filter{UserID: &b.UserID, Limit: 2})
	g.Expect(err).To(MatchError(errs.Forbidden))

	page, err := w.Bookings.List(t.Context(), booking.Viewer{Admin: true}, booking.Filter{UserID: &b.UserID, Limit: 2})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(page.Items).To(ConsistOf(HaveField("ID", b.ID)))
}

func TestService_ListPending_Complete(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	oldest, newest := create(t, w), create(t, w)
	w.Users.Add(oldest.UserID, "Ani")
	before := len(w.Network.Calls(""))
	page, err := w.Bookings.ListPending(t.Context(), nil, 20)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(page.Items).To(HaveLen(2))
	g.Expect(page.Items[0]).To(And(
		HaveField("ID", oldest.ID), HaveField("User.FullName", "Ani"), HaveField("Snapshot.Course.Title", "Piano"),
		HaveField("Snapshot.Slots", HaveKey(oldest.FirstChoice)), HaveField("Snapshot.Slots", HaveKey(oldest.SecondChoice))))
	g.Expect(page.Items[1]).To(And(HaveField("ID", newest.ID), HaveField("User", BeNil())), "this user is gone")
	g.Expect(w.Network.Calls("")).To(HaveLen(before+1), "one call to the user service, however long the list")
}

func TestService_ListPending_UserServiceAway(t *testing.T) {
	for name, fault := range map[string]bookingtest.Fault{"refusing": bookingtest.Down, "hanging": bookingtest.Hanging} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			b := create(t, w)
			w.Users.Add(b.UserID, "Ani")
			w.Network.Break(bookingtest.UserID, fault)
			w.Network.Break(bookingtest.CourseID, bookingtest.Down)

			page, err := w.Replica(bookingtest.Impatient()).ListPending(t.Context(), nil, 20)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(page.Items).To(ConsistOf(And(HaveField("User", BeNil()), HaveField("Snapshot.Course.Title", "Piano"))))
		})
	}
}
