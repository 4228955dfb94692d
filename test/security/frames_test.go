package security_test

import (
	"encoding/binary"
	"errors"
	"maps"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/rawsocket"
)

// handshake is that of RFC 6455 for the chat; change has other headers, or none where a value is empty.
func handshake(token string, change map[string]string) string {
	headers := map[string]string{
		"Host": "x", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Authorization": "Bearer " + token,
	}
	maps.Copy(headers, change)

	var b strings.Builder
	b.WriteString("GET /api/chat/connect HTTP/1.1\r\n")

	for name, value := range headers {
		if value != "" {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}

	return b.String() + "\r\n"
}

// frame is one of RFC 6455, masked as clients must.
func frame(first byte, payload string) []byte {
	raw := []byte{first}

	switch n := len(payload); {
	case n < 126:
		raw = append(raw, 0x80|byte(n))
	case n < 1<<16:
		raw = binary.BigEndian.AppendUint16(append(raw, 0x80|126), uint16(n))
	default:
		raw = binary.BigEndian.AppendUint64(append(raw, 0x80|127), uint64(n))
	}

	mask := [4]byte{1, 2, 3, 4}
	raw = append(raw, mask[:]...)

	for i := range len(payload) {
		raw = append(raw, payload[i]^mask[i%4])
	}

	return raw
}

// The first byte of frames: the last of a message, or the first or a middle one; text, binary and so on.
const (
	text, binaryData, closing, ping, pong, continuation = 0x81, 0x82, 0x88, 0x89, 0x8a, 0x80
	textBegins, goesOn                                  = 0x01, 0x00
)

func code(n int, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(n))) + reason
}

// join writes frames one behind the other.
func join(frames ...[]byte) []byte {
	var all []byte
	for _, f := range frames {
		all = append(all, f...)
	}

	return all
}

// tooLong says a length, and sends nothing of it.
func tooLong(length uint64) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{text, 0x80 | 127}, length), 1, 2, 3, 4)
}

