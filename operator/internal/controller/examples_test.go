package controller_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var _ = Describe("The examples", func() {
	It("of the documentation can be applied and become ready", func(ctx SpecContext) {
		blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readFiles("docs/resources/*.md"), -1)
		Expect(len(blocks)).To(BeNumerically(">=", 6))
		applyAll(ctx, manifestsOf(namespace(ctx), blocks))
	})

	It("of mistakes in the documentation are refused with the words that stand there", func(ctx SpecContext) {
		pattern := regexp.MustCompile("(?s)```yaml refused\n(.*?)```\n\n```text\n(.*?)```")
		blocks := pattern.FindAllStringSubmatch(readFiles("docs/resources/*.md"), -1)
		Expect(len(blocks)).To(BeNumerically(">=", 5))

		for _, block := range blocks {
			Expect(lines(refusal(ctx, block[1]))).To(ConsistOf(lines(block[2])), block[1])
		}
	})

	It("of the sample catalogue can be applied and become ready", func(ctx SpecContext) {
		objects := manifests(namespace(ctx), readFiles("k8s/samples/*.yaml"))
		applyAll(ctx, objects)

		var levels, prices, instruments = map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, object := range objects {
			switch o := object.(type) {
			case *v1alpha1.Course:
				levels[o.Spec.Level], prices[o.Spec.PriceCategory], instruments[o.Spec.Instrument] = true, true, true
				Eventually(current(o)).WithContext(ctx).Should(HaveField("Status.Slots.Available", BeNumerically(">", 0)), o.Name)
			case *v1alpha1.Schedule:
				Expect(*o.Status.SlotCount).To(BeNumerically(">", 0), o.Name)
			}
		}

		Expect(levels).To(HaveLen(3))
		Expect(prices).To(HaveLen(3))
		Expect(len(instruments)).To(BeNumerically(">=", 8))
	})
})

// refusal is what kubectl says when it applies a manifest that is wrong.
func refusal(ctx SpecContext, manifest string) string {
	GinkgoHelper()

	user, err := apiServer.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, nil)
	Expect(err).NotTo(HaveOccurred())
	config, err := user.KubeConfig()
	Expect(err).NotTo(HaveOccurred())

	file := filepath.Join(GinkgoT().TempDir(), "kubeconfig")
	Expect(os.WriteFile(file, config, 0o600)).To(Succeed())
	cmd := exec.CommandContext(ctx, apiServer.ControlPlane.KubectlPath, "--kubeconfig", file, "apply", "-f", "-")
	cmd.Stdin = strings.NewReader(manifest)

	var errs bytes.Buffer

	cmd.Stderr = &errs
	Expect(cmd.Run()).NotTo(Succeed(), manifest)

	return errs.String()
}

// lines splits a text; the API server lists mistakes in any order.
func lines(text string) []string {
	list := strings.Split(strings.TrimSpace(text), "\n")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}

	return list
}

func manifestsOf(ns string, blocks [][]string) []client.Object {
	GinkgoHelper()

	var objects []client.Object
	for _, block := range blocks {
		objects = append(objects, manifests(ns, block[1])...)
	}

	return objects
}

func applyAll(ctx SpecContext, objects []client.Object) {
	GinkgoHelper()

	for _, object := range objects {
		create(ctx, object)
	}

	for _, object := range objects {
		Eventually(current(object)).WithContext(ctx).Should(beReady(), object.GetName())
	}
}
