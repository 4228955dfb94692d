package serviceclient_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

type answer struct {
	status int
	body   string
}

func (a answer) StatusCode() int { return a.status }
func (a answer) GetBody() []byte { return []byte(a.body) }

func (a answer) GetJSON200() *string {
	if a.status != http.StatusOK || a.body == "" {
		return nil
	}

	return &a.body
}

// taken is a refusal that both sides know; kinds are defined before anything runs.
var taken = errs.Define("THING_TAKEN", http.StatusConflict, "Taken.", "Sudah diambil.")

func TestCheck(t *testing.T) {
	t.Parallel()

	for reason, c := range map[string]struct {
		answer answer
		err    error
		want   error
	}{
		"the answer that was asked for":            {answer: answer{200, "found"}},
		"no answer at all":                         {err: io.ErrUnexpectedEOF, want: errs.Unavailable},
		"the neighbour's own outage":               {answer: answer{503, `{"error":"x","code":"SERVICE_UNAVAILABLE"}`}, want: errs.Unavailable},
		"an answer of what stands between us":      {answer: answer{502, "bad gateway"}, want: errs.Unavailable},
		"an answer without its content":            {answer: answer{status: 200}, want: errs.Unavailable},
		"a refusal that the caller has to hear":    {answer: answer{409, `{"error":"x","code":"THING_TAKEN"}`}, want: taken},
		"a refusal of our call is our own fault":   {answer: answer{404, `{"error":"x","code":"NOT_FOUND"}`}, want: errs.Internal},
		"our validation error is not the caller's": {answer: answer{400, `{"error":"x","code":"VALIDATION_FAILED"}`}, want: errs.Internal},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			_, err := serviceclient.Result("take a thing", &c.answer, c.err, taken)

			if c.want == nil {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}

			g.Expect(err).To(MatchError(c.want))
		})
	}
}

// What a kept refusal says in details reaches our caller.
func TestCheck_KeepsDetails(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	err := serviceclient.Check("take", http.StatusNoContent,
		&answer{409, `{"error":"x","code":"THING_TAKEN","details":{"by":"Ani"}}`}, nil, taken)

	e, ok := errs.As(err)
	g.Expect(ok).To(BeTrue())
	g.Expect(e.Details).To(HaveKeyWithValue("by", "Ani"))
}

func TestNew(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	g.Expect(serviceclient.New(userhttp.NewClientWithResponses, "http://127.0.0.1")).NotTo(BeNil())
	g.Expect(func() {
		serviceclient.New(userhttp.NewClientWithResponses, "", func(*userhttp.Client) error { return errors.New("no") })
	}).To(Panic())
}
