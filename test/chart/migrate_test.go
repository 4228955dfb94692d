package chart_test

import (
	"testing"

	. "github.com/onsi/gomega"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

func migration(t *testing.T, more ...string) batchv1.Job {
	t.Helper()

	jobs := only[batchv1.Job](NewWithT(t), rendered(t, "plain", more...), "Job")
	NewWithT(t).Expect(jobs).To(HaveLen(1))

	return jobs[0]
}

// A Job's template can't be changed, so whatever changes it must change the name, too; and nothing else should, or each upgrade
// would migrate again.
func TestChart_Migration_IsNamedAfterItsTemplate(t *testing.T) {
	g := NewWithT(t)
	plain := migration(t)

	for _, change := range []string{
		"defaults.resources.limits.memory=512Mi", "image.tag=2.0.0", "image.pullPolicy=Always", "image.pullSecrets[0].name=registry",
		"postgres.existingSecret=other", "secrets.existingSecret=other",
	} {
		changed := migration(t, "--set", change)
		g.Expect(changed.Spec.Template).NotTo(Equal(plain.Spec.Template), change)
		g.Expect(changed.Name).NotTo(Equal(plain.Name), change)
	}

	for _, same := range []string{"apps.gateway.rateLimit.auth=5", "defaults.replicas=3", "ingress.host=other.example", "logLevel=debug"} {
		g.Expect(migration(t, "--set", same)).To(Equal(plain), same)
	}

	g.Expect(migration(t, "--set", "postgres.url=postgres://other@db/postgres").Name).NotTo(Equal(plain.Name), "another database is to be migrated")
}

// Every container of ours says what it needs, that of "helm test" too.
func TestChart_EveryContainerHasResources(t *testing.T) {
	g := NewWithT(t)

	for _, object := range objects(g, rendered(t, "everything")) {
		for _, spec := range podSpecs(g, object.Object) {
			for _, c := range append(spec.Containers, spec.InitContainers...) {
				g.Expect(c.Resources.Requests).To(And(HaveKey(corev1.ResourceCPU), HaveKey(corev1.ResourceMemory)), "%s of %s", c.Name, object.GetName())
				g.Expect(c.Resources.Limits).To(HaveKey(corev1.ResourceMemory), "%s of %s", c.Name, object.GetName())
			}
		}
	}
}
