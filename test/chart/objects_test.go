package chart_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// objects reads manifests.
func objects(g *WithT, manifests string) []unstructured.Unstructured {
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 4096)

	var list []unstructured.Unstructured
	for {
		var object unstructured.Unstructured

		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return list
		}

		g.Expect(err).NotTo(HaveOccurred())

		if len(object.Object) > 0 {
			list = append(list, object)
		}
	}
}

// only reads the manifests of one kind, as the type that the API has for it.
func only[T any](g *WithT, manifests, kind string) []T {
	var list []T
	for _, object := range objects(g, manifests) {
		if object.GetKind() != kind {
			continue
		}

		var typed T

		text, err := object.MarshalJSON()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(json.Unmarshal(text, &typed)).To(Succeed())

		list = append(list, typed)
	}

	return list
}

// podSpecs finds whatever in an object describes a pod.
func podSpecs(g *WithT, part any) []corev1.PodSpec {
	object, ok := part.(map[string]any)
	if !ok {
		return nil
	}

	if _, described := object["containers"]; described {
		var spec corev1.PodSpec

		text, err := json.Marshal(object)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(json.Unmarshal(text, &spec)).To(Succeed())

		return []corev1.PodSpec{spec}
	}

	var found []corev1.PodSpec
	for _, inner := range object {
		found = append(found, podSpecs(g, inner)...)
	}

	return found
}
