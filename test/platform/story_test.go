package platform_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

const storyYAML = `
apiVersion: catalog.shema.music/v1alpha1
kind: Course
metadata: {name: %[1]s, namespace: default}
spec:
  title: Biola untuk pemula
  description: Dari senar kosong sampai lagu pertama
  instrument: biola
  level: beginner
  priceCategory: medium
  price: {amount: "425000", currency: IDR}
  teacher: Ibu Sari
  availableDays: [monday, wednesday]
---
apiVersion: catalog.shema.music/v1alpha1
kind: Schedule
metadata: {name: %[1]s-sore, namespace: default}
spec:
  courseRef: {name: %[1]s}
  slots:
  - {start: "%[2]s", duration: 1h}
  - {start: "%[3]s", duration: 45m}
`

func kubectl(input string, args ...string) string {
	GinkgoHelper()

	command := exec.Command("kubectl", args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+platform.Kubeconfig())
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))

	return string(out)
}

var _ = Describe("The story", acrossReplicas, func() {
	It("takes a student from registration to a confirmed lesson on a course applied with kubectl", func() {
		By("registering, and signing in with the address in other letters")

		c, email := stranger(), "Murid."+freshEmail()
		registered := read[client.Session](c.Register(email, password, client.Registration{
			"phone": "+62 812 3456 7890", "experience_level": "beginner", "learning_goal": "hobby",
			"preferred_instruments": []string{"biola"}, "budget_range": "medium", "available_days": []string{"monday"},
		}), 201)
		Expect(registered.User.Email).To(Equal(email), "stored as given")
		Expect(registered.User.Status).To(Equal("pending"))

		session := read[client.Session](c.Login(strings.ToUpper(" "+email+" "), password), 200)
		Expect(session.TokenType).To(Equal("Bearer"))
		Expect(session.ExpiresIn).To(Equal(900))

		me := c.With(session.AccessToken)
		profile := read[client.User](me.Get("/api/users/me"), 200)
		Expect(profile.PreferredInstruments).To(Equal([]string{"biola"}))
		Expect(profile.LastLoginAt).NotTo(BeNil())

		By("looking at recommendations")
		Eventually(func() client.Answer { return me.Get("/api/recommendations/latest") }).Should(succeed(200))

		By("applying a course and a schedule with kubectl")

		name := platform.Catalogue.Name("biola")
		start := catalogue.Start().In(catalogue.Jakarta)
		kubectl(fmt.Sprintf(storyYAML, name, start.Format("2006-01-02T15:04"), start.Add(24*time.Hour).Format("2006-01-02T15:04")),
			"apply", "-f", "-")

		applied := time.Now()
		l := visible(name, 2)

		Expect(time.Since(applied)).To(BeNumerically("<", 2*time.Second), "applied to visible")
		Expect(*l.Course.Price).To(HavePrefix("425000"))
		Expect(*l.Course.Teacher).To(Equal("Ibu Sari"))
		Expect(l.Slots[0].StartsAt).To(BeTemporally("==", start))
		Expect(l.Slots[1].EndsAt.Sub(l.Slots[1].StartsAt)).To(Equal(45 * time.Minute))

		By("booking both slots")

		first, second := l.pair(0, 1)
		b := read[client.Booking](me.Book(l.ID, first, second), 201)
		Expect(b.Status).To(Equal("pending"))
		Expect(b.ExpiresAt.Sub(b.CreatedAt)).To(Equal(72 * time.Hour))
		Expect(statuses(first, second)).To(Equal([]string{"reserved", "reserved"}))

		By("seeing it among the pending ones as an admin, with everything to decide")

		pending := pendingBooking(b.ID)
		Expect(pending.User.Email).To(Equal(email))
		Expect(pending.Course.Name).To(Equal(name))
		Expect(pending.FirstChoice.ID).To(Equal(first))
		Expect(pending.SecondChoice.ID).To(Equal(second))

		By("confirming the second one")

		confirmed := read[client.Booking](admin().Confirm(b.ID, second), 200)
		Expect(confirmed.Status).To(Equal("confirmed"))
		Expect(*confirmed.ConfirmedSlotID).To(Equal(second))
		Expect(statuses(first, second)).To(Equal([]string{"available", "booked"}))
		Expect(client.Available(stranger(), l.ID)).To(ConsistOf(HaveField("ID", first)), "the other slot is free again")
		Expect(read[client.Booking](me.Booking(b.ID), 200)).To(Equal(confirmed))

		By("being an active student afterwards")
		Eventually(func() string { return read[client.User](me.Get("/api/users/me"), 200).Status }).
			WithTimeout(5 * time.Second).Should(Equal("active"))

		By("reading the counts with kubectl")
		Eventually(func() string {
			return kubectl("", "get", "schedule", name+"-sore", "-o",
				"jsonpath={.status.slots.available}/{.status.slots.reserved}/{.status.slots.booked}")
		}).WithTimeout(5 * time.Second).WithPolling(200 * time.Millisecond).Should(Equal("1/0/1"))
	})
})

// pendingBooking finds one booking in the admin's list.
func pendingBooking(id string) client.PendingBooking {
	GinkgoHelper()

	all, err := client.Walk[client.PendingBooking](admin().Client, "/api/bookings/pending?limit=100")
	Expect(err).NotTo(HaveOccurred())

	for _, b := range all {
		if b.ID == id {
			return b
		}
	}

	Fail("booking " + id + " is not among the pending ones")

	return client.PendingBooking{}
}
