package main

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/user/migrations"
)

func TestEnsureAdmin(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, pgtest.Schema{
		Name:       schema,
		Role:       "user_service",
		Migrations: migrations.Files,
	})
	run := func(address, password string) (string, error) {
		c := &Config{AdminEmail: address, AdminPassword: password}
		c.DatabaseURL = db.URL("user_service")

		var out bytes.Buffer

		err := ensureAdmin(t.Context(), c, &out)

		return out.String(), err
	}
	g.Expect(run("admin@example.com", "Gamelan-besar-1")).To(ContainSubstring("created the admin admin@example.com"))
	g.Expect(run("Admin@example.com", "Another-password")).To(ContainSubstring("exists already"))

	_, err := db.Pool(t, "user_service").Exec(t.Context(), `INSERT INTO users.users
		(id, email, email_key, password_hash, full_name, role, status)
		VALUES ($1, 'siti@example.com', 'siti@example.com', 'h', 'Siti', 'student', 'active')`, uuid.New())
	g.Expect(err).NotTo(HaveOccurred())

	for reason, c := range map[string][3]string{
		"belongs to a student":           {"siti@example.com", "Gamelan-besar-1"},
		"set ADMIN_EMAIL":                {"", "Gamelan-besar-1"},
		"ADMIN_PASSWORD must have 8 to":  {"admin@example.com", "short"},
		"Some fields are not valid":      {"no address", "Gamelan-besar-1"},
		"set ADMIN_EMAIL and ADMIN_PASS": {"admin@example.com", ""},
	} {
		_, err := run(c[0], c[1])
		g.Expect(err).To(MatchError(ContainSubstring(reason)))
	}
}
