package httpserver_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/request"
	"github.com/shema-music/shema/services/kit/servertest"
)

// keeper is a handler that hands its context to work which goes on after the answer.
type keeper struct {
	recommendationhttp.StrictServerInterface

	kept chan context.Context
}

func (k *keeper) GetLatestRecommendation(
	ctx context.Context, _ recommendationhttp.GetLatestRecommendationRequestObject,
) (recommendationhttp.GetLatestRecommendationResponseObject, error) {
	select {
	case k.kept <- ctx:
	default:
	}

	return recommendationhttp.GetLatestRecommendation200JSONResponse{}, nil
}

func newKeeper(t *testing.T) (*keeper, *servertest.Harness) {
	t.Helper()

	spec, err := recommendationhttp.GetSpec()
	h := servertest.New(t, apps.Recommendation, spec, err)
	k := &keeper{kept: make(chan context.Context, 1)}
	strict := recommendationhttp.NewStrictHandlerWithOptions(k, nil,
		httpserver.StrictOptions[recommendationhttp.StrictGinServerOptions]())
	recommendationhttp.RegisterHandlersWithOptions(h.Server.Engine(), strict,
		httpserver.GinOptions[recommendationhttp.GinServerOptions]())

	return k, h
}

// A reader that stays behind when the handler has returned, such as an HTTP transport, sees the request that it was
// started for, and never the ones after it. Under the race detector this also proves that nothing is shared.
func TestServer_Context_OfAReaderThatStaysBehind(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	k, h := newKeeper(t)
	ask := func(id string, as auth.Principal) {
		answer := h.Do(t, servertest.Request{
			Method: http.MethodGet,
			Path:   "/api/recommendations/latest",
			As:     &as,
			Header: map[string]string{request.HeaderID: id},
		})
		g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))
	}
	first := student()

	ask("first", first)

	ctx := <-k.kept
	stop, seen := make(chan struct{}), make(chan map[string]uuid.UUID)

	go func() { seen <- watch(ctx, stop) }()

	for range 100 {
		ask("another", student())
	}

	close(stop)
	g.Expect(<-seen).To(Equal(map[string]uuid.UUID{"first": first.UserID}))
	g.Expect(ctx.Err()).To(MatchError(context.Canceled), "it knows that the request is over")
}

// watch reads the context until it is told to stop, and returns every request id that it saw, with who asked.
func watch(ctx context.Context, stop <-chan struct{}) map[string]uuid.UUID {
	seen := map[string]uuid.UUID{}

	for {
		person, _ := auth.PrincipalFrom(ctx)
		seen[request.From(ctx).ID] = person.UserID

		select {
		case <-stop:
			return seen
		default:
		}
	}
}

func student() auth.Principal {
	return auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student}
}
