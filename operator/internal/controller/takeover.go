package controller

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
)

// maxTakeovers bounds how many things that are in the way one reconcile clears away.
const maxTakeovers = 3

// withTakeover calls apply until nothing that may be taken over is in its way. After a
// disaster the rows can come from a resource that doesn't exist, or from a generation
// of this one that the API server has lost; investigate finds out which of that is so.
// It is asked about each error, and says whether it has learned anything.
func withTakeover(
	ctx context.Context, apply func(store.Takeover) error,
	investigate func(context.Context, error, *store.Takeover) (bool, error),
) error {
	var known store.Takeover

	for try := 0; ; try++ {
		err := apply(known)
		if err == nil || try == maxTakeovers {
			return err
		}

		learned, failed := investigate(ctx, err, &known)
		if failed != nil {
			return failed
		}

		if !learned {
			return err
		}
	}
}

// investigateStale looks at the API server itself whether a resource is as old as the
// cache says. If it is, newer rows come from a time that a restored backup has lost.
func (b *base) investigateStale(ctx context.Context, cached client.Object, err error, t *store.Takeover) (bool, error) {
	stale := new(store.StaleError)
	if !errors.As(err, &stale) || t.Generation >= stale.Generation {
		return false, nil
	}

	live := copied(cached)
	if err := b.live.Get(ctx, client.ObjectKeyFromObject(cached), live); err != nil {
		return false, client.IgnoreNotFound(err)
	}

	if live.GetUID() != cached.GetUID() || live.GetGeneration() != cached.GetGeneration() {
		return false, nil
	}

	t.Generation = stale.Generation

	return true, nil
}

// investigateConflict looks for the Course whose entry has the name. An entry without
// one may be adopted; one whose Course is called otherwise was renamed by hand.
func (b *base) investigateConflict(ctx context.Context, err error, t *store.Takeover) (bool, error) {
	conflict := new(store.NameConflictError)
	if !errors.As(err, &conflict) || conflict.UID == "" || conflict.UID == t.Orphan || conflict.UID == t.Misnamed {
		return false, nil
	}

	owner, err := b.ownerOf(ctx, conflict)
	switch {
	case err != nil:
		return false, err
	case owner == nil:
		t.Orphan = conflict.UID
		return true, nil
	case owner.Name != conflict.Name:
		t.Misnamed = conflict.UID
		return true, nil
	default:
		return false, nil
	}
}

// ownerOf returns the Course that an entry comes from, or nil if there is none. The
// API server itself is asked too, because the cache may be late, or not see all
// namespaces; what the operator may not see exists.
func (b *base) ownerOf(ctx context.Context, conflict *store.NameConflictError) (*v1alpha1.Course, error) {
	var found v1alpha1.CourseList
	if err := b.client.List(ctx, &found, client.MatchingFields{indexUID: conflict.UID}); err != nil {
		return nil, err
	}

	if len(found.Items) > 0 {
		return &found.Items[0], nil
	}

	live := &v1alpha1.Course{}
	key := types.NamespacedName{Namespace: conflict.Namespace, Name: conflict.Name}

	err := b.live.Get(ctx, key, live)
	switch {
	case apierrors.IsForbidden(err):
		live.Namespace, live.Name = key.Namespace, key.Name
		return live, nil
	case apierrors.IsNotFound(err), err == nil && string(live.UID) != conflict.UID:
		return nil, nil //nolint:nilnil // no owner is no error
	default:
		return live, err
	}
}
