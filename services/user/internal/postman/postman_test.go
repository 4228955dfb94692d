package postman_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/postman"
	"github.com/shema-music/shema/services/user/internal/user"
)

var errAway = errors.New("the mail server is away")

func TestPostman_Deliver_UntilTheServerTakesIt(t *testing.T) {
	f := setUp(t, errAway, errAway)
	g := NewWithT(t)

	for _, course := range []string{"Piano", "Gitar", "Biola", "Vokal"} {
		f.tell(t, notification.BookingExpired, uuid.New(), course, 2)
	}

	f.deliver(t)
	g.Expect(f.server.mails()).To(HaveLen(2))
	g.Expect(f.count(t, "due_at > now() AND tries = 1")).To(Equal(2), "who fails keeps no other from leaving, and waits")

	f.later(t)
	f.deliver(t)

	g.Expect(f.server.mails()).To(HaveLen(4))
	g.Expect(f.server.mails()).To(ContainElement(And(HaveField("To", "siti@example.com"),
		HaveField("Subject", "Your booking has expired: Piano"), HaveField("HTML", ContainSubstring("Hello Siti,")))))
	g.Expect(f.count(t, "outcome = 'sent' AND done_at IS NOT NULL AND due_at IS NULL")).To(Equal(4))
	g.Expect(testutil.CollectAndCompare(f.postman.Collector(), strings.NewReader(`
		# HELP shema_mails_total Tries to send a mail, by outcome: sent, failed, undeliverable, given_up, unwanted.
		# TYPE shema_mails_total counter
		shema_mails_total{outcome="failed"} 2
		shema_mails_total{outcome="sent"} 4
	`))).To(Succeed())
}

// TestPostman_Deliver_InTheOrderOfStates lets the mail server refuse the first try: what happened later to the same booking
// waits, and nothing else does.
func TestPostman_Deliver_InTheOrderOfStates(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	booking := uuid.New()

	f.tell(t, notification.BookingReceived, booking, "Piano", 1)
	f.server.failures = []error{errAway}
	f.tell(t, notification.BookingConfirmed, booking, "Piano", 2)
	f.tell(t, notification.BookingRevoked, booking, "Piano", 3)

	f.deliver(t)
	g.Expect(f.server.mails()).To(BeEmpty())

	f.tell(t, notification.BookingExpired, uuid.New(), "Gitar", 2)
	f.later(t)
	f.deliver(t)

	g.Expect(f.server.subjects()).To(ConsistOf("Your booking has expired: Gitar",
		"Your booking has arrived: Piano", "Your lesson is confirmed: Piano", "Your lesson is cancelled: Piano"))

	var piano []string
	for _, subject := range f.server.subjects() {
		if subject != "Your booking has expired: Gitar" {
			piano = append(piano, subject)
		}
	}

	g.Expect(piano).To(Equal([]string{
		"Your booking has arrived: Piano", "Your lesson is confirmed: Piano", "Your lesson is cancelled: Piano",
	}))
}

func TestPostman_Deliver_Ends(t *testing.T) {
	for reason, c := range map[string]struct {
		failure error
		age     time.Duration
		outcome letter.Outcome
	}{
		"its address takes none": {mail.ErrUndeliverable, 0, letter.Undeliverable},
		"it is a day old":        {errAway, 25 * time.Hour, letter.GivenUp},
	} {
		t.Run(reason, func(t *testing.T) {
			f := setUp(t, c.failure)
			g := NewWithT(t)

			f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)
			f.clock.Advance(c.age)
			f.deliver(t)
			f.later(t)
			f.deliver(t)

			g.Expect(f.count(t, "outcome = '"+string(c.outcome)+"' AND done_at IS NOT NULL AND due_at IS NULL")).To(Equal(1))
			g.Expect(f.server.mails()).To(BeEmpty())
		})
	}
}

// TestPostman_Deliver_NoTimeLeft sees that a letter that was not tried is due at once, and has not failed.
func TestPostman_Deliver_NoTimeLeft(t *testing.T) {
	f := setUp(t, mail.ErrNotTried)
	g := NewWithT(t)
	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)

	n, err := f.postman.Deliver(t.Context(), letter.People)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(n).To(Equal(1))
	g.Expect(f.count(t, "tries = 0 AND due_at <= clock_timestamp() AND claimed_until IS NULL")).To(Equal(1))

	f.deliver(t)
	g.Expect(f.server.mails()).To(HaveLen(1))
}

