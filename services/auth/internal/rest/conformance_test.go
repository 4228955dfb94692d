package rest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/contracts/auth/authtest"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

// TestService_EndedSessions holds the service, on a real Postgres, to the suite that the chat's stand-in passes.
func TestService_EndedSessions(t *testing.T) {
	authtest.EndedSessions(t, func(t *testing.T) *authtest.SignIns {
		t.Helper()

		f := setUp(t)
		sessions := map[authhttp.SessionRef]authhttp.Session{}

		client, err := authhttp.NewClientWithResponses("http://auth", authhttp.WithHTTPClient(f.Caller(t, apps.Chat)))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())

		return &authtest.SignIns{
			SignIn: func() authhttp.SessionRef {
				session := f.register(t, uuid.NewString()+"@example.com")
				ref := f.ref(t, session)
				sessions[ref] = session

				return ref
			},
			End: func(ref authhttp.SessionRef) {
				ended := f.post(t, "/logout-all", sessions[ref].AccessToken, nil)
				NewWithT(t).Expect(ended.Status).To(Equal(http.StatusNoContent))
			},
			Ended: func(ctx context.Context, asked []authhttp.SessionRef) ([]authhttp.SessionRef, error) {
				answer, err := client.FindEndedSessionsWithResponse(ctx, authhttp.SessionRefs{Sessions: asked})
				if err != nil {
					return nil, err
				}

				if answer.JSON200 == nil {
					return nil, errs.FromResponse(answer.StatusCode(), answer.Body)
				}

				return answer.JSON200.Ended, nil
			},
		}
	})
}
