package booking

import (
	"context"

	"github.com/google/uuid"
)

// teacherBatch is how many courses' teachers are looked up at once; the services' questions take 200.
const teacherBatch = 100

// TeacherStore remembers whose the courses' lessons are.
type TeacherStore interface {
	// StaleTeachers returns up to limit courses whose teacher was looked up longest ago, more than ten minutes.
	StaleTeachers(ctx context.Context, limit int) ([]uuid.UUID, error)
	// BindTeachers remembers the courses' teachers, nil for none, and gives them the lessons that are still ahead; past
	// ones stay with the teacher who gave them. The other courses of the batch keep their teachers, and count as looked up.
	BindTeachers(ctx context.Context, batch []uuid.UUID, teachers map[uuid.UUID]*uuid.UUID) error
}

// BindTeachers looks up the teachers of the courses that were not looked up for a while, or whose Course or account has
// changed. It is the work of a job; the sweep does it too.
func (s *Service) BindTeachers(ctx context.Context) error {
	for {
		batch, err := s.store.StaleTeachers(ctx, teacherBatch)
		if err != nil || len(batch) == 0 {
			return err
		}

		if err := s.bind(ctx, batch); err != nil {
			return err
		}

		if len(batch) < teacherBatch {
			return nil
		}
	}
}

// bind asks the course service for addresses and the user service for accounts, each once.
func (s *Service) bind(ctx context.Context, batch []uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, s.timings.Call)
	defer cancel()

	emails, err := s.courses.Teachers(ctx, batch)
	if err != nil {
		return err
	}

	var named []string

	for _, email := range emails {
		if email != nil {
			named = append(named, *email)
		}
	}

	accounts := map[string]uuid.UUID{}
	if len(named) > 0 {
		if accounts, err = s.users.Teachers(ctx, named); err != nil {
			return err
		}
	}

	teachers := make(map[uuid.UUID]*uuid.UUID, len(emails))
	for course, email := range emails {
		teachers[course] = nil
		if email != nil {
			teachers[course] = entry(accounts, *email)
		}
	}

	return s.store.BindTeachers(ctx, batch, teachers)
}
