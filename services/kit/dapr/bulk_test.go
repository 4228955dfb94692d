package dapr_test

import (
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/dapr"
)

func TestState_GetMany(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	fake.answer = stored
	store := s.State("sessions")

	g.Expect(store.GetMany(t.Context(), []string{"a", "missing", "b"})).To(Equal(dapr.Many{Values: map[string][]byte{
		"a": []byte("value of a"), "b": []byte("value of b"),
	}}))
	g.Expect(store.GetMany(t.Context(), nil)).To(HaveField("Values", BeEmpty()))

	fake.fail(status.Error(codes.Internal, "redis is away"))

	_, err := store.GetMany(t.Context(), []string{"a"})
	g.Expect(err).To(MatchError(errs.Unavailable))
}

// TestState_GetMany_FailedKey: a key that could not be read is not a missing one, and does not stop the others.
func TestState_GetMany_FailedKey(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	fake.answer = stored
	store := s.State("sessions")

	found, err := store.GetMany(t.Context(), []string{"a", "broken"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found.Values).To(HaveKeyWithValue("a", []byte("value of a")))
	g.Expect(found.Failed).To(Equal([]string{"broken"}))

	_, err = store.GetMany(t.Context(), []string{"broken"})
	g.Expect(err).To(MatchError(errs.Unavailable), "none could be read")
}

// TestState_GetMany_LargeAnswers: what does not fit into one answer is asked for in parts.
func TestState_GetMany_LargeAnswers(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	fake.answer = func(method, request string) (string, error) {
		if len(field[[]any](t, request, "keys")) > 7 {
			return "", status.Error(codes.ResourceExhausted, "received message larger than max")
		}

		return stored(method, request)
	}

	keys := make([]string, 250)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}

	found, err := s.State("sessions").GetMany(t.Context(), keys)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found.Failed).To(BeEmpty())
	g.Expect(found.Values).To(HaveLen(len(keys)))
}
