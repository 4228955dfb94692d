package platform_test

import . "github.com/onsi/ginkgo/v2"

// atOnce runs different things at once and waits for all of them.
func atOnce(jobs ...func()) {
	GinkgoHelper()
	together(len(jobs), func(i int) struct{} {
		jobs[i]()
		return struct{}{}
	})
}
