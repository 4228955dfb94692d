package platform_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// speaking registers a student whose browser asks for that language.
func speaking(language string) *client.Person {
	GinkgoHelper()

	c, email := stranger(), freshEmail()

	return signedIn(c, email, c.Register(email, password, nil, client.Header("Accept-Language", language)), 201)
}

// notifications returns what a person has been told that keep wants, newest first.
func notifications(p *client.Person, keep func(n *client.Notification) bool) ([]client.Notification, error) {
	all, err := client.Walk[client.Notification](p.Client, "/api/users/me/notifications?limit=100")

	return slices.DeleteFunc(all, func(n client.Notification) bool { return !keep(&n) }), err
}

// told returns what a person has been told about a booking, newest first.
func told(p *client.Person, booking string) []client.Notification {
	GinkgoHelper()

	found, err := notifications(p, func(n *client.Notification) bool { return n.Data["booking_id"] == booking })
	Expect(err).NotTo(HaveOccurred())

	return found
}

// toldAs is told for one type.
func toldAs(p *client.Person, booking, kind string) []client.Notification {
	GinkgoHelper()

	return slices.DeleteFunc(told(p, booking), func(n client.Notification) bool { return n.Type != kind })
}

func mails(p *client.Person) []client.Mail {
	GinkgoHelper()

	found, err := client.Mails(platform.MailURL(), p.Email)
	Expect(err).NotTo(HaveOccurred())

	for i := range found {
		found[i].Body = html.UnescapeString(found[i].Body)
	}

	return found
}

// eventually waits for as long as an event, a job and a mail may take one after the other on a busy machine.
func eventually(actual any) AsyncAssertion {
	return Eventually(actual).WithTimeout(15 * time.Second).WithPolling(50 * time.Millisecond)
}

// subjects lists those of the mails that a person got.
func subjects(p *client.Person) []string {
	GinkgoHelper()

	found := mails(p)
	all := make([]string, len(found))

	for i, m := range found {
		all[i] = m.Subject
	}

	return all
}

// slotIn writes a slot's time as it is at the school.
func slotIn(slot client.Slot, layout string) string {
	return slot.StartsAt.In(catalogue.Jakarta).Format(layout)
}

// toldOfBookings are the notifications about any of the bookings.
func toldOfBookings(p *client.Person, bookings []string) []client.Notification {
	GinkgoHelper()

	found, err := notifications(p, func(n *client.Notification) bool {
		id, _ := n.Data["booking_id"].(string)
		return slices.Contains(bookings, id)
	})
	Expect(err).NotTo(HaveOccurred())

	return found
}

// windowEnds lets the ten minutes be over in which an admin's mails gather.
func windowEnds(p *client.Person) {
	GinkgoHelper()

	for _, sql := range []string{
		"UPDATE users.letters SET due_at = now() WHERE kind = 'digest' AND due_at > now() AND user_id = $1",
		"UPDATE users.mail_windows SET ends_at = now() WHERE user_id = $1",
	} {
		_, err := platform.DB.Exec(context.Background(), sql, p.Session.User.ID)
		Expect(err).NotTo(HaveOccurred())
	}
}

// lastSunday is the next one that ends such a month.
func lastSunday(month time.Month) string {
	now := time.Now()

	for year := now.Year(); ; year++ {
		day := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		day = day.AddDate(0, 0, -int(day.Weekday()))

		if day.After(now) {
			return day.Format(time.DateOnly)
		}
	}
}

