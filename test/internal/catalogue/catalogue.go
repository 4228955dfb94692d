// Package catalogue writes courses and schedules the way an admin does: as custom resources.
package catalogue

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// Namespace is where all resources of a run live.
const Namespace = "default"

// Jakarta is the time zone of the test slots; it has no clock changes.
var Jakarta = time.FixedZone("WIB", 7*60*60)

// Writer makes resources with names that were not used before.
type Writer struct {
	client.Client

	count atomic.Int64
	stamp int64
}

// New connects to the API server of a kubeconfig file.
func New(kubeconfig string) (*Writer, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", kubeconfig, err)
	}

	config.QPS, config.Burst = 200, 400

	return For(config)
}

// For connects to an API server.
func For(config *rest.Config) (*Writer, error) {
	log.SetLogger(logr.Discard())

	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}

	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("kube client: %w", err)
	}

	return &Writer{Client: c, stamp: time.Now().Unix() % 1e6}, nil
}

// Name returns a new resource name.
func (w *Writer) Name(prefix string) string {
	return fmt.Sprintf("%s-%d-%d", strings.ToLower(prefix), w.stamp, w.count.Add(1))
}

// Course describes a believable course; change lets a test differ.
func Course(name string, change ...func(*v1alpha1.CourseSpec)) *v1alpha1.Course {
	course := &v1alpha1.Course{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: Namespace},
		Spec: v1alpha1.CourseSpec{
			Title:         "Piano " + name,
			Description:   "Langkah pertama",
			Instrument:    "piano",
			Level:         "beginner",
			PriceCategory: "low",
			AvailableDays: []v1alpha1.Weekday{"monday"},
		},
	}
	for _, f := range change {
		f(&course.Spec)
	}

	return course
}

// Unpublished hides a course.
func Unpublished(spec *v1alpha1.CourseSpec) { spec.Published = new(bool) }

// Schedule describes count one-off slots of an hour each, beginning at start.
func Schedule(name, course string, start time.Time, count int) *v1alpha1.Schedule {
	schedule := &v1alpha1.Schedule{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: Namespace},
		Spec: v1alpha1.ScheduleSpec{
			CourseRef: v1alpha1.CourseReference{Name: course}, TimeZone: "Asia/Jakarta",
		},
	}
	for i := range count {
		local := start.In(Jakarta).Add(time.Duration(i) * time.Hour).Format("2006-01-02T15:04")
		schedule.Spec.Slots = append(schedule.Spec.Slots, v1alpha1.Slot{Start: v1alpha1.LocalTime(local), Duration: "1h"})
	}

	return schedule
}

// Start is the hour at which test schedules begin: soon enough to be on the first page, far enough not to pass meanwhile.
func Start() time.Time { return time.Now().Truncate(time.Hour).Add(48 * time.Hour) }

// Edit changes a resource as it is now, again if another client was faster.
func Edit[T client.Object](ctx context.Context, w *Writer, name string, object T, change func(T)) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if err := w.Get(ctx, client.ObjectKey{Namespace: Namespace, Name: name}, object); err != nil {
			return err
		}

		change(object)

		return w.Update(ctx, object)
	})
}

// Create writes resources one after the other.
func (w *Writer) Create(ctx context.Context, objects ...client.Object) error {
	for _, object := range objects {
		if err := w.Client.Create(ctx, object); err != nil {
			return fmt.Errorf("create %s: %w", object.GetName(), err)
		}
	}

	return nil
}
