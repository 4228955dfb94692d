package controller_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

func titleOf(ctx context.Context, c *v1alpha1.Course) string {
	GinkgoHelper()
	var title string
	Expect(suite.admin.QueryRow(ctx, "SELECT title FROM course.courses WHERE name = $1", c.Name).Scan(&title)).To(Succeed())
	return title
}

func catalogVersion(ctx context.Context) int64 {
	GinkgoHelper()
	var version int64
	Expect(suite.admin.QueryRow(ctx, "SELECT version FROM course.catalog_version").Scan(&version)).To(Succeed())
	return version
}
