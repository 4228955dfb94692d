package clients

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/serviceclient"
)

// ReportErased tells the user service that nothing of a person is kept here any more. It may be repeated.
func (u *Users) ReportErased(ctx context.Context, userID uuid.UUID) error {
	answer, err := u.client.ReportErasedWithResponse(ctx, userID)

	return serviceclient.Check("report an erasure", http.StatusNoContent, answer, err)
}
