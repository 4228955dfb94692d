package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// leader returns the pod that holds the operator's lease.
func leader(ctx context.Context) (string, error) {
	var lease coordinationv1.Lease

	key := types.NamespacedName{Namespace: shema.Namespace, Name: apps.Operator + ".shema.music"}
	if err := shema.Get(ctx, key, &lease); err != nil || lease.Spec.HolderIdentity == nil {
		return "", err
	}

	pod, _, _ := strings.Cut(*lease.Spec.HolderIdentity, "_")

	return pod, nil
}

// scale gives the operator that many replicas.
func scale(ctx context.Context, replicas int32) {
	GinkgoHelper()
	kubectl(ctx, "", "scale", "deployment/"+apps.Operator, fmt.Sprintf("--replicas=%d", replicas))
	awaitReady(ctx)
}

// retitle changes the title of a course with kubectl and waits until people see it.
func retitle(ctx context.Context, name, title string) {
	GinkgoHelper()
	kubectl(ctx, "", "--namespace", catalogue.Namespace, "patch", "course", name, "--type=merge", "-p",
		fmt.Sprintf(`{"spec":{"title":%q}}`, title))
	eventually(func() string {
		return read[client.Course](stranger().Get("/api/courses/"+name), 200).Title
	}).Should(Equal(title))
}

var _ = Describe("The operator", SpecPriority(-3), func() {
	It("has a successor when the leader's pod is deleted", func(ctx SpecContext) {
		d, err := shema.Deployment(ctx, apps.Operator)
		Expect(err).NotTo(HaveOccurred())

		if had := *d.Spec.Replicas; had < 2 {
			DeferCleanup(scale, had)
			scale(ctx, 2)
		}

		var first string
		eventually(func() (string, error) { first, err = leader(ctx); return first, err }).ShouldNot(BeEmpty())

		l := course(2)
		deleted := time.Now()

		Expect(shema.Delete(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: shema.Namespace, Name: first}})).To(Succeed())
		Eventually(func() (string, error) { return leader(ctx) }).WithTimeout(set.patience).
			ShouldNot(BeElementOf("", first), "another pod leads")

		retitle(ctx, l.Name, "Diubah oleh penerusnya")
		measuredf("leader's pod deleted to catalogue applied by its successor", "%d ms", time.Since(deleted).Milliseconds())
		course(2)
		awaitReady(ctx)
	})

	It("goes on with the resources that are there when their definition changes", func(ctx SpecContext) {
		l := course(2)
		before := resource(ctx, l.Name)
		changeDefinition(ctx, func(version map[string]any) {
			columns, _ := version["additionalPrinterColumns"].([]any)
			version["additionalPrinterColumns"] = append(columns, map[string]any{
				"name": "Motto", "type": "string", "jsonPath": ".spec.motto",
			})
			Expect(unstructured.SetNestedField(version, "string", "schema", "openAPIV3Schema", "properties", "spec",
				"properties", "motto", "type")).To(Succeed())
		})
		eventually(func() (string, error) {
			return shema.Kubectl(ctx, "", "--namespace", catalogue.Namespace, "get", "course", l.Name)
		}).Should(ContainSubstring("MOTTO"))
		kubectl(ctx, "", "--namespace", catalogue.Namespace, "patch", "course", l.Name, "--type=merge", "-p", `{"spec":{"motto":"pelan"}}`)
		retitle(ctx, l.Name, "Sesudah perubahan")
		Expect(visible(l.Name, 2).Slots).To(Equal(l.Slots), "no slot got another id")
		Expect(resource(ctx, l.Name).Status.CourseID).To(Equal(before.Status.CourseID))
	})
})

func resource(ctx context.Context, name string) *v1alpha1.Course {
	GinkgoHelper()

	found := &v1alpha1.Course{}
	Expect(resources.Get(ctx, types.NamespacedName{Namespace: catalogue.Namespace, Name: name}, found)).To(Succeed())

	return found
}

// changeDefinition changes the served version of the courses' definition until the spec ends.
func changeDefinition(ctx context.Context, change func(version map[string]any)) {
	GinkgoHelper()

	write := func(ctx context.Context, change func(versions []any) []any) {
		GinkgoHelper()
		Expect(retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			definition := &unstructured.Unstructured{}
			definition.SetGroupVersionKind(schema.GroupVersionKind{
				Group:   "apiextensions.k8s.io",
				Version: "v1",
				Kind:    "CustomResourceDefinition",
			})

			if err := shema.Get(ctx, types.NamespacedName{Name: "courses.catalog.shema.music"}, definition); err != nil {
				return err
			}

			versions, _, err := unstructured.NestedSlice(definition.Object, "spec", "versions")
			Expect(err).NotTo(HaveOccurred())
			Expect(unstructured.SetNestedSlice(definition.Object, change(versions), "spec", "versions")).To(Succeed())

			return shema.Update(ctx, definition)
		})).To(Succeed())
	}

	var original []any
	write(ctx, func(versions []any) []any {
		original = runtime.DeepCopyJSONValue(versions).([]any)
		change(versions[0].(map[string]any))
		return versions
	})
	DeferCleanup(func(ctx context.Context) { write(ctx, func([]any) []any { return original }) })
}
