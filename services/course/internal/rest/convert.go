package rest

import (
	"strings"

	"github.com/shema-music/shema/services/course/api"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/page"
)

func toCourse(c course.Course) api.Course {
	return api.Course{
		Id: c.ID, Name: c.Name, Title: c.Title, Description: c.Description,
		Instrument: c.Instrument, Level: api.Level(c.Level), PriceCategory: api.PriceCategory(c.PriceCategory),
		Price: c.Price, Currency: c.Currency, Teacher: c.Teacher, AvailableDays: toDays(c.AvailableDays),
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

func toDays(names []string) []api.Weekday {
	days := make([]api.Weekday, len(names))
	for i, name := range names {
		days[i] = api.Weekday(name)
	}
	return days
}

func toCandidates(candidates []course.Candidate) []api.Candidate {
	items := make([]api.Candidate, len(candidates))
	for i, c := range candidates {
		items[i] = api.Candidate{
			Id: c.ID, Title: c.Title, Instrument: c.Instrument, Level: api.Level(c.Level),
			PriceCategory: api.PriceCategory(c.PriceCategory), AvailableDays: toDays(c.AvailableDays),
			NextAvailableAt: c.NextAvailable,
		}
	}
	return items
}

func toCourses(courses []course.Course) []api.Course {
	items := make([]api.Course, len(courses))
	for i, c := range courses {
		items[i] = toCourse(c)
	}
	return items
}

func toSlots(slots []course.Slot) []api.Slot {
	items := make([]api.Slot, len(slots))
	for i, s := range slots {
		items[i] = api.Slot{
			Id: s.ID, CourseId: s.CourseID, StartsAt: s.StartsAt, EndsAt: s.EndsAt,
			TimeZone: s.TimeZone, Status: api.SlotStatus(s.Status),
		}
	}
	return items
}

func toReservation(r course.Reservation) api.Reservation {
	answer := api.Reservation{BookingId: r.BookingID, State: api.ReservationState(r.State)}
	if r.Lesson != nil {
		lesson := toLesson(*r.Lesson)
		answer.Lesson = &lesson
	}
	return answer
}

func toLesson(l course.Lesson) api.Lesson {
	lesson := api.Lesson{CourseTitle: l.CourseTitle, Slots: make([]api.LessonSlot, len(l.Slots))}
	for i, s := range l.Slots {
		lesson.Slots[i] = api.LessonSlot{Id: s.ID, StartsAt: s.StartsAt, EndsAt: s.EndsAt, TimeZone: s.TimeZone}
	}
	return lesson
}

func fromCourseParams(p api.ListCoursesParams) (course.Query, error) {
	query := course.Query{
		Instrument: value(p.Instrument), Level: string(value(p.Level)), PriceCategory: string(value(p.PriceCategory)),
		Text: strings.TrimSpace(value(p.Q)), Limit: limit(p.Limit),
	}
	if err := readCursor(p.Cursor, &query.After); err != nil {
		return course.Query{}, err
	}
	return query, query.Check()
}

func fromAvailableParams(p api.ListAvailableSlotsParams) (course.AvailableQuery, error) {
	query := course.AvailableQuery{Course: p.CourseId, Limit: limit(p.Limit)}
	return query, readCursor(p.Cursor, &query.After)
}

func fromSlotParams(p api.ListSlotsParams) (course.SlotQuery, error) {
	query := course.SlotQuery{
		Course: p.CourseId, Status: course.SlotStatus(value(p.Status)), From: p.From, To: p.To, Limit: limit(p.Limit),
	}
	return query, readCursor(p.Cursor, &query.After)
}

// readCursor points key to what the cursor says. For the first page, which has none or
// an empty one, the key stays as it is.
func readCursor[Key any](cursor *string, key **Key) error {
	if value(cursor) == "" {
		return nil
	}
	*key = new(Key)
	return page.Decode(*cursor, *key)
}

func limit(asked *int) int {
	if asked == nil {
		return defaultLimit
	}
	return *asked
}

// value returns what p points to, or nothing.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
