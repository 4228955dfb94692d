package browser

import "testing"

// The pictures of the README: make screenshots writes them to docs/images.
func TestScreenshots(t *testing.T) {
	s := openSchool(t)
	student, admin := open(t, s.URL, phone), open(t, s.URL, desk)

	student.visit("/courses/piano-pemula").settles()
	student.pick(0)
	student.pick(3)
	student.sees("Second choice")
	student.picture("choose-two-slots")

	admin.signIn(adminEmail)
	admin.visit("/admin").settles()
	admin.sees("Requests that wait", "How full the weeks are")
	admin.picture("inbox")

	desktop := open(t, s.URL, desk)
	desktop.visit("/").settles()
	desktop.picture("courses")
}
