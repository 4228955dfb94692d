package controller_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var (
	// kindsBefore are the kinds as version 0.1.0 brought them: without teacherEmail, imageURL and packages, and with fewer rules.
	kindsBefore = filepath.Join("testdata", "crd-0.1.0")
	kindsNow    = filepath.Join("..", "..", "config", "crd")
)

// install gives the API server the kinds in a folder, and waits until it serves them.
func install(ctx context.Context, folder string) {
	GinkgoHelper()

	_, err := envtest.InstallCRDs(suite.config, envtest.CRDInstallOptions{Paths: []string{folder}, ErrorIfPathMissing: true})
	Expect(err).NotTo(HaveOccurred())

	email := ""
	if folder == kindsNow {
		email = "sari@shema.music"
	}

	Eventually(func() (string, error) {
		c := course("default", "any", func(c *v1alpha1.Course) { c.Spec.TeacherEmail = "sari@shema.music" })
		err := suite.client.Create(ctx, c, client.DryRunAll)

		return c.Spec.TeacherEmail, err
	}).Should(Equal(email))
	Eventually(func() bool {
		return suite.client.Create(ctx, rule("FREQ=WEEKLY;BYMONTHDAY=4"), client.DryRunAll) == nil
	}).Should(Equal(folder == kindsBefore), "today's refuses it")
}

// asStored reads a resource with all its fields, whether today's types know them or not.
func asStored(ctx context.Context, object client.Object) map[string]any {
	GinkgoHelper()

	gvk, err := suite.client.GroupVersionKindFor(object)
	Expect(err).NotTo(HaveOccurred())

	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	Expect(suite.client.Get(ctx, client.ObjectKeyFromObject(object), u)).To(Succeed())

	return u.Object
}

var _ = Describe("An upgrade of the kinds from 0.1.0", Serial, func() {
	var ns string

	BeforeEach(func(ctx SpecContext) {
		ns = namespace(ctx)
		DeferCleanup(func(ctx SpecContext) { install(ctx, kindsNow) })
		install(ctx, kindsBefore)
	})

	It("changes nothing of resources, entries and slots that are there, and converts nothing", func(ctx SpecContext) {
		c := course(ns, unique("piano"), func(c *v1alpha1.Course) { c.Spec.Price = &v1alpha1.Price{Amount: "175000", Currency: "IDR"} })
		s := schedule(ns, "lessons", c.Name, daily(2), oneOffs("2027-02-01T10:00"))
		create(ctx, c)
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		Eventually(current(c)).WithContext(ctx).Should(And(beReady(), count(16, 0, 0)))
		rows, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())

		version, before, lessons := catalogVersion(ctx), asStored(ctx, c), asStored(ctx, s)

		install(ctx, kindsNow)
		restartOperator()
		Consistently(func() int64 { return catalogVersion(ctx) }).WithTimeout(2*resync).Should(Equal(version), "students see no change")

		Expect(asStored(ctx, c)["spec"]).To(Equal(before["spec"]))
		Expect(asStored(ctx, s)["spec"]).To(Equal(lessons["spec"]))
		Expect(current(c)(ctx)).To(And(beReady(), HaveField("Status.CourseID", before["status"].(map[string]any)["courseID"])))
		Expect(current(s)(ctx)).To(beReady())
		Expect(slots(s)(ctx)).To(Equal(rows))

		Expect(cells(kubectl("get", "courses", "-n", ns))).To(ConsistOf(
			[]string{"NAME", "TITLE", "INSTRUMENT", "LEVEL", "AVAILABLE", "READY", "AGE"},
			HaveExactElements(c.Name, "Piano for beginners", "piano", "beginner", "16", "True", Not(BeEmpty()))))
		Expect(cells(kubectl("get", "schedules", "-n", ns))).To(ConsistOf(
			[]string{"NAME", "COURSE", "SLOTS", "AVAILABLE", "BOOKED", "NEXT", "READY", "AGE"},
			HaveExactElements("lessons", c.Name, "16", "16", "0", "2027-01-01T09:00:00Z", "True", Not(BeEmpty()))))

		for _, kind := range []string{"courses", "schedules"} {
			stored := kubectl("get", "crd", kind+".catalog.shema.music", "-o", "jsonpath={.status.storedVersions}")
			Expect(stored).To(Equal(`["v1alpha1"]`), "no other version is to be written anew")
		}

		update(ctx, c, func(c *v1alpha1.Course) { c.Spec.TeacherEmail = "sari@shema.music" })
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		Expect(sql(ctx, "SELECT FROM course.courses WHERE name = $1 AND teacher_email = 'sari@shema.music'", c.Name)).To(BeEquivalentTo(1), "new fields can be given")
	})

	It("leaves resources that today's rules would refuse, and judges what is changed", func(ctx SpecContext) {
		c := course(ns, unique("piano"), func(c *v1alpha1.Course) { c.Spec.Description = "bell \a" })
		s := schedule(ns, "lessons", c.Name, daily(2), func(s *v1alpha1.Schedule) { s.Spec.Recurrence.RRule = "FREQ=WEEKLY;BYMONTHDAY=4" })
		create(ctx, c)
		create(ctx, s)
		Eventually(current(c)).WithContext(ctx).Should(beReady())

		install(ctx, kindsNow)
		restartOperator()

		update(ctx, c, func(c *v1alpha1.Course) { c.Spec.Title = "Another title" })
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		Expect(titleOf(ctx, c)).To(Equal("Another title"))
		c.Spec.Description = "another bell \a"
		Expect(suite.client.Update(ctx, c)).To(MatchError(ContainSubstring("spec.description: Invalid value")))

		Eventually(current(s)).WithContext(ctx).Should(fail("InvalidSchedule", "BYMONTHDAY"), "the operator names a rule that RFC 5545 forbids")
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Recurrence.RRule = "FREQ=MONTHLY;BYMONTHDAY=4" })
		Eventually(current(s)).WithContext(ctx).Should(beReady())
	})

	It("brings back no field that the kinds before did not know, and after a rollback only what was not written", func(ctx SpecContext) {
		early := course(ns, unique("early"), func(c *v1alpha1.Course) { c.Spec.TeacherEmail = "sari@shema.music" })
		create(ctx, early)
		Eventually(current(early)).WithContext(ctx).Should(beReady())

		install(ctx, kindsNow)
		Expect(asStored(ctx, early)["spec"]).NotTo(HaveKey("teacherEmail"), "0.1.0 dropped it when it was written")

		written, untouched := course(ns, unique("written")), course(ns, unique("untouched"))
		for _, c := range []*v1alpha1.Course{written, untouched} {
			c.Spec.TeacherEmail = "sari@shema.music"
			create(ctx, c)
			Eventually(current(c)).WithContext(ctx).Should(beReady())
		}

		suite.operator.stop() // it writes, too
		install(ctx, kindsBefore)
		Expect(asStored(ctx, untouched)["spec"]).NotTo(HaveKey("teacherEmail"), "the kinds before do not show it")
		update(ctx, written, func(c *v1alpha1.Course) { c.Spec.Title = "Written" })

		install(ctx, kindsNow)
		restartOperator()
		Expect(asStored(ctx, untouched)["spec"]).To(HaveKeyWithValue("teacherEmail", "sari@shema.music"))
		Expect(asStored(ctx, written)["spec"]).NotTo(HaveKey("teacherEmail"))
		Eventually(current(written)).WithContext(ctx).Should(beReady())
	})
})

