package e2e_test

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/cluster"
)

var _ = Describe("Uninstalling", SpecPriority(-10), func() {
	It("keeps the catalogue, the tables and the keys, so that installing again goes on where it was", func(ctx SpecContext) {
		if releases == nil && !set.uninstall {
			Skip("the suite has not installed the release; E2E_ALLOW_UNINSTALL=1 lets it uninstall that")
		}

		values, err := shema.Helm(ctx, "get", "values", "shema", "--output", "yaml")
		if err != nil {
			Skip("there is no Helm release shema: " + err.Error())
		}

		kept := filepath.Join(GinkgoT().TempDir(), "values.yaml")
		Expect(os.WriteFile(kept, []byte(values), 0o600)).To(Succeed())

		p, l := student(), course(4)
		b := read[client.Booking](p.Book(l.ID, l.Slots[0].ID, l.Slots[1].ID), 201)
		before := resource(ctx, l.Name)

		By("uninstalling")

		out, err := shema.Helm(ctx, "uninstall", "shema", "--wait")
		Expect(err).NotTo(HaveOccurred(), out)

		missing, err := shema.Missing(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(missing).To(ConsistOf(cluster.Apps))
		Eventually(func() ([]string, error) { return shema.Remaining(ctx) }).WithTimeout(set.patience).Should(BeEmpty(), "pods")
		Expect(resource(ctx, l.Name).UID).To(Equal(before.UID), "the resource is still there")
		Expect(kubectl(ctx, "", "--namespace", catalogue.Namespace, "get", "schedule", l.Name, "-o", "name")).NotTo(BeEmpty())

		By("installing again")

		started := time.Now()

		(&release{name: "shema", args: []string{"--values", kept}}).install(ctx)
		awaitReady(ctx)
		measuredf("helm install to all ready, with data", "%.1f s", time.Since(started).Seconds())
		Eventually(func() any { return stranger().Get("/readyz") }).WithTimeout(time.Minute).Should(succeed(200))
		Eventually(func() any { return p.Booking(b.ID) }).Should(succeed(200), "tokens of before are good: the keys are the same")

		found := read[client.Booking](again(p).Booking(b.ID), 200)
		Expect(found).To(Equal(b))
		Expect(resource(ctx, l.Name).Status.CourseID).To(Equal(before.Status.CourseID))

		left := visible(l.Name, 2)
		Expect(left.Slots).To(Equal(l.Slots[2:]), "no slot got another id")
		Expect(admin().Confirm(b.ID, l.Slots[0].ID)).To(succeed(200))

		expectLedger(ctx)
	})
})
