// Package batch asks together what comes at once: when thousands of clients come back after a failure, a service
// that were asked for each of them would be the next to fail.
package batch

import (
	"context"
	"maps"
	"math"
	"slices"
)

// Gatherer has one question on its way at a time; what is asked meanwhile is the next one. All who asked share its
// answer. It is made by New, and safe for concurrent use.
type Gatherer[K comparable, A any] struct {
	questions *Group[[]K, A]
}

// New returns a gatherer of questions that ask answers. It is asked about all keys, each once.
func New[K comparable, A any](ask func(keys []K) (A, error)) *Gatherer[K, A] {
	together := func(_ context.Context, questions [][]K) []Result[A] {
		answer, err := ask(distinct(questions))

		return slices.Repeat([]Result[A]{{Answer: answer, Err: err}}, len(questions))
	}

	return &Gatherer[K, A]{questions: NewGroup(together, math.MaxInt, math.MaxInt64)}
}

func distinct[K comparable](questions [][]K) []K {
	keys := map[K]struct{}{}
	for _, question := range questions {
		for _, key := range question {
			keys[key] = struct{}{}
		}
	}

	return slices.Collect(maps.Keys(keys))
}

// Answer returns the answer to a question about the keys, and perhaps others, that left after the call. It fails with
// the question, or when the context ends; the question is asked all the same.
func (g *Gatherer[K, A]) Answer(ctx context.Context, keys []K) (A, error) {
	return g.questions.add(context.WithoutCancel(ctx), keys).await(ctx)
}
