package notification

import "math"

// Terminal is the TeacherChange of a notice that no other follows: the lesson does not take place.
const Terminal = math.MaxInt64

// TeacherKnows is what a teacher knows of a lesson.
type TeacherKnows struct {
	// Told says that they believe the lesson to be theirs.
	Told bool
	// Change is the TeacherChange of the newest notice that came for them, told or not; -1 before any.
	Change int64
}

// After returns what the teacher knows once a notice of type LessonConfirmed or LessonRevoked has come, and whether they are
// told it. They are not told of the end of what never reached them, nor twice in a row that a lesson is theirs, nor of a
// change that a later one has overtaken.
func (k TeacherKnows) After(n *Notice) (TeacherKnows, bool) {
	if n.TeacherChange <= k.Change {
		return k, false
	}

	next := TeacherKnows{Told: n.Type == LessonConfirmed, Change: n.TeacherChange}

	return next, next.Told != k.Told
}

// ForTeachers reports whether notifications of the type say whose lesson it is.
func (t Type) ForTeachers() bool { return t == LessonConfirmed || t == LessonRevoked }
