package platform_test

import (
	"sync"

	. "github.com/onsi/ginkgo/v2"
)

// together calls f count times at once, all released by one signal, and returns the results in order.
func together[T any](count int, f func(i int) T) []T {
	GinkgoHelper()

	results := make([]T, count)
	start := make(chan struct{})

	var done sync.WaitGroup
	for i := range count {
		done.Go(func() {
			defer GinkgoRecover()

			<-start

			results[i] = f(i)
		})
	}

	close(start)
	done.Wait()

	return results
}

// atOnce runs different things at once and waits for all of them.
func atOnce(jobs ...func()) {
	GinkgoHelper()
	together(len(jobs), func(i int) struct{} {
		jobs[i]()
		return struct{}{}
	})
}
