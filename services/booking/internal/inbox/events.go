package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	courseevents "github.com/shema-music/shema/services/contracts/course/events"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/inbox"
)

// teacherRole is the role of those who give lessons.
const teacherRole = "teacher"

// Events is what the service's events change, within the transaction that remembers them; store.Store has it.
type Events interface {
	CourseChanged(ctx context.Context, tx pgx.Tx, course uuid.UUID) error
	TeacherChanged(ctx context.Context, tx pgx.Tx, person uuid.UUID) error
	Erase(ctx context.Context, tx pgx.Tx, person uuid.UUID) error
}

// Register subscribes to changes of Courses and of teachers' accounts, and to people who leave.
func Register(box *inbox.Inbox, events Events) {
	box.Handle(courseevents.TopicCatalogChanged, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var data courseevents.CatalogChanged
		if err := e.Decode(&data); err != nil || data.Kind != "Course" || data.CourseID == uuid.Nil {
			return err
		}

		return events.CourseChanged(ctx, tx, data.CourseID)
	})
	box.Handle(userevents.TopicAccessChanged, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var data userevents.AccessChanged
		if err := e.Decode(&data); err != nil || data.Role != teacherRole && data.FormerRole != teacherRole {
			return err
		}

		return events.TeacherChanged(ctx, tx, data.UserID)
	})
	box.Handle(userevents.TopicErased, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var data userevents.Erased
		if err := e.Decode(&data); err != nil {
			return err
		}

		return events.Erase(ctx, tx, data.UserID)
	})
}
