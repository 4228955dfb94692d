package browser

import (
	"time"

	"github.com/google/uuid"
)

const talkID = "0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11"

// Who there is at the beginning; the password of all is melati-senja-27.
const (
	studentEmail = "siti@example.com"
	teacherEmail = "sari@example.com"
	adminEmail   = "kantor@example.com"
)

func (s *school) at(d time.Duration) string { return s.now.Add(d).Format(time.RFC3339) }

// furnish gives the school courses, slots, people and what they have said and booked.
func (s *school) furnish() {
	s.people = []object{
		personOf("student", "Siti Rahma", studentEmail),
		personOf("teacher", "Sari Wulandari", teacherEmail),
		personOf("admin", "Dewi Lestari", adminEmail),
		personOf("student", "Bima Prakoso", "bima@example.com"),
	}
	s.courses = []object{
		course("piano-pemula", "Piano untuk Pemula", "piano", "beginner", "low", "350000", "Ibu Sari Wulandari"),
		course("gitar-akustik", "Gitar Akustik dari Nol", "gitar", "beginner", "low", "300000", "Bapak Rizky Pratama"),
		course("biola-anak", "Biola untuk Anak", "biola", "beginner", "medium", "425000", "Ibu Maria Simanjuntak"),
		course("saksofon-jazz", "Saksofon Jazz", "saksofon", "advanced", "high", "550000", "Bapak Julius Tampubolon"),
		course("vokal-pop", "Vokal Pop", "vokal", "intermediate", "medium", "400000", "Ibu Neneng Rosmiati"),
	}

	monday := s.now.Truncate(24*time.Hour).AddDate(0, 0, (8-int(s.now.Weekday()))%7+7)
	for day := range 12 {
		for _, hour := range []int{3, 8, 9, 11} {
			if (day+hour)%3 != 0 && day%7 != 6 {
				s.slots = append(s.slots, slot(s.courses[0], monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour)))
			}
		}
	}

	for _, c := range s.courses {
		c["next_slot_at"] = s.slots[0]["starts_at"]
	}

	siti, bima, sari := s.people[0], s.people[3], s.people[1]
	waiting := s.booking(bima, s.courses[1]["id"], slot(s.courses[1], monday.Add(34*time.Hour)), slot(s.courses[1], monday.Add(58*time.Hour)))
	confirmed := s.booking(siti, s.courses[2]["id"], slot(s.courses[2], monday.Add(9*time.Hour)), slot(s.courses[2], monday.Add(33*time.Hour)))
	confirmed["status"], confirmed["confirmed_slot"] = "confirmed", confirmed["first_choice"]
	mine := s.booking(siti, s.courses[4]["id"], slot(s.courses[4], monday.Add(35*time.Hour)), slot(s.courses[4], monday.Add(59*time.Hour)))
	s.bookings = []object{waiting, mine, confirmed}
	s.lessons = []object{lesson(confirmed, siti, sari), s.begun(bima, sari)}
	s.messages = []object{
		s.message(1, "student", siti, "Selamat siang, apakah ada les biola di hari Senin?", -20*time.Minute),
		s.message(2, "admin", s.people[2], "Selamat siang Siti. Ada, pukul empat sore.", -18*time.Minute),
		s.message(3, "student", siti, "Bagus, saya pesan sekarang. Terima kasih!", -time.Minute),
	}
}

func personOf(role, name, email string) object {
	return object{
		"id": uuid.NewString(), "email": email, "email_verified_at": nil, "full_name": name, "phone": "+62 812 3456 7890", "role": role, "status": "active",
		"language": "en", "email_notifications": true, "experience_level": "beginner", "learning_goal": "hobby", "preferred_instruments": []string{"piano"},
		"budget_range": "low", "available_days": []string{"monday", "wednesday"}, "last_login_at": nil, "created_at": "2026-11-01T03:00:00Z",
	}
}

func course(name, title, instrument, level, price, amount, teacher string) object {
	return object{
		"id": uuid.NewString(), "name": name, "title": title, "description": "Langkah pertama di alat musik, dengan lagu-lagu yang Anda kenal.",
		"instrument": instrument, "level": level, "price_category": price, "price": amount, "currency": "IDR", "teacher": teacher, "image_url": nil,
		"packages":       []object{{"name": "bulanan", "title": "Empat pertemuan sebulan", "lessons": 4, "price": "1200000", "currency": "IDR"}},
		"available_days": []string{"monday", "wednesday"}, "next_slot_at": nil, "created_at": "2026-11-01T03:00:00Z", "updated_at": "2026-11-01T03:00:00Z",
	}
}

