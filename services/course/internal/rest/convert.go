package rest

import (
	"strings"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/page"
)

func toCourse(c course.Course) coursehttp.Course {
	return coursehttp.Course{
		Id:            c.ID,
		Name:          c.Name,
		Title:         c.Title,
		Description:   c.Description,
		Instrument:    c.Instrument,
		Level:         coursehttp.Level(c.Level),
		PriceCategory: coursehttp.PriceCategory(c.PriceCategory),
		Price:         c.Price,
		Currency:      c.Currency,
		Teacher:       c.Teacher,
		ImageUrl:      c.ImageURL,
		Packages:      toPackages(c.Packages),
		AvailableDays: convert.All[coursehttp.Weekday](c.AvailableDays),
		NextSlotAt:    c.NextSlotAt,
		CreatedAt:     c.CreatedAt,
		UpdatedAt:     c.UpdatedAt,
	}
}

func toPackages(packages []course.Package) []coursehttp.Package {
	items := make([]coursehttp.Package, len(packages))
	for i, p := range packages {
		items[i] = toPackage(p)
	}

	return items
}

func toPackage(p course.Package) coursehttp.Package {
	return coursehttp.Package{
		Name:     p.Name,
		Title:    p.Title,
		Lessons:  p.Lessons,
		Price:    p.Price,
		Currency: p.Currency,
	}
}

func toCandidates(candidates []course.Candidate) []coursehttp.Candidate {
	items := make([]coursehttp.Candidate, len(candidates))
	for i, c := range candidates {
		items[i] = coursehttp.Candidate{
			Id:              c.ID,
			Title:           c.Title,
			Instrument:      c.Instrument,
			Level:           coursehttp.Level(c.Level),
			PriceCategory:   coursehttp.PriceCategory(c.PriceCategory),
			AvailableDays:   convert.All[coursehttp.Weekday](c.AvailableDays),
			NextAvailableAt: c.NextAvailable,
		}
	}

	return items
}

func toCourses(courses []course.Course) []coursehttp.Course {
	items := make([]coursehttp.Course, len(courses))
	for i, c := range courses {
		items[i] = toCourse(c)
	}

	return items
}

func toSlots(slots []course.Slot) []coursehttp.Slot {
	items := make([]coursehttp.Slot, len(slots))
	for i, s := range slots {
		items[i] = coursehttp.Slot{
			Id:       s.ID,
			CourseId: s.CourseID,
			StartsAt: s.StartsAt,
			EndsAt:   s.EndsAt,
			TimeZone: s.TimeZone,
			Status:   coursehttp.SlotStatus(s.Status),
		}
	}

	return items
}

func fromReservationRequest(r coursehttp.ReservationRequest) course.Hold {
	return course.Hold{
		BookingID: r.BookingId,
		CourseID:  r.CourseId,
		SlotIDs:   r.SlotIds,
		Package:   r.Package,
	}
}

func toReservationRefusal(e *errs.Error) coursehttp.ReservationRefusal {
	_, body, _ := errs.Render(e, "")
	return coursehttp.ReservationRefusal{Code: body.Code, Details: body.Details}
}

func toReservation(r course.Reservation) coursehttp.Reservation {
	answer := coursehttp.Reservation{BookingId: r.BookingID, State: coursehttp.ReservationState(r.State)}
	if r.Snapshot != nil {
		answer.Snapshot = new(toSnapshot(*r.Snapshot))
	}

	return answer
}

func toSnapshot(s course.Snapshot) coursehttp.Snapshot {
	answer := coursehttp.Snapshot{
		Course: coursehttp.SnapshotCourse{
			Id:           s.Course.ID,
			Name:         s.Course.Name,
			Title:        s.Course.Title,
			Instrument:   s.Course.Instrument,
			Level:        coursehttp.Level(s.Course.Level),
			Teacher:      s.Course.Teacher,
			TeacherEmail: s.Course.TeacherEmail,
		},
		Slots: make([]coursehttp.SnapshotSlot, len(s.Slots)),
	}
	if s.Package != nil {
		answer.Package = new(toPackage(*s.Package))
	}

	for i, slot := range s.Slots {
		answer.Slots[i] = coursehttp.SnapshotSlot{
			Id:       slot.ID,
			StartsAt: slot.StartsAt,
			EndsAt:   slot.EndsAt,
			TimeZone: slot.TimeZone,
		}
	}

	return answer
}

func fromCourseParams(p coursehttp.ListCoursesParams) (course.Query, error) {
	asked, err := page.Ask[course.Key](p.Cursor, p.Limit)
	if err != nil {
		return course.Query{}, err
	}

	query := course.Query{
		Instrument:    convert.Value(p.Instrument),
		Level:         string(convert.Value(p.Level)),
		PriceCategory: string(convert.Value(p.PriceCategory)),
		Text:          strings.TrimSpace(convert.Value(p.Q)),
		After:         asked.After,
		Limit:         asked.Limit,
	}

	return query, query.Check()
}

func fromAvailableParams(p coursehttp.ListAvailableSlotsParams) (course.AvailableQuery, error) {
	asked, err := page.Ask[course.SlotKey](p.Cursor, p.Limit)
	if err != nil {
		return course.AvailableQuery{}, err
	}

	query := course.AvailableQuery{
		Course: p.CourseId,
		From:   p.From,
		To:     p.To,
		After:  asked.After,
		Limit:  asked.Limit,
	}

	return query, nil
}

func fromSlotParams(p coursehttp.ListSlotsParams) (course.SlotQuery, error) {
	asked, err := page.Ask[course.SlotKey](p.Cursor, p.Limit)
	if err != nil {
		return course.SlotQuery{}, err
	}

	query := course.SlotQuery{
		Course: p.CourseId,
		Status: course.SlotStatus(convert.Value(p.Status)),
		From:   p.From,
		To:     p.To,
		After:  asked.After,
		Limit:  asked.Limit,
	}

	return query, nil
}
