package postman_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/postman"
	"github.com/shema-music/shema/services/user/internal/user"
)

// The first five mails of a window leave by themselves, the others together when it ends, to each admin in their language;
// then the next window begins.
func TestPostman_Deliver_Digest(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)
	f.admin(t, "dewi@example.com", user.Indonesian)

	f.book(t, 1, 3)
	f.deliver(t)
	f.book(t, 4, 12)
	f.deliver(t)

	g.Expect(f.server.to("sari@example.com")).To(HaveLen(5))
	g.Expect(f.server.to("sari@example.com")).To(HaveEach(HaveField("Subject", MatchRegexp(`^New booking: Piano [1-5]$`))))
	g.Expect(f.server.to("dewi@example.com")).To(HaveLen(5))

	f.later(t)
	f.deliver(t)

	english, indonesian := f.server.to("sari@example.com"), f.server.to("dewi@example.com")
	g.Expect(english).To(HaveLen(6))
	g.Expect(indonesian).To(HaveLen(6))
	g.Expect(indonesian[5].Subject).To(Equal("Kabar pemesanan: 7"))
	g.Expect(indonesian[5].Text).To(ContainSubstring("Pemesanan baru: Piano 6"))

	digest := english[5]
	g.Expect(digest.Subject).To(Equal("News of bookings: 7"))
	g.Expect(digest.Unsubscribe).To(Equal("https://shema.test/profile"))
	g.Expect(lines(digest.Text)).To(Equal([]string{"6", "7", "8", "9", "10", "11", "12"}))
	g.Expect(lines(digest.HTML)).To(Equal(lines(digest.Text)))
	g.Expect(digest.Text).To(MatchRegexp(`- \d\d:\d\d UTC · New booking: Piano 6 · Siti\n  https://shema\.test/admin/bookings\?id=[0-9a-f-]{36}\n`))
	g.Expect(strings.Count(digest.HTML, `<a href="https://shema.test/admin/bookings?id=`)).To(Equal(7))
	g.Expect(f.count(t, "done_at IS NULL")).To(BeZero())

	f.book(t, 13, 13)
	f.deliver(t)
	f.later(t)
	f.deliver(t)
	g.Expect(f.server.to("sari@example.com")[6:]).To(ConsistOf(HaveField("Subject", "New booking: Piano 13")), "a new window")
}

var pianos = regexp.MustCompile(`Piano (\d+)`)

// lines are the numbers of the courses of which a mail tells.
func lines(text string) (numbers []string) {
	for _, match := range pianos.FindAllStringSubmatch(text, -1) {
		numbers = append(numbers, match[1])
	}

	return numbers
}

// Only what admins are told of bookings gathers; the lanes of others don't see it.
func TestPostman_Deliver_Digest_NothingElseGathers(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)

	for i := range 8 {
		f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)
		g.Expect(f.told.TellAdmins(t.Context(), &notification.Notice{
			Type:  notification.ChatUnanswered,
			Key:   strconv.Itoa(i),
			Facts: notification.Facts{StudentID: f.student.ID},
		})).To(Succeed())
	}

	f.deliver(t)

	g.Expect(f.server.to("siti@example.com")).To(HaveLen(8))
	g.Expect(f.server.to("sari@example.com")).To(HaveLen(8))
}

// Several replicas at once count together, and send nothing twice.
func TestPostman_Deliver_Digest_Replicas(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)

	const bookings = 60

	var working errgroup.Group
	for n := range 3 {
		working.Go(func() error {
			for i := range bookings / 3 {
				course := fmt.Sprintf("Piano %d", n*bookings/3+i)
				notice := f.notice(notification.BookingCreated, uuid.New(), course, 1)

				if err := f.told.TellAdmins(t.Context(), notice); err != nil {
					return err
				}
			}

			return nil
		})
	}

	for _, replica := range []*postman.Postman{f.replica(), f.replica(), f.replica()} {
		working.Go(func() error {
			for range bookings {
				if _, err := replica.Deliver(t.Context(), letter.Admins); err != nil {
					return err
				}
			}

			return nil
		})
	}

	g.Expect(working.Wait()).To(Succeed())
	f.deliver(t)
	g.Expect(f.server.mails()).To(HaveLen(5))

	f.later(t)
	f.deliver(t)

	g.Expect(f.server.mails()).To(HaveLen(6))

	told := map[string]int{}
	for _, m := range f.server.mails() {
		for _, number := range lines(m.Text) {
			told[m.Subject+number]++
		}
	}

	g.Expect(lines(f.server.mails()[5].Text)).To(HaveLen(bookings - 5))
	g.Expect(told).To(And(HaveLen(bookings), HaveEach(1)))
}

// A digest that is tried again is the same message: nothing joins it meanwhile, wherever the process has died.
func TestPostman_Deliver_Digest_AgainTheSame(t *testing.T) {
	for reason, again := range map[string]func(f *fixture) error{
		"its process has died": func(f *fixture) error {
			claimed, err := f.letters.Claim(t.Context(), letter.Admins, 10)
			if err == nil && len(claimed) != 1 {
				err = fmt.Errorf("claimed %d letters", len(claimed))
			}

			return err
		},
		"the answer got lost": func(f *fixture) error {
			f.server.failures = []error{errAway}
			_, err := f.postman.Deliver(t.Context(), letter.Admins)

			return err
		},
	} {
		t.Run(reason, func(t *testing.T) {
			f := setUp(t)
			g := NewWithT(t)
			f.admin(t, "sari@example.com", user.English)
			f.book(t, 1, 8)
			f.deliver(t)
			f.exec(t, "UPDATE users.letters SET due_at = now() WHERE kind = 'digest'") // the window itself is open

			g.Expect(again(f)).To(Succeed())
			f.book(t, 9, 9)
			f.later(t)
			f.deliver(t)

			var subjects []string
			for _, m := range f.server.mails()[5:] {
				subjects = append(subjects, m.Subject)
			}

			g.Expect(subjects).To(ConsistOf("News of bookings: 3", "New booking: Piano 9"))
		})
	}
}

