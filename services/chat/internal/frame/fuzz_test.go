package frame_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/shema-music/shema/services/chat/internal/frame"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// FuzzParse lets clients send anything: a frame is understood or refused as the caller's fault, and every refusal can be
// said to the client. The corpus is in testdata.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := frame.Parse(raw)
		if err != nil {
			refused(t, err, in.ClientMsgID)
			return
		}

		if in.Seq < 0 || !utf8.ValidString(in.Message) || !utf8.ValidString(in.ClientMsgID) {
			t.Fatalf("%q was understood as %+v", raw, in)
		}
	})
}

func refused(t *testing.T, err error, clientMsgID string) {
	t.Helper()

	known := errors.Is(err, errs.MalformedJSON) || errors.Is(err, errs.ValidationFailed) || errors.Is(err, chaterrs.UnknownFrame)
	if !known || !json.Valid(frame.Error(err, "id", clientMsgID)) {
		t.Fatalf("a refusal that no client can be told: %v", err)
	}
}
