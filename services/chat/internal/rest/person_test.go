package rest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/clients"
)

// An admin sees of a person all that the user service tells, though the chat has a type of its own for it.
func TestToUser_AllThatIsTold(t *testing.T) {
	t.Parallel()

	for reason, user := range map[string]string{
		"everything is known": `{"id":"0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11","email":"siti@example.com",
			"email_verified_at":"2026-01-02T03:04:05Z","full_name":"Siti Rahma","phone":"+62 812","role":"student",
			"status":"active","language":"id","email_notifications":true,"experience_level":"beginner",
			"learning_goal":"hobby","preferred_instruments":["piano"],"budget_range":"low",
			"available_days":["monday","friday"],"last_login_at":"2026-02-03T04:05:06Z","created_at":"2026-01-01T00:00:00Z"}`,
		"only what must be is known": `{"id":"0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11","email":"",
			"email_verified_at":null,"full_name":"","phone":null,"role":"admin","status":"pending","language":"en",
			"email_notifications":false,"experience_level":null,"learning_goal":null,"preferred_instruments":[],
			"budget_range":null,"available_days":[],"last_login_at":null,"created_at":"2026-01-01T00:00:00Z"}`,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			users := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"items":[` + user + `]}`))
			}))
			t.Cleanup(users.Close)

			id := uuid.MustParse("0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11")
			found, err := clients.NewUsers(users.URL, users.Client()).Lookup(t.Context(), []uuid.UUID{id})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(found).To(HaveKey(id))

			shown, err := json.Marshal(toUser(new(found[id])))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(shown).To(MatchJSON(user))
		})
	}
}
