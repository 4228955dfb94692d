package platform_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// traces lists the tables and the Redis keys in which one of the values stands, in any column and of any case.
func traces(values ...string) (found []string, err error) {
	ctx := context.Background()

	rows, err := platform.DB.Query(ctx, `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
		WHERE schemaname IN ('auth', 'users', 'course', 'booking', 'chat', 'recommendation')`)
	if err != nil {
		return nil, err
	}

	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}

	for _, table := range tables {
		for _, value := range values {
			var hits int
			if err := platform.DB.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FROM %s AS t WHERE position(lower($1) IN lower(t::text)) > 0`, table),
				value).Scan(&hits); err != nil {
				return nil, err
			}

			if hits > 0 {
				found = append(found, fmt.Sprintf("%s: %q %d times", table, value, hits))
			}
		}
	}

	keys, err := keysWith(ctx, values)

	return append(found, keys...), err
}

// keysWith lists the keys of Redis whose dump, or whose name, has one of the values; streams by their entries.
func keysWith(ctx context.Context, values []string) (found []string, err error) {
	scan := platform.Redis.Scan(ctx, 0, "*", 1000).Iterator()
	for scan.Next(ctx) {
		key := scan.Val()

		content, err := contentOf(ctx, key)
		if err != nil {
			return nil, err
		}

		for _, value := range values {
			if strings.Contains(strings.ToLower(key+" "+content), strings.ToLower(value)) {
				found = append(found, fmt.Sprintf("redis %s: %q", key, value))
			}
		}
	}

	return found, scan.Err()
}

func contentOf(ctx context.Context, key string) (string, error) {
	kind, err := platform.Redis.Type(ctx, key).Result()
	if err != nil {
		return "", err
	}

	var content any

	switch kind {
	case "string":
		content = platform.Redis.Get(ctx, key).Val()
	case "hash":
		content = platform.Redis.HGetAll(ctx, key).Val()
	case "stream":
		content = platform.Redis.XRange(ctx, key, "-", "+").Val()
	case "set":
		content = platform.Redis.SMembers(ctx, key).Val()
	case "zset":
		content = platform.Redis.ZRange(ctx, key, 0, -1).Val()
	case "list":
		content = platform.Redis.LRange(ctx, key, 0, -1).Val()
	}

	return fmt.Sprint(content), nil
}

// said is what an admin reads of a session, asking often enough that every replica answers.
func said(session string) (answers []string) {
	GinkgoHelper()

	for range 10 {
		answer := admin().Get("/api/chat/sessions/" + session + "/messages")
		Expect(answer).To(succeed(200))

		answers = append(answers, string(answer.Body))
	}

	return answers
}

var _ = Describe("A person who leaves", acrossReplicas, func() {
	It("takes everything along that was said once, and leaves no value of theirs in any table or key within a minute", func() {
		const (
			name, phone      = "Kusumawardhani Xq", "+62 811 9090 7171"
			note, attendance = "rumahku di Jalan Melati 77", "datang terlambat sekali Xq"
			message          = "apakah ada kelas malam untuk Xq?"
			reason           = "Xq pindah ke Bandung bulan depan"
		)

		c, email := stranger(), freshEmail()
		p := signedIn(c, email, c.Register(email, password, client.Registration{"full_name": name, "phone": phone}), 201)
		l := taughtBy(withRole("teacher"), 4)
		first, second := l.pair(0, 1)
		wish := map[string]any{"course_id": l.ID, "first_choice_slot_id": first, "second_choice_slot_id": second, "note": note}
		past := read[client.Booking](p.Post("/api/bookings/create", wish), 201)
		Expect(admin().Confirm(past.ID, first)).To(succeed(200))
		begin(past)
		Expect(admin().Put("/api/lessons/"+past.ID+"/attendance", map[string]any{"attended": true, "note": attendance})).To(succeed(200))

		Expect(admin().Reject(booked(p, l, 2, 3).ID, reason)).To(succeed(200))

		open := booked(p, l, 2, 3)
		talk := enter(p)
		talk.tell(message)
		Expect(said(talk.session)).To(ContainElement(ContainSubstring(name)), "every replica knows the name")
		Eventually(func() ([]string, error) { return traces(message) }).ShouldNot(BeEmpty(), "the message is kept")

		export := string(p.Get("/api/users/me/export").Body)
		for _, value := range []string{name, phone, email, note, attendance, message, reason} {
			Expect(export).To(ContainSubstring(value))
		}

		Expect(traces(email, phone, note, attendance, message, reason)).NotTo(BeEmpty(), "there is something to forget")
		Expect(p.Do(http.MethodDelete, "/api/users/me", map[string]any{"current_password": p.Password})).To(succeed(204))

		left := time.Now()

		Eventually(func() ([]string, error) { return traces(name, email, phone, note, attendance, message, reason) }).
			WithTimeout(time.Minute).WithPolling(time.Second).Should(BeEmpty())
		Eventually(func() []string { return said(talk.session) }).WithTimeout(time.Until(left.Add(time.Minute))).
			WithPolling(time.Second).ShouldNot(ContainElement(ContainSubstring(name)))

		Expect(read[client.Page[client.User]](admin().Get("/api/users?q=Kusumawardhani"), 200).Items).To(BeEmpty())
		Expect(state(admin(), open.ID)).To(Equal("cancelled student"))
		Eventually(func() []string { return shown(l.ID, l.Slots[2].ID, l.Slots[3].ID) }).Should(HaveEach("available"))
		Expect(state(admin(), past.ID)).To(Equal("confirmed"), "statistics stay")
	})
})
