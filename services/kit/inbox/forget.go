package inbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Forget deletes the dead letters of a schema that name a person who has left, in the transaction in which the service
// forgets the person.
func Forget(ctx context.Context, tx pgx.Tx, schema string, personID uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM `+tableName(schema, "dead_letters")+` WHERE strpos(event::text, $1) > 0`,
		personID.String())
	if err != nil {
		return fmt.Errorf("forget the dead letters of a person: %w", err)
	}

	return nil
}
