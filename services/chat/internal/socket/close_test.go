package socket_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chattest"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

// The end of the token ends the connection.
func TestSocket_Close_TokenExpired(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	p.ExpiresAt = time.Now().Add(2 * time.Second)
	student := r.Connect(t, p)
	student.Expect("session")
	student.ExpectClose(4001)
}

// The end of the session ends its connections.
func TestSocket_Close_SignInEnded(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	p := w.Person(auth.Student, "Siti")
	student, other := r.Connect(t, p), r.Connect(t, w.Elsewhere(p))

	w.SignIns.FailWith(errs.Unavailable)
	student.Expect("session")
	other.Expect("session")
	student.ExpectSilence() // an outage of auth is no end of a session
	w.SignIns.End(chattest.SignInOf(p))
	w.SignIns.FailWith(nil)

	ended := time.Now()

	student.ExpectClose(4003)
	g.Expect(time.Since(ended)).To(BeNumerically("<", 3*time.Second), "about a second, on a machine that is busy")

	other.Say("masih di sini")
	other.Expect("ack")
}

func TestSocket_Close_TooManyConnections(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t, func(s *chattest.Settings) { s.Person.Sockets = 2 })
	p := w.Person(auth.Student, "Siti")
	first := r.Connect(t, p)
	first.Expect("session")
	r.Connect(t, p).Expect("session")
	r.Connect(t, p).ExpectClose(4029)
	r.Connect(t, w.Person(auth.Student, "Rudi")).Expect("session")
	first.Leave()
	NewWithT(t).Eventually(r.Hub.Sockets).Should(Equal(2))
	r.Connect(t, p).Expect("session")
}

func TestSocket_Close_TooManyFrames(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t, func(s *chattest.Settings) { s.Person.FramesPerSecond, s.Person.FrameBurst = 1, 3 })
	student := r.Connect(t, w.Person(auth.Student, "Siti"))
	student.Expect("session")

	for range 4 {
		student.Send(`{"type":"typing"}`)
	}

	student.ExpectClose(4029)
}

func TestSocket_Close_FrameTooLong(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)
	student := r.Connect(t, w.Person(auth.Student, "Siti"))
	student.Expect("session")
	student.Say(strings.Repeat("a", 1<<20))
	student.ExpectClose(websocket.CloseMessageTooBig)
}

// TestSocket_Read_TooLarge: the close frame reaches the client although much of what it has sent was not read.
func TestSocket_Read_TooLarge(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)

	for range 5 {
		student := r.Connect(t, w.Person(auth.Student, "Siti"))
		student.Expect("session")
		student.Say(strings.Repeat("a", 4<<20))
		student.ExpectClose(websocket.CloseMessageTooBig)
	}
}

func TestSocket_Read_InvalidText(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)
	student := r.Connect(t, w.Person(auth.Student, "Siti"))
	student.Expect("session")
	student.Send("{\"type\":\"message\xff\"}")
	student.ExpectClose(websocket.CloseInvalidFramePayloadData)
}

// TestSocket_Read_BrokenFrames: RFC 6455 says for each of these that the connection fails, and with which code.
func TestSocket_Read_BrokenFrames(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)

	for reason, c := range map[string]struct {
		frame []byte
		code  int
	}{
		"a reserved bit":               {[]byte{0xc1, 0x80, 0, 0, 0, 0}, websocket.CloseProtocolError},
		"an unknown opcode":            {[]byte{0x83, 0x80, 0, 0, 0, 0}, websocket.CloseProtocolError},
		"no mask":                      {[]byte{0x81, 0x01, 'a'}, websocket.CloseProtocolError},
		"a ping in parts":              {[]byte{0x09, 0x80, 0, 0, 0, 0}, websocket.CloseProtocolError},
		"a continuation of nothing":    {[]byte{0x80, 0x80, 0, 0, 0, 0}, websocket.CloseProtocolError},
		"a length with the top bit":    {[]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, websocket.CloseMessageTooBig},
		"a length beyond all messages": {[]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, websocket.CloseMessageTooBig},
	} {
		t.Run(reason, func(t *testing.T) {
			student := r.Connect(t, w.Person(auth.Student, "Siti"))
			student.Expect("session")
			student.SendBytes(c.frame)
			student.ExpectClose(c.code)
		})
	}
}

