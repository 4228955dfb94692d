package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

// refused returns the status and code with which a handshake was refused.
func refused(t *testing.T, r *chattest.Replica, header http.Header, query string) (status int, code string) {
	t.Helper()
	g := NewWithT(t)
	_, response, err := r.Dial(t, header, query)
	g.Expect(err).To(HaveOccurred())
	g.Expect(response).NotTo(BeNil(), err.Error())

	var body errs.Body
	g.Expect(json.NewDecoder(response.Body).Decode(&body)).To(Succeed())

	return response.StatusCode, body.Code
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

func ticket(t *testing.T, r *chattest.Replica, p auth.Principal) string {
	t.Helper()
	answer := r.Do(t, http.MethodPost, "/api/chat/ticket", &p)
	NewWithT(t).Expect(answer.Status).To(Equal(http.StatusOK))

	var issued chathttp.ChatTicket
	answer.Read(t, &issued)
	NewWithT(t).Expect(issued.ExpiresIn).To(Equal(30))

	return issued.Ticket
}

// Header, ticket and query token let a client in.
func TestConnect_Credentials(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	a, b := w.Replica(t), w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	token := w.Token(t, p)

	good := ticket(t, a, p)
	for reason, c := range map[string]struct {
		header http.Header
		query  string
	}{
		"a header":                                {bearer(token), ""},
		"a header in lower case":                  {http.Header{"Authorization": {"bearer " + token}}, ""},
		"a token in the query":                    {nil, "?token=" + token},
		"a ticket, also at another replica":       {nil, "?ticket=" + good},
		"a page that may":                         {http.Header{"Authorization": {"Bearer " + token}, "Origin": {chattest.Page}}, ""},
		"a page of the gateway's own host":        {http.Header{"Authorization": {"Bearer " + token}, "Origin": {"https://school.example"}, "X-Forwarded-Host": {"School.example"}}, ""},
		"a header beside a ticket that is no one": {bearer(token), "?ticket=used"},
	} {
		client, _, err := b.Dial(t, c.header, c.query)
		g.Expect(err).NotTo(HaveOccurred(), reason)

		client.Expect("session")
	}

	status, code := refused(t, a, nil, "?ticket="+good)
	g.Expect(status).To(Equal(http.StatusUnauthorized))
	g.Expect(code).To(Equal("AUTH_INVALID_TOKEN"), "a ticket is used once")
}

// Unused tickets pile up for half a minute, so a person has so many at most.
func TestConnect_TicketsOfOnePerson(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")

	for range chat.MaxTickets {
		ticket(t, r, p)
	}

	refused := r.Do(t, http.MethodPost, "/api/chat/ticket", &p)
	g.Expect(refused.Status).To(Equal(http.StatusTooManyRequests))
	g.Expect(refused.Header.Get("Retry-After")).To(Equal("30"))
	ticket(t, r, w.Person(auth.Student, "Rudi"))
}

func TestConnect_Refused(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	token := w.Token(t, p)
	expired, ended := p, w.Person(auth.Admin, "Budi")
	expired.ExpiresAt = time.Now().Add(-time.Minute)

	w.SignIns.End(chattest.SignInOf(ended))

	old := ticket(t, r, p)
	w.Exec(t, `UPDATE chat.tickets SET expires_at = now()`)

	for reason, c := range map[string]struct {
		header http.Header
		query  string
		status int
		code   string
	}{
		"not signed in":            {nil, "", 401, "AUTH_MISSING_TOKEN"},
		"another scheme":           {http.Header{"Authorization": {"Basic YTpi"}}, "", 401, "AUTH_INVALID_TOKEN"},
		"not a token":              {bearer("hello"), "", 401, "AUTH_INVALID_TOKEN"},
		"not a token in the query": {nil, "?token=hello", 401, "AUTH_INVALID_TOKEN"},
		"a query that is broken":   {nil, "?token=" + token + "&%zz", 401, "AUTH_INVALID_TOKEN"},
		"an expired token":         {bearer(w.Token(t, expired)), "", 401, "AUTH_TOKEN_EXPIRED"},
		"a session that has ended": {bearer(w.Token(t, ended)), "", 401, "AUTH_INVALID_TOKEN"},
		"an invented ticket":       {nil, "?ticket=hello", 401, "AUTH_INVALID_TOKEN"},
		"an old ticket":            {nil, "?ticket=" + old, 401, "AUTH_INVALID_TOKEN"},
		"another page":             {http.Header{"Authorization": {"Bearer " + token}, "Origin": {"https://evil.example"}}, "", 403, "AUTH_FORBIDDEN"},
		"a sandboxed page":         {http.Header{"Authorization": {"Bearer " + token}, "Origin": {"null"}}, "", 403, "AUTH_FORBIDDEN"},
	} {
		status, code := refused(t, r, c.header, c.query)
		g.Expect(status).To(Equal(c.status), reason)
		g.Expect(code).To(Equal(c.code), reason)
	}

	w.SignIns.FailWith(errs.Unavailable)

	status, code := refused(t, r, bearer(token), "")
	g.Expect(status).To(Equal(http.StatusServiceUnavailable), "whether the session is open is not known")
	g.Expect(code).To(Equal("SERVICE_UNAVAILABLE"))
}

func TestConnect_NoHandshake(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	answer := r.Do(t, http.MethodGet, "/api/chat/connect", &p)
	g.Expect(answer.Status).To(Equal(http.StatusUpgradeRequired))
	g.Expect(answer.Header.Get("Upgrade")).To(Equal("websocket"))
	g.Expect(string(answer.Body)).To(ContainSubstring("CHAT_UPGRADE_REQUIRED"))
	g.Expect(r.Do(t, http.MethodGet, "/api/chat/connect", nil).Status).To(Equal(http.StatusUnauthorized))

	good := ticket(t, r, p)
	g.Expect(r.Do(t, http.MethodGet, "/api/chat/connect?ticket="+good, nil).Status).To(Equal(http.StatusUpgradeRequired))

	client, _, err := r.Dial(t, nil, "?ticket="+good)
	g.Expect(err).NotTo(HaveOccurred(), "a look at the address does not use up the ticket")

	client.Expect("session")
	g.Expect(w.Active(t)).To(Equal(1))
}

// TestDoor_Connect_RefusedTickets: a ticket is used up by the handshake that succeeds, and by no other.
func TestDoor_Connect_RefusedTickets(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	a, b := w.Replica(t), w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	good := ticket(t, a, p)

	w.SignIns.FailWith(errs.Unavailable)

	status, _ := refused(t, a, nil, "?ticket="+good)
	g.Expect(status).To(Equal(http.StatusServiceUnavailable), "the auth service is away")
	w.SignIns.FailWith(nil)

	a.Hub.Drain(t.Context())

	status, _ = refused(t, a, nil, "?ticket="+good)
	g.Expect(status).To(Equal(http.StatusServiceUnavailable), "the replica stops")

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(b.URL(), "ws")+"?ticket="+good, http.NoBody)
	g.Expect(err).NotTo(HaveOccurred())

	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		request.Header.Set(name, value)
	}

	response, err := http.DefaultClient.Do(request)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response.Body.Close()).To(Succeed())
	g.Expect(response.StatusCode).To(Equal(http.StatusUpgradeRequired))
	g.Expect(response.Header.Get("Sec-WebSocket-Version")).To(Equal("13"), "which one is right")

	client, _, err := b.Dial(t, nil, "?ticket="+good)
	g.Expect(err).NotTo(HaveOccurred())
	client.Expect("session")
}

// A connection by ticket ends with its token.
func TestConnect_TicketEndsWithToken(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	p.ExpiresAt = time.Now().Add(3 * time.Second)
	client, _, err := r.Dial(t, nil, "?ticket="+ticket(t, r, p))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	client.ExpectClose(4001)
}

// Tokens are not logged.
func TestConnect_TokensNotLogged(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	log := w.KeepLog()
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	token, other := w.Token(t, p), uuid.NewString()
	client, _, err := r.Dial(t, nil, "?token="+token)
	g.Expect(err).NotTo(HaveOccurred())

	client.Expect("session")
	refused(t, r, nil, "?token="+other)
	refused(t, r, nil, "?token="+token+"&%zz")
	refused(t, r, nil, "?ticket="+other)
	client.Leave()
	g.Expect(log.String()).To(ContainSubstring("/api/chat/connect"))

	for _, secret := range []string{token, other, strings.Split(token, ".")[2]} {
		g.Expect(log.String()).NotTo(ContainSubstring(secret))
	}
}
