package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
)

// busyWithAdmins is a mail server that takes no mail to an admin before the end of the test.
type busyWithAdmins struct{ server }

func (s *busyWithAdmins) Send(ctx context.Context, m *mail.Mail) error {
	if m.To != "siti@example.com" {
		<-ctx.Done()
		return ctx.Err()
	}

	return s.server.Send(ctx, m)
}

// However many mails wait for admins, a student's leaves.
func TestPostman_Work_StudentsDoNotWaitForAdmins(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	busy := &busyWithAdmins{}
	f.postman = inbox.NewPostman(inbox.PostmanOptions{
		Letters: f.told,
		Sender:  busy,
		WebURL:  "https://shema.test",
		Clock:   f.clock,
		Log:     slog.New(slog.DiscardHandler),
	})

	inserter, err := outbox.NewInserter(f.pool, "users", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())

	for n := range 5 {
		_, _, err := user.NewService(store.New(f.pool, inserter), f.clock).EnsureAdmin(t.Context(), fmt.Sprintf("admin%d@example.com", n), "hash")
		g.Expect(err).NotTo(HaveOccurred())
	}

	for range 20 {
		booking := uuid.New()
		notice := &notification.Notice{
			Type:         notification.BookingCreated,
			Key:          notification.BookingKey(notification.BookingCreated, booking, 1),
			StateVersion: 1,
			Facts: notification.Facts{
				BookingID: &booking,
				Course:    &notification.Course{Title: "Piano"},
				StudentID: f.student.ID,
			},
		}
		g.Expect(postgres.InTx(t.Context(), f.pool, func(ctx context.Context, tx pgx.Tx) error {
			return f.told.TellAdminsInTx(ctx, tx, notice)
		})).To(Succeed())
	}

	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)

	f.work(t)

	g.Eventually(busy.mails, patience).Should(ConsistOf(HaveField("To", "siti@example.com")))
}