var _ = Describe("Notifications", acrossReplicas, func() {
	It("tell a student of a confirmed lesson, in the list and by mail, in the language of the registration", func() {
		name := platform.Catalogue.Name("biola")
		title := "Bïola & “Gesek”: tingkat dasar bagi siapa saja yang ingin bermain bersama-sama"
		Expect(platform.Catalogue.Create(context.Background(),
			catalogue.Course(name, func(s *v1alpha1.CourseSpec) { s.Title = title }),
			catalogue.Schedule(name, name, catalogue.Start(), 4))).To(Succeed())

		l := visible(name, 4)
		for i, c := range []struct{ language, subject, at string }{
			{"en-GB,en;q=0.8", "Your lesson is confirmed: ", slotIn(l.Slots[0], "Monday, 2 January 2006, 15:04")},
			{"id,en;q=0.8", "Les Anda dikonfirmasi: ", slotIn(l.Slots[2], "2006, 15.04")},
		} {
			p := speaking(c.language)
			b := booked(p, l, 2*i, 2*i+1)
			eventually(func() []client.Notification { return told(p, b.ID) }).Should(ConsistOf(HaveField("Type", "booking_received")))
			Expect(admin().Confirm(b.ID, b.FirstChoiceSlotID)).To(succeed(200))

			eventually(func() []client.Notification { return told(p, b.ID) }).Should(ContainElement(And(
				HaveField("Type", "booking_confirmed"), HaveField("Title", c.subject+title), HaveField("ReadAt", BeNil()),
				HaveField("Body", And(ContainSubstring(c.at), ContainSubstring("WIB (Asia/Jakarta)"))))))
			eventually(func() []client.Mail { return mails(p) }).Should(ContainElement(And(
				HaveField("Subject", c.subject+title), HaveField("To", Equal([]string{p.Email})), HaveField("From", "no-reply@shema.music"),
				HaveField("Body", And(ContainSubstring(title), ContainSubstring(c.at), ContainSubstring("WIB (Asia/Jakarta)"))))))
		}
	})

	It("tell of every other ending, and an event that comes twice tells once", func() {
		p, l := speaking("en"), course(2)
		rejected := booked(p, l, 0, 1)
		Expect(admin().Reject(rejected.ID, "Ibu Sari\nis away.")).To(succeed(200))

		expired := booked(p, l, 0, 1)
		_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings
			SET created_at = now() - interval '72 hours 1 second', expires_at = now() - interval '1 second' WHERE id = $1`, expired.ID)
		Expect(err).NotTo(HaveOccurred())
		Expect(admin().Confirm(expired.ID, l.Slots[0].ID)).To(beRefused(409, "BOOKING_EXPIRED"))

		withdrawn := booked(p, l, 0, 1)
		Expect(p.Cancel(withdrawn.ID)).To(succeed(200))

		revoked := booked(p, l, 0, 1)
		Expect(admin().Confirm(revoked.ID, l.Slots[1].ID)).To(succeed(200))
		Expect(admin().Revoke(revoked.ID, "Ibu Sari has the flu.")).To(succeed(200))

		deliver("booking.rejected", theEvent("booking.rejected", rejected.ID), false)
		consumed("booking.rejected", "booking.expired", "booking.cancelled", "booking.confirmed")

		one := func(booking, kind, words string) {
			GinkgoHelper()
			eventually(func() []client.Notification { return told(p, booking) }).Should(ContainElement(And(
				HaveField("Type", kind), HaveField("Body", ContainSubstring(words)))))
		}
		one(rejected.ID, "booking_rejected", "Reason: Ibu Sari\nis away.")
		one(expired.ID, "booking_expired", l.Title)
		one(revoked.ID, "booking_revoked", "Ibu Sari has the flu.")

		// An earlier state may come too late to be told; none is told twice.
		for _, id := range []string{rejected.ID, expired.ID, revoked.ID, withdrawn.ID} {
			kinds := map[string]int{}
			for _, n := range told(p, id) {
				kinds[n.Type]++
			}

			Expect(kinds).To(Or(BeEmpty(), HaveEach(1)), id)
			Expect(kinds).NotTo(HaveKey("booking_cancelled"), "who cancels knows it already")
		}

		for _, subject := range []string{"Your booking was declined: ", "Your booking has expired: ", "Your lesson is cancelled: "} {
			eventually(func() []client.Mail { return mails(p) }).Should(ContainElement(HaveField("Subject", subject+l.Title)))
		}
	})

	It("tell every active admin what there is to decide, and no other account", func() {
		var p, teacher, second, retired *client.Person
		atOnce(func() { p = student() }, func() { teacher = withRole("teacher") },
			func() { second = withRole("admin") }, func() { retired = withRole("admin") })
		Expect(admin().SetAccess(second.Session.User.ID, map[string]any{"status": "active"})).To(succeed(200))
		Expect(admin().SetAccess(retired.Session.User.ID, map[string]any{"status": "suspended"})).To(succeed(200))

		b := booked(p, course(2), 0, 1)
		for _, boss := range []*client.Person{admin(), second} {
			eventually(func() []client.Notification { return told(boss, b.ID) }).Should(ConsistOf(And(
				HaveField("Type", "booking_created"), HaveField("Data", HaveKeyWithValue("student", HaveKeyWithValue("id", p.Session.User.ID))))))
		}

		eventually(func() []string { return subjects(second) }).Should(ContainElement(HavePrefix("Pemesanan baru: ")))
		Expect(subjects(retired)).NotTo(ContainElement(HavePrefix("Pemesanan baru: ")))
		Expect(told(p, b.ID)).To(HaveEach(HaveField("Type", "booking_received")))
		Expect(told(teacher, b.ID)).To(BeEmpty())
		Expect(admin().SetAccess(second.Session.User.ID, map[string]any{"role": "student"})).To(succeed(200))
	})

	It("gather in one mail to an admin when there are many, and never to students", func() {
		const floods, bookings = 3, 4

		boss, l := withRole("admin"), course(2*floods)
		flooders := students(floods)

		Expect(admin().SetAccess(boss.Session.User.ID, map[string]any{"status": "active"})).To(succeed(200))

		made := slices.Concat(together(floods, func(i int) []string {
			ids := make([]string, bookings)
			for n := range ids {
				ids[n] = booked(flooders[i], l, 2*i, 2*i+1).ID
				Expect(flooders[i].Cancel(ids[n])).To(succeed(200))
			}

			return ids
		})...)

		about := func() []client.Notification {
			found, err := notifications(boss, func(n *client.Notification) bool { return strings.HasSuffix(n.Title, ": "+l.Title) })
			Expect(err).NotTo(HaveOccurred())

			return found
		}
		eventually(func() int { return len(about()) }).Should(BeNumerically(">=", len(made)))
		consumed("booking.created", "booking.cancelled")

		// Events may still wait to be published; of some, newer ones are told first, and then they are not told at all.
		notices := 0

		Eventually(func() bool {
			before := notices
			notices = len(about())

			return notices == before
		}).WithTimeout(time.Minute).WithPolling(3 * time.Second).Should(BeTrue())

		single := func(p *client.Person) []string {
			return slices.DeleteFunc(subjects(p), func(s string) bool { return !strings.HasSuffix(s, ": "+l.Title) })
		}
		eventually(single).WithArguments(boss).Should(HaveLen(5))

		for i, p := range flooders {
			expected := len(toldOfBookings(p, made[i*bookings:(i+1)*bookings]))
			eventually(single).WithArguments(p).Should(HaveLen(expected))
		}

		windowEnds(boss)

		gathered := fmt.Sprintf("Kabar pemesanan: %d", notices-5)
		eventually(subjects).WithArguments(boss).Should(ContainElement(gathered))
		Consistently(single).WithArguments(boss).WithTimeout(3 * time.Second).Should(HaveLen(5))

		digest := mails(boss)[0]
		Expect(digest.Subject).To(Equal(gathered))
		Expect(strings.Count(digest.Body, ": "+l.Title+" · ")).To(Equal(notices - 5))
		Expect(strings.Count(digest.Body, "/admin/bookings?id=")).To(Equal(notices - 5))
		Expect(digest.Body).To(ContainSubstring("/admin/bookings?id=" + made[len(made)-1]))
		Expect(admin().SetAccess(boss.Session.User.ID, map[string]any{"role": "student"})).To(succeed(200))
	})

	It("are read once, and only by whom they are for", func() {
		p, other := student(), student()
		b := booked(p, course(2), 0, 1)

		eventually(func() []client.Notification { return told(p, b.ID) }).Should(HaveLen(1))

		path := "/api/users/me/notifications/" + told(p, b.ID)[0].ID + "/read"
		Expect(other.Post(path, nil)).To(beRefused(404, "USER_NOTIFICATION_NOT_FOUND"))
		Expect(stranger().Post(path, nil)).To(beRefused(401, "AUTH_MISSING_TOKEN"))
		Expect(p.Post("/api/users/me/notifications/"+uuid.NewString()+"/read", nil)).To(beRefused(404, "USER_NOTIFICATION_NOT_FOUND"))
		Expect(told(p, b.ID)[0].ReadAt).To(BeNil())
		Expect(p.Post(path, nil)).To(succeed(204))

		first := told(p, b.ID)[0].ReadAt
		Expect(first).NotTo(BeNil())
		Expect(p.Post(path, nil)).To(succeed(204))
		Expect(told(p, b.ID)[0].ReadAt).To(Equal(first))
		Expect(stranger().Get("/api/users/me/notifications")).To(beRefused(401, "AUTH_MISSING_TOKEN"))
		Expect(p.Get("/api/users/me/notifications?cursor=x")).To(beRefused(400, "VALIDATION_FAILED"))
	})

	It("give each end of a lesson its zone in the night in which the clocks go back", func() {
		name := platform.Catalogue.Name("malam")
		schedule := catalogue.Schedule(name, name, catalogue.Start(), 0)
		schedule.Spec.TimeZone = "Europe/Berlin"
		night := lastSunday(time.October)
		schedule.Spec.Slots = []v1alpha1.Slot{
			{Start: v1alpha1.LocalTime(night + "T02:30"), Duration: "45m"}, {Start: v1alpha1.LocalTime(night + "T10:00"), Duration: "1h"},
		}

		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name), schedule)).To(Succeed())

		p, l := speaking("en"), visible(name, 2)
		b := booked(p, l, 0, 1)
		Expect(admin().Confirm(b.ID, b.FirstChoiceSlotID)).To(succeed(200))
		eventually(func() []client.Mail { return mails(p) }).Should(ContainElement(And(
			HaveField("Subject", HavePrefix("Your lesson is confirmed: ")),
			HaveField("Body", ContainSubstring("02:30 CEST–02:15 CET (Europe/Berlin)")))))
	})

	It("are mails that mail programs like, whatever stands in a title", func() {
		name, title := platform.Catalogue.Name("surat"), "=?utf-8?q?palsu?= Gesek & “Pétik” bagi siapa saja yang ingin bermain bersama-sama, "+strings.Repeat("é", 30)
		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name, func(s *v1alpha1.CourseSpec) { s.Title = title }),
			catalogue.Schedule(name, name, catalogue.Start(), 2))).To(Succeed())

		p := speaking("en")
		booked(p, visible(name, 2), 0, 1)

		var id string

		eventually(func() string {
			for _, m := range mails(p) {
				if strings.HasSuffix(m.Subject, title) {
					id = m.ID
				}
			}

			return id
		}).ShouldNot(BeEmpty(), "the title arrives as it is")

		response, err := http.Get(platform.MailURL() + "/mails/" + id)
		Expect(err).NotTo(HaveOccurred())

		defer func() { _ = response.Body.Close() }()

		message, err := mail.ReadMessage(response.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(message.Header.Get("Message-Id")).To(MatchRegexp(`^<[^<>@\s]+@[^<>@\s]+>$`))
		Expect(message.Header.Date()).To(BeTemporally("~", time.Now(), time.Minute))
		Expect(message.Header.Get("Auto-Submitted")).To(Equal("auto-generated"))
		Expect(message.Header.Get("Content-Type")).To(HavePrefix("multipart/"))

		body, err := io.ReadAll(message.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(body)).To(And(MatchRegexp(`(?i)content-type: text/plain`), MatchRegexp(`(?i)content-type: text/html`)))

		for word := range strings.FieldsSeq(message.Header.Get("Subject")) {
			Expect(len(word)).To(BeNumerically("<=", 75), word)
		}
	})

	It("tell nothing older after something newer, though both waited for the user service", Serial, func() {
		const several = 4

		l, boss := course(2*several), admin()
		all := students(several)
		made := together(several, func(i int) client.Booking { return booked(all[i], l, 2*i, 2*i+1) })

		Expect(platform.Stop("user")).To(Succeed())

		back := false
		defer func() {
			if !back {
				_ = platform.Start("user")
			}
		}()

		for _, b := range made {
			Expect(boss.Confirm(b.ID, b.FirstChoiceSlotID)).To(succeed(200))
		}

		for _, b := range made {
			Expect(boss.Revoke(b.ID, "Guru sakit")).To(succeed(200))
		}

		Expect(platform.Start("user")).To(Succeed())

		back = true

		for i, b := range made {
			Eventually(func() []client.Notification { return told(all[i], b.ID) }).WithTimeout(recovery).
				Should(ContainElement(HaveField("Type", "booking_revoked")))
		}

		consumed("booking.created", "booking.confirmed", "booking.cancelled")

		for i, b := range made {
			Expect(told(all[i], b.ID)[0].Type).To(Equal("booking_revoked"), "the newest of what the student was told")
		}
	})

	It("wait for a mail server that is down, and hold nothing else up", Serial, func() {
		Expect(platform.Stop("mail")).To(Succeed())

		DeferCleanup(func() { Expect(platform.Start("mail")).To(Succeed()) })

		p, l := student(), course(2)
		b := booked(p, l, 0, 1)
		Expect(admin().Confirm(b.ID, l.Slots[0].ID)).To(succeed(200))

		eventually(func() []client.Notification { return told(p, b.ID) }).Should(ContainElement(HaveField("Type", "booking_confirmed")))
		Eventually(func() string { return read[client.User](p.Get("/api/users/me"), 200).Status }).Should(Equal("active"))
		Expect(platform.Start("mail")).To(Succeed())

		eventually(func() []string { return subjects(p) }).Should(ContainElement(HaveSuffix(": " + l.Title)))
	})
})