// TestPostman_Deliver_DropsTheToken sees that the token of a link is gone once the mail has left.
func TestPostman_Deliver_DropsTheToken(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	reset := &user.Letter{
		ID:     uuid.New(),
		Kind:   user.LetterPasswordReset,
		UserID: f.student.ID,
		Token:  "the-token",
	}

	for range 2 {
		g.Expect(f.people.AddLetter(t.Context(), reset)).To(Succeed())
	}

	f.deliver(t)
	g.Expect(f.server.mails()).To(ConsistOf(HaveField("Text", ContainSubstring("https://shema.test/reset?token=the-token"))))
	g.Expect(f.count(t, "letters::text LIKE '%the-token%'")).To(BeZero())

	g.Expect(f.people.AddLetter(t.Context(), reset)).To(Succeed(), "a late repetition")
	f.deliver(t)
	g.Expect(f.server.mails()).To(HaveLen(1))
}

func TestPostman_Deliver_ForgetsWhoIsGone(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)

	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)
	f.tell(t, notification.BookingExpired, uuid.New(), "Gitar", 2)
	f.exec(t, "DELETE FROM users.notifications WHERE data -> 'course' ->> 'title' = 'Gitar'")
	f.exec(t, "UPDATE users.users SET erased_at = now() WHERE id = $1", f.student.ID)

	f.deliver(t)

	g.Expect(f.server.mails()).To(BeEmpty())
	g.Expect(f.count(t, "outcome = 'unwanted'")).To(Equal(1))
}

// TestPostman_Deliver_ProcessDies lets a process die with letters in hand: another one sends them once its lease is over,
// as the same messages, and what the first one then says changes nothing.
func TestPostman_Deliver_ProcessDies(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)

	claimed, err := f.letters.Claim(t.Context(), letter.People, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(claimed).To(HaveLen(1))

	f.deliver(t)
	g.Expect(f.server.mails()).To(BeEmpty(), "another process has it in hand")

	f.later(t)
	again, err := f.letters.Claim(t.Context(), letter.People, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again).To(HaveLen(1))
	g.Expect(again[0].ID).To(Equal(claimed[0].ID))

	late := letter.Result{ID: claimed[0].ID, Tries: claimed[0].Tries}
	g.Expect(f.letters.Settle(t.Context(), []letter.Result{late})).To(Succeed())
	f.deliver(t)
	g.Expect(f.server.mails()).To(BeEmpty(), "the second process still has it in hand")

	g.Expect(f.letters.Settle(t.Context(), []letter.Result{{ID: again[0].ID, Tries: again[0].Tries, Outcome: letter.Sent}})).To(Succeed())
	f.later(t)
	f.deliver(t)
	g.Expect(f.server.mails()).To(BeEmpty())
}

// TestPostman_Run_IsWoken sees that a letter leaves when its transaction has been committed, in its own lane.
func TestPostman_Run_IsWoken(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})

	go func() {
		defer close(ended)

		f.postman.Run(ctx, letter.People)
	}()

	f.book(t, 1, 1)
	f.admin(t, "sari@example.com", user.English)
	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)

	g.Eventually(f.server.subjects, "10s").Should(Equal([]string{"Your booking has expired: Piano"}))
	cancel()
	g.Eventually(ended, "10s").Should(BeClosed())
}

// busyServer takes no mail before the end of the test.
type busyServer struct{ server }

func (s *busyServer) Send(ctx context.Context, mails []*mail.Mail) []error {
	<-ctx.Done()
	return slices.Repeat([]error{ctx.Err()}, len(mails))
}

// However long the server takes over mails to admins, a student's leaves.
func TestPostman_Run_StudentsDoNotWaitForAdmins(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)

	for n := range 5 {
		f.admin(t, fmt.Sprintf("admin%d@example.com", n), user.English)
	}

	f.book(t, 1, 20)
	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)

	sending := postman.New(postman.Options{
		Letters: f.letters,
		Servers: map[letter.Lane]postman.Server{letter.People: f.server, letter.Admins: &busyServer{}},
		WebURL:  "https://shema.test",
		Clock:   f.clock,
		Log:     slog.New(slog.DiscardHandler),
	})

	ctx, cancel := context.WithCancel(t.Context())

	var lanes sync.WaitGroup
	for _, lane := range []letter.Lane{letter.Admins, letter.People} {
		lanes.Go(func() { sending.Run(ctx, lane) })
	}

	g.Eventually(f.server.mails, "10s").Should(ConsistOf(HaveField("To", "siti@example.com")))
	cancel()
	lanes.Wait()
}
