package controller_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// unique makes a name for a Course, which no other spec uses.
func unique(word string) string { return word + "-" + strings.ToLower(uuid.NewString()[:8]) }

func course(ns, name string, change ...func(*v1alpha1.Course)) *v1alpha1.Course {
	c := &v1alpha1.Course{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
		Spec: v1alpha1.CourseSpec{
			Title:         "Piano for beginners",
			Instrument:    "piano",
			Level:         "beginner",
			PriceCategory: "low",
			AvailableDays: []v1alpha1.Weekday{"monday", "wednesday"},
		},
	}

	for _, apply := range change {
		apply(c)
	}

	return c
}

func schedule(ns, name, courseName string, change ...func(*v1alpha1.Schedule)) *v1alpha1.Schedule {
	s := &v1alpha1.Schedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
		Spec:       v1alpha1.ScheduleSpec{CourseRef: v1alpha1.CourseReference{Name: courseName}},
	}
	for _, apply := range change {
		apply(s)
	}

	return s
}

// oneOffs adds one-off slots of an hour.
func oneOffs(starts ...v1alpha1.LocalTime) func(*v1alpha1.Schedule) {
	return func(s *v1alpha1.Schedule) {
		for _, start := range starts {
			s.Spec.Slots = append(s.Spec.Slots, v1alpha1.Slot{Start: start, Duration: "1h"})
		}
	}
}

// daily adds a rule for every day at four, from today on.
func daily(weeks int32) func(*v1alpha1.Schedule) {
	return func(s *v1alpha1.Schedule) {
		s.Spec.Recurrence = &v1alpha1.Recurrence{
			RRule:        "FREQ=DAILY",
			StartDate:    "2027-01-01",
			StartTime:    "16:00",
			Duration:     "45m",
			HorizonWeeks: weeks,
		}
	}
}

// create applies a resource and takes it away after the spec, held slots or not.
func create(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Expect(suite.client.Create(ctx, object)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		_, err := suite.service.Exec(ctx, "UPDATE course.schedules SET status = 'available', booking_id = NULL WHERE booking_id IS NOT NULL")
		Expect(err).NotTo(HaveOccurred())
		Expect(client.IgnoreNotFound(suite.client.Delete(ctx, object))).To(Succeed())
		Eventually(gone(object)).WithContext(ctx).Should(Succeed())
	})
}

// update changes the resource as it is now.
func update[T client.Object](ctx context.Context, object T, change func(T)) {
	GinkgoHelper()
	Eventually(func() error {
		if err := suite.client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}

		change(object)

		return suite.client.Update(ctx, object)
	}).Should(Succeed())
}

// gone succeeds when the API server does not know the resource any more.
func gone(object client.Object) func(context.Context) error {
	return func(ctx context.Context) error {
		err := suite.client.Get(ctx, client.ObjectKeyFromObject(object), object)
		if apierrors.IsNotFound(err) {
			return nil
		}

		return fmt.Errorf("%s is still there: %w", object.GetName(), err)
	}
}

// current reads the resource again and again.
func current[T client.Object](object T) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) {
		err := suite.client.Get(ctx, client.ObjectKeyFromObject(object), object)
		return object, err
	}
}

func conditionsOf(object client.Object) ([]metav1.Condition, int64) {
	switch o := object.(type) {
	case *v1alpha1.Course:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.Schedule:
		return o.Status.Conditions, o.Status.ObservedGeneration
	}

	return nil, 0
}

// have matches a resource whose condition says this about its present
// generation, with a message that contains the text.
func have(kind, status, reason, text string) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(object client.Object) (bool, error) {
		list, observed := conditionsOf(object)
		c := apimeta.FindStatusCondition(list, kind)

		return c != nil && observed == object.GetGeneration() && c.ObservedGeneration == observed &&
			string(c.Status) == status && c.Reason == reason && strings.Contains(c.Message, text), nil
	}).WithMessage(fmt.Sprintf("have the condition %s=%s, reason %s, %q", kind, status, reason, text))
}

// beReady matches a resource that is in the catalogue as it is now.
func beReady() types.GomegaMatcher {
	return And(have("Ready", "True", "Applied", ""), have("Synced", "True", "Applied", ""))
}

// fail matches a resource that is not ready, for this reason.
func fail(reason, text string) types.GomegaMatcher {
	return And(have("Ready", "False", reason, text), have("Synced", "False", reason, text))
}

// count matches a Schedule or Course with these slots.
func count(available, reserved, booked int32) types.GomegaMatcher {
	want := v1alpha1.SlotCounts{Available: available, Reserved: reserved, Booked: booked}

	return WithTransform(func(object client.Object) *v1alpha1.SlotCounts {
		switch o := object.(type) {
		case *v1alpha1.Course:
			return o.Status.Slots
		case *v1alpha1.Schedule:
			if o.Status.SlotCount == nil || *o.Status.SlotCount != want.Total() {
				return nil
			}

			return o.Status.Slots
		}

		return nil
	}, HaveValue(Equal(want)))
}

// row is a slot in the database.
type row struct {
	ID               uuid.UUID
	Start, End, Zone string
	Status           string
}

// slots reads the slots of a Schedule from the database, by start.
func slots(object client.Object) func(context.Context) ([]row, error) {
	return func(ctx context.Context) ([]row, error) {
		rows, err := suite.admin.Query(ctx, `
			SELECT id, to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
			       to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), time_zone, status
			FROM course.schedules WHERE resource_uid = $1 ORDER BY starts_at`, string(object.GetUID()))
		if err != nil {
			return nil, err
		}

		return pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	}
}

func startsOf(rows []row) []string {
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.Start
	}

	return texts
}

// sql runs a statement by hand and returns the number of rows.
func sql(ctx context.Context, statement string, args ...any) int64 {
	GinkgoHelper()

	tag, err := suite.admin.Exec(ctx, statement, args...)
	Expect(err).NotTo(HaveOccurred())

	return tag.RowsAffected()
}

// book makes a slot held, as the course service does.
func book(ctx context.Context, id uuid.UUID, status string) {
	GinkgoHelper()
	Expect(sql(ctx, "UPDATE course.schedules SET status = $2, booking_id = gen_random_uuid() WHERE id = $1", id, status)).To(BeEquivalentTo(1))
}

func free(ctx context.Context, id uuid.UUID) {
	GinkgoHelper()
	Expect(sql(ctx, "UPDATE course.schedules SET status = 'available', booking_id = NULL WHERE id = $1", id)).To(BeEquivalentTo(1))
}

// eventsOf reads the reasons of the events about a resource.
func eventsOf(object client.Object) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		var list eventsv1.EventList
		if err := suite.client.List(ctx, &list, client.InNamespace(object.GetNamespace())); err != nil {
			return nil, err
		}

		var reasons []string
		for i := range list.Items {
			if list.Items[i].Regarding.UID == object.GetUID() {
				reasons = append(reasons, list.Items[i].Reason)
			}
		}

		return reasons, nil
	}
}

// announced counts the events catalog.changed in the outbox about a resource.
func announced(ctx context.Context, kind, name string) int {
	GinkgoHelper()

	var n int
	Expect(suite.admin.QueryRow(ctx, `
		SELECT count(*) FROM course.outbox_events
		WHERE topic = 'catalog.changed' AND data->>'eventType' = 'CATALOG_CHANGED'
		  AND data->>'kind' = $1 AND data->>'name' = $2
		  AND data->>'courseId' IS NOT NULL AND data->>'timestamp' IS NOT NULL`, kind, name).Scan(&n)).To(Succeed())

	return n
}

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