var _ = Describe("The kinds", func() {
	// The policy of docs/kubernetes.md; the API server itself would take any other schema.
	It("lose no field within a version, and none gets another type or becomes required", func() {
		for _, kind := range []string{"courses", "schedules"} {
			now := schemaOf(kindsNow, kind)
			Expect(schemaOf(kindsBefore, kind)).To(HaveKey(".spec"))

			for path, was := range schemaOf(kindsBefore, kind) {
				Expect(now).To(HaveKey(path), kind)
				Expect(now[path].Type).To(Equal(was.Type), kind+path)
				Expect(was.Required).To(ContainElements(now[path].Required), kind+path)
				Expect(now[path].Enum).To(ContainElements(was.Enum), kind+path)
			}
		}
	})
})

// field is what a schema says of one field.
type field struct {
	Type       string            `json:"type"`
	Required   []string          `json:"required"`
	Enum       []string          `json:"enum"`
	Properties map[string]*field `json:"properties"`
	Items      *field            `json:"items"`
}

// schemaOf returns the fields of a kind's only version by their paths.
func schemaOf(folder, kind string) map[string]*field {
	GinkgoHelper()

	file, err := os.ReadFile(filepath.Join(folder, "catalog.shema.music_"+kind+".yaml"))
	Expect(err).NotTo(HaveOccurred())

	var definition struct {
		Spec struct {
			Versions []struct {
				Name   string `json:"name"`
				Schema struct {
					OpenAPIV3Schema *field `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	Expect(yaml.Unmarshal(file, &definition)).To(Succeed())
	Expect(definition.Spec.Versions).To(HaveLen(1))
	Expect(definition.Spec.Versions[0].Name).To(Equal("v1alpha1"))

	fields := map[string]*field{}
	definition.Spec.Versions[0].Schema.OpenAPIV3Schema.walk("", fields)

	return fields
}

func (f *field) walk(path string, into map[string]*field) {
	into[path] = f
	for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
		f.Properties[name].walk(path+"."+name, into)
	}

	if f.Items != nil {
		f.Items.walk(path+"[]", into)
	}
}
