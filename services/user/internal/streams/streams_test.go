package streams_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/redistest"
	"github.com/shema-music/shema/services/user/internal/streams"
)

// leavers are the people who have left, by whether that is done.
type leavers map[uuid.UUID]bool

func (l leavers) Announced(context.Context) ([]uuid.UUID, error) {
	var open []uuid.UUID
	for id, done := range l {
		if !done {
			open = append(open, id)
		}
	}

	return open, nil
}

func (l leavers) ReportErased(_ context.Context, id uuid.UUID, appID string) error {
	l[id] = appID == apps.User
	return nil
}

func TestStreams_Forget(t *testing.T) {
	g := NewWithT(t)
	server := redistest.Start(t)

	options, err := redis.ParseURL(server.URL())
	g.Expect(err).NotTo(HaveOccurred())

	db := redis.NewClient(options)
	t.Cleanup(func() { _ = db.Close() })

	add := func(stream string, id uuid.UUID) {
		event := fmt.Sprintf(`{"id":"%s","data":{"userId":"%s","email":"dewi@example.com"}}`, uuid.NewString(), id)
		g.Expect(db.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: map[string]any{"data": event}}).Err()).To(Succeed())
	}
	count := func(stream string) int64 { return db.XLen(t.Context(), stream).Val() }

	gone, stays := uuid.New(), uuid.New()

	// Over several pages, the one who has left on the last, and twice among the dead letters.
	for range 450 {
		add("user.registered", stays)
	}

	add("user.registered", gone)
	add("dead-letter.recommendation-service", gone)
	add("dead-letter.recommendation-service", gone)

	people := leavers{gone: false}

	s, err := streams.Open(server.URL(), people)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(s.Close)

	for range 2 {
		g.Expect(s.Forget(t.Context())).To(Succeed())
		g.Expect(people[gone]).To(BeTrue())
		g.Expect(count("user.registered")).To(BeEquivalentTo(450))
		g.Expect(count("dead-letter.recommendation-service")).To(BeZero())
	}

	people[stays] = false

	server.Kill()
	g.Expect(s.Forget(t.Context())).NotTo(Succeed())
	g.Expect(people[stays]).To(BeFalse(), "it is tried again")
}

// TestStreams_Forget_Reasons: why a booking was rejected or taken back is forgotten as soon as every service has handled it,
// and not before.
func TestStreams_Forget_Reasons(t *testing.T) {
	for _, stream := range []string{"booking.rejected", "booking.cancelled"} {
		t.Run(stream, func(t *testing.T) {
			g := NewWithT(t)
			server := redistest.Start(t)

			options, err := redis.ParseURL(server.URL())
			g.Expect(err).NotTo(HaveOccurred())

			db := redis.NewClient(options)
			t.Cleanup(func() { _ = db.Close() })

			gone := uuid.New()
			add := func(id uuid.UUID, more string) {
				event := fmt.Sprintf(`{"data":{"userId":"%s"%s}}`, id, more)
				g.Expect(db.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: map[string]any{"data": event}}).Err()).To(Succeed())
			}
			take := func(group string) string {
				read := &redis.XReadGroupArgs{Group: group, Consumer: "c", Streams: []string{stream, ">"}, Count: 1, Block: -1}
				return db.XReadGroup(t.Context(), read).Val()[0].Messages[0].ID
			}

			for _, group := range []string{"auth-service", "user-service"} {
				g.Expect(db.XGroupCreateMkStream(t.Context(), stream, group, "0").Err()).To(Succeed())
			}

			add(gone, `,"decisionNote":"Dewi moves away"`)
			add(gone, "")
			add(uuid.New(), `,"decisionNote":"full"`)

			people := leavers{gone: false}

			s, err := streams.Open(server.URL(), people)
			g.Expect(err).NotTo(HaveOccurred())
			t.Cleanup(s.Close)

			expect := func(length int, done bool, reason string) {
				t.Helper()
				g.Expect(s.Forget(t.Context())).To(Succeed(), reason)
				g.Expect(db.XLen(t.Context(), stream).Val()).To(BeEquivalentTo(length), reason)
				g.Expect(people[gone]).To(Equal(done), reason)
			}

			g.Expect(db.XAck(t.Context(), stream, "auth-service", take("auth-service")).Err()).To(Succeed())
			expect(3, false, "one service has handled it, another one has not got it")

			first := take("user-service")

			expect(3, false, "the other one has not handled it")

			g.Expect(db.XAck(t.Context(), stream, "user-service", first).Err()).To(Succeed())
			expect(2, true, "the event without a reason stays, and that of another person")
		})
	}
}