// An admin is told of the states of a booking in their order, whether they gather or not.
func TestPostman_Deliver_Digest_InTheOrderOfStates(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)
	f.book(t, 1, 4)

	first, second := uuid.New(), uuid.New()
	f.server.failures = []error{nil, nil, nil, nil, errAway}

	for _, n := range []*notification.Notice{
		f.notice(notification.BookingCreated, first, "Biola", 1), // leaves by itself, and fails
		f.notice(notification.BookingCancelled, first, "Biola", 2),
		f.notice(notification.BookingCreated, second, "Gitar", 1),
	} {
		g.Expect(f.told.TellAdmins(t.Context(), n)).To(Succeed())
	}

	f.deliver(t)
	f.exec(t, "UPDATE users.letters SET due_at = now() WHERE kind = 'digest'")
	f.deliver(t)
	g.Expect(f.server.mails()).To(HaveLen(4), "the digest waits for the letter before")

	g.Expect(f.told.TellAdmins(t.Context(), f.notice(notification.BookingCancelled, second, "Gitar", 2))).To(Succeed())
	f.exec(t, "UPDATE users.mail_windows SET ends_at = now()")
	f.deliver(t)
	g.Expect(f.server.mails()).To(HaveLen(4), "and the next one for the digest")

	f.later(t)
	f.deliver(t)

	g.Expect(f.server.subjects()[4:]).To(Equal([]string{
		"New booking: Biola", "News of bookings: 2", "Booking cancelled: Gitar",
	}))
}

// Who is no admin any more, or wants no mails, gets no list of other people's bookings.
func TestPostman_Deliver_Digest_Unwanted(t *testing.T) {
	for _, change := range []string{"role = 'teacher'", "status = 'suspended'", "email_notifications = false"} {
		t.Run(change, func(t *testing.T) {
			f := setUp(t)
			g := NewWithT(t)
			a := f.admin(t, "sari@example.com", user.English)
			f.book(t, 1, 7)
			f.deliver(t)
			f.exec(t, "UPDATE users.users SET "+change+" WHERE id = $1", a.ID)

			f.later(t)
			f.deliver(t)

			g.Expect(f.server.mails()).To(HaveLen(5))
			g.Expect(f.count(t, "outcome = 'unwanted'")).To(Equal(3), "the digest, and the two in it")
		})
	}
}

// Nothing of a digest stays when its admin leaves.
func TestPostman_Deliver_Digest_AdminLeaves(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "dewi@example.com", user.English)
	a := f.admin(t, "sari@example.com", user.English)
	f.book(t, 1, 7)
	f.deliver(t)
	g.Expect(f.users.Erase(t.Context(), a.ID)).To(Succeed())

	f.later(t)
	f.deliver(t)

	g.Expect(f.server.to("sari@example.com")).To(HaveLen(5))
	g.Expect(f.server.to("dewi@example.com")).To(HaveLen(6))

	var windows int
	g.Expect(f.pool.QueryRow(t.Context(), "SELECT count(*) FROM users.mail_windows").Scan(&windows)).To(Succeed())
	g.Expect(windows).To(Equal(1))
}

// A digest without end is cut; it says how much more there is.
func TestPostman_Deliver_Digest_Long(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)
	f.book(t, 1, 6)
	f.deliver(t)
	f.exec(t, `WITH told AS (
			INSERT INTO users.notifications (id, user_id, type, data, dedup)
			SELECT gen_random_uuid(), n.user_id, n.type, n.data, 'copy ' || i
			FROM users.notifications n, generate_series(1, 606) i WHERE n.data -> 'course' ->> 'title' = 'Piano 6' RETURNING id, user_id)
		INSERT INTO users.letters (id, kind, user_id, notification_id, lane, digest_id)
		SELECT t.id, 'notification', t.user_id, t.id, 'admins', d.id FROM told t, users.letters d WHERE d.kind = 'digest'`)

	f.later(t)
	f.deliver(t)

	digest := f.server.mails()[5]
	g.Expect(digest.Subject).To(Equal("News of bookings: 607"))
	g.Expect(lines(digest.Text)).To(HaveLen(500))
	g.Expect(digest.Text).To(ContainSubstring("- And 107 more.\n\nAll notifications:\nhttps://shema.test/notifications\n"))
	g.Expect(f.count(t, "done_at IS NULL")).To(BeZero())
}

// A digest that the server refuses for good is done, with all that is in it.
func TestPostman_Deliver_Digest_Refused(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)
	f.book(t, 1, 7)
	f.deliver(t)

	f.server.failures = []error{errors.Join(mail.ErrUndeliverable)}
	f.later(t)
	f.deliver(t)

	g.Expect(f.server.mails()).To(HaveLen(5))
	g.Expect(f.count(t, "outcome = 'undeliverable'")).To(Equal(3))
}
