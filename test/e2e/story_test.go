package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

const storyYAML = `
apiVersion: catalog.shema.music/v1alpha1
kind: Course
metadata: {name: %[1]s, namespace: %[4]s}
spec:
  title: Biola untuk pemula
  description: Dari senar kosong sampai lagu pertama
  instrument: biola
  level: beginner
  priceCategory: medium
  price: {amount: "425000", currency: IDR}
  teacher: Ibu Sari
  availableDays: [monday, wednesday]
  deletionPolicy: Delete
---
apiVersion: catalog.shema.music/v1alpha1
kind: Schedule
metadata: {name: %[1]s, namespace: %[4]s}
spec:
  courseRef: {name: %[1]s}
  slots:
  - {start: "%[2]s", duration: 1h}
  - {start: "%[3]s", duration: 45m}
`

func kubectl(ctx context.Context, input string, args ...string) string {
	GinkgoHelper()

	out, err := shema.Kubectl(ctx, input, args...)
	Expect(err).NotTo(HaveOccurred(), out)

	return out
}

// applied writes the story's course and schedule with kubectl and waits for what people see of them.
func applied(ctx context.Context) lessons {
	GinkgoHelper()

	name, start := newName("biola"), catalogue.Start().In(catalogue.Jakarta)
	written := fmt.Sprintf(storyYAML, name, start.Format("2006-01-02T15:04"),
		start.Add(24*time.Hour).Format("2006-01-02T15:04"), catalogue.Namespace)
	kubectl(ctx, written, "--namespace", catalogue.Namespace, "apply", "-f", "-")

	began := time.Now()
	l := visible(name, 2)
	took := time.Since(began)
	measuredf("applied with kubectl to visible", "%d ms", took.Milliseconds())
	Expect(took).To(BeNumerically("<", 2*time.Second), "applied to visible")
	Expect(*l.Teacher).To(Equal("Ibu Sari"))
	Expect(l.Slots[0].StartsAt).To(BeTemporally("==", start))

	return l
}

var _ = Describe("The story", func() {
	It("takes a student from registration to a confirmed lesson, through the ingress", func(ctx SpecContext) {
		By("registering, and signing in with the address in other letters")

		p := student(client.Registration{
			"experience_level": "beginner", "learning_goal": "hobby", "preferred_instruments": []string{"biola"},
			"budget_range": "medium", "available_days": []string{"monday"},
		})
		session := read[client.Session](stranger().Login(strings.ToUpper(" "+p.Email+" "), password), 200)
		me := stranger().With(session.AccessToken)
		Expect(read[client.User](me.Get("/api/users/me"), 200).Status).To(Equal("pending"))

		By("booking both slots of a course applied with kubectl")

		l := applied(ctx)
		first, second := l.Slots[0].ID, l.Slots[1].ID
		b := read[client.Booking](me.Book(l.ID, first, second), 201)
		Expect(b.ExpiresAt.Sub(b.CreatedAt)).To(Equal(72 * time.Hour))
		Expect(shown(l.ID)).To(Equal(map[string]string{first: "reserved", second: "reserved"}))
		Expect(student().Book(l.ID, first, second)).To(beRefused(409, "BOOKING_INVALID_SLOTS"))

		By("seeing it as an admin, in the list and on a whole dashboard")

		pending, err := client.Walk[client.PendingBooking](admin().Client, "/api/bookings/pending?limit=100")
		Expect(err).NotTo(HaveOccurred())
		Expect(pending).To(ContainElement(And(HaveField("ID", b.ID), HaveField("User.Email", p.Email), HaveField("Course.Name", l.Name))))

		board := read[client.Dashboard](admin().Get("/api/admin/dashboard"), 200)
		Expect(board.Degraded).To(BeEmpty())
		Expect(*board.Stats.PendingBookings).To(BeNumerically(">=", 1))

		By("confirming the second slot")

		confirmed := read[client.Booking](admin().Confirm(b.ID, second), 200)
		Expect(*confirmed.ConfirmedSlotID).To(Equal(second))
		Expect(shown(l.ID)).To(Equal(map[string]string{first: "available", second: "booked"}))
		Expect(client.Available(stranger(), l.ID)).To(ConsistOf(HaveField("ID", first)), "the other slot is free again")
		Expect(read[client.Booking](me.Booking(b.ID), 200)).To(Equal(confirmed))

		By("telling the student")
		heard(ctx, p, b, "Les Anda dikonfirmasi: Biola untuk pemula")
		eventually(func() string { return read[client.User](me.Get("/api/users/me"), 200).Status }).Should(Equal("active"))

		By("reading the counts with kubectl")
		eventually(func() (string, error) {
			return shema.Kubectl(ctx, "", "--namespace", catalogue.Namespace, "get", "schedule", l.Name, "-o",
				"jsonpath={.status.slots.available}/{.status.slots.reserved}/{.status.slots.booked}")
		}).Should(Equal("1/0/1"))
		expectLedger(ctx)
	})

	It("recommends courses after the registration, and on demand", func() {
		l := course(2, func(s *v1alpha1.CourseSpec) { s.Instrument = "kolintang" })
		p := student(client.Registration{"experience_level": "beginner", "preferred_instruments": []string{"piano"}})
		eventually(func() client.Answer { return p.Get("/api/recommendations/latest") }).Should(succeed(200))

		type recommendation struct {
			Items []struct {
				CourseID string  `json:"course_id"`
				Score    float64 `json:"score"`
			}
		}

		wishes := map[string]any{
			"preferred_instruments": []string{"kolintang"}, "experience_level": "beginner", "budget_range": "low",
			"available_days": []string{"monday"},
		}
		best := read[recommendation](p.Post("/api/recommendations/generate", wishes), 200).Items
		Expect(best).NotTo(BeEmpty())
		Expect(best[0].Score).To(BeNumerically("==", 100))
		Expect(best).To(ContainElement(HaveField("CourseID", l.ID)))
	})

	It("speaks of the API at /openapi.yaml and /docs, and refuses what is not in it", func() {
		Expect(stranger().Get("/openapi.yaml")).To(succeed(200))
		Expect(stranger().Get("/docs").Status).To(BeElementOf(200, 301, 302, 307, 308))
		Expect(stranger().Get("/api/nothing")).To(beRefused(404, "NOT_FOUND"))
	})
})

// heard waits for the notification that a booking is confirmed, and for the mail with its calendar file where mails can be read.
func heard(ctx context.Context, p *client.Person, b client.Booking, subject string) {
	GinkgoHelper()
	eventually(func() ([]client.Notification, error) {
		return client.Walk[client.Notification](p.Client, "/api/users/me/notifications?limit=100")
	}).Should(ContainElement(And(HaveField("Title", subject), HaveField("Data", HaveKeyWithValue("booking_id", b.ID)))))

	box := mailbox(ctx)
	if box == "" {
		sayf("  mail leaves the cluster, so it is not looked at")
		return
	}

	eventually(func() ([]client.Mail, error) { return mails(box, p) }).Should(ContainElement(And(
		HaveField("Subject", subject), HaveField("Body", ContainSubstring("WIB (Asia/Jakarta)")),
		HaveField("Parts", ContainElement(And(
			HaveField("ContentType", HavePrefix("text/calendar")), HaveField("Body", ContainSubstring("BEGIN:VEVENT"))))))))
}