var _ = Describe("WebSocket frames", func() {
	open := func() *rawsocket.Conn {
		GinkgoHelper()

		p := student()
		c, err := rawsocket.Open(platform.Gateway, handshake(p.Token, map[string]string{"X-Forwarded-For": p.Address}))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(c.Close)

		return c
	}

	DescribeTable("that break the protocol end the connection with the code that RFC 6455 has for it", func(raw []byte, codes ...int) {
		c := open()
		Expect(c.Write(raw)).To(Succeed())
		Expect(codes).To(ContainElement(c.CloseCode()))
	},
		Entry("the first reserved bit", frame(text|0x40, "{}"), 1002),
		Entry("the second reserved bit", frame(text|0x20, "{}"), 1002),
		Entry("the third reserved bit", frame(text|0x10, "{}"), 1002),
		Entry("the first reserved opcode for data", frame(0x83, ""), 1002),
		Entry("the last reserved opcode for data", frame(0x87, ""), 1002),
		Entry("the first reserved opcode for control", frame(0x8b, ""), 1002),
		Entry("the last reserved opcode for control", frame(0x8f, ""), 1002),
		Entry("a text that is not masked", []byte{text, 0x02, '{', '}'}, 1002),
		Entry("a ping that is not masked", []byte{ping, 0x00}, 1002),
		Entry("a ping in parts", frame(ping&^0x80, "a"), 1002),
		Entry("a close in parts", frame(closing&^0x80, ""), 1002),
		Entry("a ping of 126 bytes", frame(ping, strings.Repeat("a", 126)), 1002),
		Entry("a close of 126 bytes", frame(closing, code(1000, strings.Repeat("a", 124))), 1002),
		Entry("a continuation of nothing", frame(continuation, "a"), 1002),
		Entry("a message within a message", join(frame(textBegins, "{"), frame(text, "{}")), 1002),
		Entry("a close code below all", frame(closing, code(999, "")), 1002),
		Entry("a close code that is never sent", frame(closing, code(1005, "")), 1002),
		Entry("another one", frame(closing, code(1006, "")), 1002),
		Entry("an undefined close code", frame(closing, code(1016, "")), 1002),
		Entry("a close code beyond all", frame(closing, code(5000, "")), 1002),
		Entry("a close reason that is not UTF-8", frame(closing, code(1000, "\xff")), 1002, 1007),
		Entry("half a close code", frame(closing, "\x03"), 1002, 1005),
		Entry("a text that is not UTF-8", frame(text, "{\"type\":\"\xff\"}"), 1007),
		Entry("a text with half a letter", frame(text, "\xe2\x82"), 1007),
		Entry("a text with a surrogate", frame(text, "\xed\xa0\x80"), 1007),
		Entry("a text with an overlong letter", frame(text, "\xc0\xaf"), 1007),
		Entry("a text beyond Unicode", frame(text, "\xf4\x90\x80\x80"), 1007),
		Entry("parts that are not UTF-8 together", join(frame(textBegins, "\xe2\x82"), frame(continuation, "\x28")), 1007),
		Entry("a frame of more than 256 KiB", frame(text, strings.Repeat(" ", 256<<10+1)), 1009),
		Entry("parts of more than 256 KiB together", join(frame(textBegins, strings.Repeat(" ", 200<<10)), frame(continuation, strings.Repeat(" ", 100<<10))), 1009),
		Entry("a length of 1 TiB", tooLong(1<<40), 1009),
		Entry("a length beyond all", tooLong(1<<63-1), 1009),
		Entry("a length with the top bit", tooLong(1<<63), 1002, 1009),
	)

	It("are told why they are too long, whatever was about to be written", func() {
		for range 30 {
			c := open()
			Expect(c.Write(frame(text, strings.Repeat(" ", 256<<10+1)))).To(Succeed())
			Expect(c.CloseCode()).To(Equal(1009))
		}
	})

	DescribeTable("that keep to it are answered", func(raw []byte, answer string) {
		c := open()
		Expect(c.Write(raw)).To(Succeed())
		Expect(c.Await(answer)).To(Succeed())
	},
		Entry("a ping", frame(ping, "halo"), "pong halo"),
		Entry("a ping of 125 bytes", frame(ping, strings.Repeat("a", 125)), "pong "+strings.Repeat("a", 125)),
		Entry("an empty ping", frame(ping, ""), "pong "),
		Entry("a pong that was not asked for, then a ping", join(frame(pong, "x"), frame(ping, "b")), "pong b"),
		Entry("a message in parts", join(frame(textBegins, `{"type":`), frame(goesOn, `"pi`), frame(continuation, `ng"}`)), `text {"type":"pong"}`),
		Entry("a ping between the parts", join(frame(textBegins, `{"type":`), frame(ping, "c"), frame(continuation, `"ping"}`)), "pong c"),
		Entry("letters cut between parts", join(frame(textBegins, "{\"type\":\"ping\",\"message\":\"\xe2\x82"), frame(continuation, "\xac\"}")), "text "),
		Entry("empty parts", join(frame(textBegins, ""), frame(goesOn, ""), frame(continuation, `{"type":"ping"}`)), `text {"type":"pong"}`),
		Entry("a close", frame(closing, code(1000, "")), "close 1000"),
		Entry("a close without a code", frame(closing, ""), "close "),
		Entry("a code of one's own", frame(closing, code(4999, "bye")), "close 4999"),
		Entry("binary data", frame(binaryData, "{}"), "text {\"type\":\"error\""),
		Entry("a text that is no JSON", frame(text, "hello"), "text {\"type\":\"error\""),
		Entry("a text of 256 KiB", frame(text, strings.Repeat(" ", 256<<10)), "text {\"type\":\"error\""),
	)

	DescribeTable("begin with a handshake by the letter", func(change map[string]string, status int, header, value string) {
		_, err := rawsocket.Open(platform.Gateway, handshake(student().Token, change))

		refused, ok := errors.AsType[*rawsocket.RefusedError](err)
		Expect(ok).To(BeTrue(), "%v", err)
		Expect(refused.Answer.Status).To(Equal(status), refused.Answer.String())
		Expect(refused.Answer.Refusal().Details).NotTo(BeNil(), "the error shape")

		if header != "" {
			Expect(refused.Answer.Header.Get(header)).To(Equal(value))
		}
	},
		Entry("an older version", map[string]string{"Sec-WebSocket-Version": "12"}, 426, "Sec-WebSocket-Version", "13"),
		Entry("a newer version", map[string]string{"Sec-WebSocket-Version": "14"}, 426, "Sec-WebSocket-Version", "13"),
		Entry("no version", map[string]string{"Sec-WebSocket-Version": ""}, 426, "Sec-WebSocket-Version", "13"),
		Entry("no key", map[string]string{"Sec-WebSocket-Key": ""}, 426, "Upgrade", "websocket"),
		Entry("a short key", map[string]string{"Sec-WebSocket-Key": "YQ=="}, 426, "Upgrade", "websocket"),
		Entry("a key that is no base64", map[string]string{"Sec-WebSocket-Key": "????????????????????????"}, 426, "Upgrade", "websocket"),
		Entry("no upgrade", map[string]string{"Upgrade": ""}, 426, "Upgrade", "websocket"),
		Entry("another protocol", map[string]string{"Upgrade": "h2c"}, 426, "Upgrade", "websocket"),
		Entry("a foreign page", map[string]string{"Origin": "https://evil.example"}, 403, "", ""),
		Entry("a page without an origin", map[string]string{"Origin": "null"}, 403, "", ""),
	)

	It("are taken from the right person alone, whatever the handshake says", func() {
		for name, value := range map[string]string{"X-User-Id": "1", "X-Forwarded-Host": "evil.example", "Cookie": "shema_refresh=x"} {
			_, err := rawsocket.Open(platform.Gateway, handshake("", map[string]string{"Authorization": "", name: value}))
			refused, ok := errors.AsType[*rawsocket.RefusedError](err)
			Expect(ok).To(BeTrue(), "%v", err)
			Expect(refused.Answer).To(beRefused(http.StatusUnauthorized, "AUTH_MISSING_TOKEN"))
		}

		_, err := rawsocket.Open(platform.Gateway, handshake(student().Token, map[string]string{
			"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example",
		}))
		refused, ok := errors.AsType[*rawsocket.RefusedError](err)
		Expect(ok).To(BeTrue(), "%v", err)
		Expect(refused.Answer.Status).To(Equal(403), "the gateway says whose host it is")
	})
})
