package dapr_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/request"
)

// What a sidecar cannot carry is wrong with the request; an alert on outages is nothing that a caller can raise.
func TestRefusal(t *testing.T) {
	t.Parallel()

	for reason, c := range map[string]struct {
		status int
		body   string
		want   *errs.Kind
	}{
		"a byte that is not UTF-8": {
			500, `{"errorCode":"ERR_DIRECT_INVOKE","message":"grpc: error while marshaling: string field contains invalid UTF-8"}`,
			errs.MalformedRequest,
		},
		"half an escape":      {400, `{"errorCode":"ERR_DIRECT_INVOKE","message":"parse: invalid URL escape \"%zz\""}`, errs.MalformedRequest},
		"too many headers":    {431, "", errs.HeadersTooLarge},
		"too long an address": {414, "", errs.URITooLong},
		"too large a body":    {500, `rpc error: message larger than max (5242880 vs. 4194304)`, errs.TooLarge},
		"an app that is away": {500, `{"errorCode":"ERR_DIRECT_INVOKE","message":"connection refused"}`, errs.Unavailable},
		"a proxy in between":  {502, "bad gateway", errs.Unavailable},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(dapr.Refusal(c.status, []byte(c.body))).To(Equal(c.want))
		})
	}
}

// An app's own refusal is passed on; what comes in its place is ours to say, and a body that only looks like one is not.
func TestRefused(t *testing.T) {
	t.Parallel()

	for reason, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"the app's own refusal":   {409, `{"error":"Taken.","code":"BOOKING_ALREADY_PENDING","details":{}}`, nil},
		"its own outage":          {503, `{"error":"Away.","code":"SERVICE_UNAVAILABLE","details":{}}`, nil},
		"a shape without details": {409, `{"error":"Taken.","code":"BOOKING_ALREADY_PENDING"}`, errs.Internal},
		"the sidecar's policy":    {403, `{"errorCode":"ERR_PERMISSION_DENIED","message":"access control policy"}`, errs.Unavailable},
		"the sidecar's outage":    {500, `{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke"}`, errs.Unavailable},
		"neither of both":         {404, `404 page not found`, errs.Internal},
		"too many headers":        {431, ``, errs.HeadersTooLarge},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			said, err := dapr.Refused(c.status, []byte(c.body))
			if c.want != nil {
				g.Expect(err).To(MatchError(c.want))
				return
			}

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(c.body).To(ContainSubstring(said.Code))
			g.Expect(said.Code).NotTo(BeEmpty())
		})
	}
}

// Real phones send a User-Agent that is not UTF-8. It travels without those bytes.
func TestSidecar_Invoke_UserAgentThatIsNoText(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var seen http.Header

	s := newSidecar(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() })
	baseURL, doer := s.Invoke("user-service")
	ctx := request.With(t.Context(), &request.Info{UserAgent: "Ph\xffone", AcceptLanguage: "id\xfe"})

	r, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL, http.NoBody)
	g.Expect(err).NotTo(HaveOccurred())
	answer, err := doer.Do(r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.Body.Close()).To(Succeed())

	g.Expect(seen.Get(request.HeaderUserAgent)).To(Equal("Phone"))
	g.Expect(seen.Get("Accept-Language")).To(Equal("id"))
}