// TestSocket_Send_LimitOfAPerson: more sockets give a person no more text.
func TestSocket_Send_LimitOfAPerson(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t, func(s *chattest.Settings) { s.Person.BytesPerSecond, s.Person.ByteBurst = 1, 16_000 })
	siti := w.Person(auth.Student, "Siti")
	phone, tablet := r.Connect(t, siti), r.Connect(t, siti)
	session := phone.Expect("session").Data.SessionID
	tablet.Expect("session")

	phone.Say(strings.Repeat("𝄞", 4000))
	phone.Expect("ack")
	tablet.ExpectSeqs(1, 1)

	id := tablet.Say("lagi")
	g.Expect(tablet.Expect("error").Data).To(And(HaveField("Code", "RATE_LIMITED"), HaveField("ClientMsgID", id)))

	admin := r.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.Expect("session")

	for range 2 {
		admin.Say(strings.Repeat("𝄞", 4000), session)
		admin.Expect("ack")
	}
}

// A slow reader is closed and heals by resume.
func TestSocket_Close_SlowReader(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t, patient)
	siti := w.Person(auth.Student, "Siti")
	fast := r.Connect(t, siti)
	session := fast.Expect("session").Data.SessionID
	slow, read := r.ConnectSlowly(t, siti)
	slow.Send(`{"type":"typing"}`) // so that it hears messages as they are said

	admin := r.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.Expect("session")

	const count = 400

	text := strings.Repeat("a", 4000)
	for i := range count {
		admin.Say(text, session)
		admin.Expect("ack")
		fast.ExpectSeqs(int64(i+1), int64(i+1))
	}

	close(read)
	slow.ExpectClose(4008)

	heard := int64(0)
	for len(slow.Frames()) > 0 {
		if f := <-slow.Frames(); f.Type == "new_message" {
			g.Expect(f.Data.Seq).To(Equal(heard + 1))

			heard++
		}
	}

	g.Expect(heard).To(BeNumerically("<", count), "not everything was kept for a client that does not read")

	back := r.Connect(t, siti)
	back.Expect("session")
	back.Resume(session, heard)
	back.ExpectSeqs(heard+1, count)
}

// A service that stops tells its clients when to come back.
func TestSocket_Close_ServiceStops(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	student := r.Connect(t, w.Person(auth.Student, "Siti"))

	session := student.Expect("session").Data.SessionID
	for range 20 {
		student.Say("halo")
	}

	stopped := make(chan struct{})
	go func() { r.Stop(); close(stopped) }()

	reason := student.ExpectClose(1001)

	g.Eventually(stopped, "10s").Should(BeClosed())

	after, err := strconv.Atoi(strings.TrimPrefix(reason, "reconnect_after_ms="))
	g.Expect(err).NotTo(HaveOccurred(), reason)
	g.Expect(after).To(BeNumerically(">=", 0))

	acked := 0
	for len(student.Frames()) > 0 {
		if f := <-student.Frames(); f.Type == "ack" {
			acked++
		}
	}

	g.Expect(w.Seqs(t, session)).To(HaveLen(acked), "what was written was acknowledged before the end")
}

// A service that stops lets no client in.
func TestConnect_ServiceStops(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	r.Hub.Drain(t.Context())

	p := w.Person(auth.Student, "Siti")
	_, response, err := r.Dial(t, http.Header{"Authorization": {"Bearer " + w.Token(t, p)}}, "")
	g.Expect(err).To(HaveOccurred())
	g.Expect(response.StatusCode).To(Equal(http.StatusServiceUnavailable))
}
