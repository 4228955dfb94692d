package notification

import (
	"fmt"
	"strings"
	"text/template"
	"unicode"

	"github.com/shema-music/shema/services/user/internal/user"
)

// view is what the templates see: texts that are ready to be read, empty where nothing is known. Student is empty for the
// student themselves too.
type view struct {
	Course, Student, First, Second, Confirmed, Reason, Deadline string
	// Moves says that a booking would move a lesson.
	Moves bool
	// HandedOver says that another teacher gives the lesson now.
	HandedOver bool
}

// compose writes title and body of a notification, for another person than the student if student has a name.
func compose(t Type, facts *Facts, student string, language user.Language) (title, body string, err error) {
	text, ok := texts[language][t]
	if !ok {
		return "", "", fmt.Errorf("there is no text for %s in the language %q", t, language)
	}

	v := look(facts, student, language)
	if title, err = fill(text.title, v); err != nil {
		return "", "", err
	}

	body, err = fill(text.body, v)

	return title, body, err
}

func look(f *Facts, student string, language user.Language) view {
	v := view{
		Student:   oneLine(student),
		Reason:    strings.TrimSpace(f.Reason),
		First:     period(f.FirstChoice, language),
		Second:    period(f.SecondChoice, language),
		Confirmed: period(f.ConfirmedSlot, language),
		Moves:     f.Replaces != nil,

		HandedOver: f.HandedOver,
	}
	if f.Course != nil {
		v.Course = oneLine(f.Course.Title)
	}

	if f.ExpiresAt != nil {
		v.Deadline = moment(*f.ExpiresAt, f.zone(), language)
	}

	return v
}

// zone is where the school keeps the booking's slots; UTC if that is not known.
func (f *Facts) zone() string {
	if f.FirstChoice != nil {
		return f.FirstChoice.TimeZone
	}

	return ""
}

func fill(t *template.Template, v view) (string, error) {
	var out strings.Builder
	if err := t.Execute(&out, v); err != nil {
		return "", fmt.Errorf("write a notification: %w", err)
	}

	return strings.TrimSpace(out.String()), nil
}

// oneLine makes of any text what can stand in a title, and in the header of a mail.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r)
	}), " ")
}

// text is a title and a body. The body ends with what to do next.
type text struct{ title, body *template.Template }

func write(title, body string) text {
	return text{title: template.Must(template.New("title").Parse(title)), body: template.Must(template.New("body").Parse(body))}
}

// texts are all that is ever told, by language and type.
var texts = map[user.Language]map[Type]text{user.English: english, user.Indonesian: indonesian}
