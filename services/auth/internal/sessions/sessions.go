// Package sessions keeps the session documents in a Dapr state store.
package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/dapr"
)

// Component is the name of the Dapr state store.
const Component = "sessions"

// State is the part of a Dapr state store that is needed; dapr.State is one.
type State interface {
	Get(ctx context.Context, key string) (value []byte, etag string, err error)
	GetMany(ctx context.Context, keys []string) (dapr.Many, error)
	Save(ctx context.Context, key string, value []byte, etag string, ttl time.Duration) error
}

// Documents implements auth.Documents.
type Documents struct{ state State }

var _ auth.Documents = (*Documents)(nil)

// New returns the documents in the state store.
func New(s State) *Documents { return &Documents{state: s} }

func key(userID uuid.UUID) string { return "refresh_token:" + userID.String() }

// LoadMany returns the documents of the users; see auth.Documents.
func (d *Documents) LoadMany(ctx context.Context, userIDs []uuid.UUID) (map[uuid.UUID]*auth.Document, error) {
	keys := make([]string, len(userIDs))
	for i, id := range userIDs {
		keys[i] = key(id)
	}

	found, err := d.state.GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}

	failed := make(map[string]bool, len(found.Failed))
	for _, k := range found.Failed {
		failed[k] = true
	}

	documents := make(map[uuid.UUID]*auth.Document, len(userIDs))
	for i, id := range userIDs {
		if failed[keys[i]] {
			continue
		}

		// One that is damaged must not keep the others from being read.
		if doc, err := decode(id, found.Values[keys[i]]); err == nil {
			documents[id] = doc
		}
	}

	return documents, nil
}

func decode(userID uuid.UUID, content []byte) (*auth.Document, error) {
	doc := &auth.Document{}
	if len(content) == 0 {
		return doc, nil
	}

	if err := json.Unmarshal(content, doc); err != nil {
		return nil, fmt.Errorf("decode the sessions of %s: %w", userID, err)
	}

	return doc, nil
}

// Load returns a user's document and its ETag.
func (d *Documents) Load(ctx context.Context, userID uuid.UUID) (doc *auth.Document, etag string, err error) {
	content, etag, err := d.state.Get(ctx, key(userID))
	if err != nil {
		return nil, "", err
	}

	doc, err = decode(userID, content)

	return doc, etag, err
}

// Save writes the document if it still has that ETag.
func (d *Documents) Save(ctx context.Context, userID uuid.UUID, doc *auth.Document, etag string) error {
	content, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode the sessions of %s: %w", userID, err)
	}

	err = d.state.Save(ctx, key(userID), content, etag, auth.RefreshTokenTTL)
	if errors.Is(err, dapr.ErrConflict) {
		return auth.ErrConflict
	}

	return err
}