func slot(course object, at time.Time) object {
	return object{
		"id": uuid.NewString(), "course_id": course["id"], "starts_at": at.Format(time.RFC3339), "ends_at": at.Add(45 * time.Minute).Format(time.RFC3339),
		"time_zone": "Asia/Jakarta", "status": "available",
	}
}

func (s *school) booking(person object, courseID any, first, second object) object {
	var of object
	for _, c := range s.courses {
		if c["id"] == courseID {
			of = object{"id": c["id"], "name": c["name"], "title": c["title"], "instrument": c["instrument"], "level": c["level"], "teacher": c["teacher"]}
		}
	}

	return object{
		"id": uuid.NewString(), "user_id": person["id"], "course_id": courseID, "first_choice_slot_id": first["id"], "second_choice_slot_id": second["id"],
		"package": nil, "status": "pending", "status_reason": nil, "note": "Di rumah ada alat musiknya.", "created_at": s.at(-50 * time.Hour),
		"expires_at": s.at(22 * time.Hour), "confirmed_slot_id": nil, "confirmed_at": nil, "decided_by": nil, "decision_note": nil, "replaces": nil,
		"course": of, "first_choice": first, "second_choice": second, "confirmed_slot": nil,
		"user": object{"id": person["id"], "full_name": person["full_name"], "email": person["email"], "phone": person["phone"]},
	}
}

func lesson(booking, student, teacher object) object {
	return object{
		"booking_id": booking["id"], "course": booking["course"], "slot": booking["confirmed_slot"], "package": nil, "note": booking["note"],
		"student": object{"id": student["id"], "full_name": student["full_name"], "email": student["email"], "phone": student["phone"]},
		"teacher": object{"id": teacher["id"], "full_name": teacher["full_name"]}, "attended": nil, "attendance_note": nil,
	}
}

// begun is a lesson that goes on at this moment.
func (s *school) begun(student, teacher object) object {
	booking := s.booking(student, s.courses[0]["id"], slot(s.courses[0], s.now.Add(-10*time.Minute)), slot(s.courses[0], s.now))
	booking["confirmed_slot"] = booking["first_choice"]
	return lesson(booking, student, teacher)
}

func (s *school) message(seq int, sender string, by object, text string, ago time.Duration) object {
	return object{
		"session_id": talkID, "seq": seq, "id": uuid.NewString(), "sender": sender, "sender_id": by["id"], "sender_name": by["full_name"],
		"message": text, "timestamp": s.at(ago), "client_msg_id": uuid.NewString(),
	}
}

func (s *school) sessions() []object {
	return []object{{
		"id": id(), "ip": "203.0.113.7", "user_agent": "Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile", "created_at": s.at(-26 * time.Hour),
		"last_used_at": s.at(-time.Minute), "current": true,
	}, {
		"id": id(), "ip": "203.0.113.9", "user_agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "created_at": s.at(-90 * time.Hour),
		"last_used_at": s.at(-48 * time.Hour), "current": false,
	}}
}

func (s *school) notifications() []object {
	told := func(ago time.Duration, kind, title, text string, read any) object {
		return object{"id": id(), "type": kind, "title": title, "body": text, "data": object{}, "read_at": read, "created_at": s.at(-ago)}
	}

	return []object{
		told(time.Hour, "booking_confirmed", "Your lesson is confirmed", "Biola untuk Anak on Monday at 16:00.", nil),
		told(50*time.Hour, "booking_received", "We have your request", "Biola untuk Anak, two times. We decide within three days.", s.at(-49*time.Hour)),
	}
}

func (s *school) recommendation() object {
	items := []object{}
	for i, c := range s.courses[:3] {
		items = append(items, object{
			"course_id": c["id"], "course": c, "score": 90 - 10*i, "confidence": 0.9 - 0.1*float64(i),
			"reasons": []string{"You want to learn the piano.", "It suits your level."},
		})
	}

	return object{"id": id(), "user_id": s.people[0]["id"], "items": items, "created_at": s.at(-time.Hour)}
}
