package notification

import (
	"fmt"
	"strings"
	"text/template"
	"unicode"

	"github.com/shema-music/shema/services/user/internal/user"
)

// view is what the templates see: texts that are ready to be read, empty where nothing is known.
type view struct {
	Course, Student, First, Second, Confirmed, Reason, Deadline string
}

// compose writes title and body of a notification.
func compose(t Type, facts *Facts, language user.Language) (title, body string, err error) {
	text, ok := texts[language][t]
	if !ok {
		return "", "", fmt.Errorf("there is no text for %s in the language %q", t, language)
	}

	v := look(facts, language)
	if title, err = fill(text.title, v); err != nil {
		return "", "", err
	}

	body, err = fill(text.body, v)

	return title, body, err
}

func look(f *Facts, language user.Language) view {
	v := view{
		Course:    oneLine(f.CourseTitle),
		Student:   oneLine(f.StudentName),
		Reason:    strings.TrimSpace(f.Reason),
		First:     period(f.FirstChoice, language),
		Second:    period(f.SecondChoice, language),
		Confirmed: period(f.ConfirmedSlot, language),
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
var texts = map[user.Language]map[Type]text{
	user.English: {
		BookingCreated: write(`New booking{{with .Course}}: {{.}}{{end}}`,
			`{{or .Student "A student"}} asks for a lesson{{with .Course}} “{{.}}”{{end}}.`+choicesEnglish+`

Please confirm or reject it{{with .Deadline}} by {{.}}; after that it expires{{end}}.`),
		BookingConfirmed: write(`Your lesson is confirmed{{with .Course}}: {{.}}{{end}}`,
			`The school has confirmed your lesson{{with .Course}} “{{.}}”{{end}}.{{with .Confirmed}}
It takes place on {{.}}.{{end}}

What to do next: note the time, and come a few minutes early. If you cannot come, tell the school in the chat.`),
		BookingRejected: write(`Your booking was declined{{with .Course}}: {{.}}{{end}}`,
			`The school cannot confirm your booking{{with .Course}} “{{.}}”{{end}}.{{with .Reason}}
Reason: {{.}}{{end}}`+choicesEnglish+`

What to do next: choose two other times, and book again.`),
		BookingExpired: write(`Your booking has expired{{with .Course}}: {{.}}{{end}}`,
			`The school did not decide about your booking{{with .Course}} “{{.}}”{{end}} in time, so it has ended. We are sorry.`+choicesEnglish+`

What to do next: choose two times, and book again, or ask the school in the chat.`),
		BookingCancelled: write(`Your lesson is cancelled{{with .Course}}: {{.}}{{end}}`,
			`The school has to cancel your lesson{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} on {{.}}{{end}}.{{with .Reason}}
Reason: {{.}}{{end}}

What to do next: choose two other times, and book again.`),
	},
	user.Indonesian: {
		BookingCreated: write(`Pemesanan baru{{with .Course}}: {{.}}{{end}}`,
			`{{or .Student "Seorang siswa"}} memesan les{{with .Course}} “{{.}}”{{end}}.`+choicesIndonesian+`

Mohon konfirmasi atau tolak{{with .Deadline}} paling lambat {{.}}; setelah itu pemesanan kedaluwarsa{{end}}.`),
		BookingConfirmed: write(`Les Anda dikonfirmasi{{with .Course}}: {{.}}{{end}}`,
			`Sekolah telah mengonfirmasi les Anda{{with .Course}} “{{.}}”{{end}}.{{with .Confirmed}}
Waktunya {{.}}.{{end}}

Langkah berikutnya: catat waktunya, dan datanglah beberapa menit lebih awal. Jika berhalangan, beri tahu sekolah lewat obrolan.`),
		BookingRejected: write(`Pemesanan Anda ditolak{{with .Course}}: {{.}}{{end}}`,
			`Sekolah tidak dapat mengonfirmasi pemesanan Anda{{with .Course}} “{{.}}”{{end}}.{{with .Reason}}
Alasan: {{.}}{{end}}`+choicesIndonesian+`

Langkah berikutnya: pilih dua waktu lain, lalu pesan kembali.`),
		BookingExpired: write(`Pemesanan Anda kedaluwarsa{{with .Course}}: {{.}}{{end}}`,
			`Sekolah tidak sempat memutuskan pemesanan Anda{{with .Course}} “{{.}}”{{end}} tepat waktu, sehingga pemesanan berakhir. Kami mohon maaf.`+choicesIndonesian+`

Langkah berikutnya: pilih dua waktu, lalu pesan kembali, atau tanyakan kepada sekolah lewat obrolan.`),
		BookingCancelled: write(`Les Anda dibatalkan{{with .Course}}: {{.}}{{end}}`,
			`Sekolah terpaksa membatalkan les Anda{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} pada {{.}}{{end}}.{{with .Reason}}
Alasan: {{.}}{{end}}

Langkah berikutnya: pilih dua waktu lain, lalu pesan kembali.`),
	},
}

const (
	choicesEnglish = `{{with .First}}
First choice: {{.}}{{end}}{{with .Second}}
Second choice: {{.}}{{end}}`
	choicesIndonesian = `{{with .First}}
Pilihan pertama: {{.}}{{end}}{{with .Second}}
Pilihan kedua: {{.}}{{end}}`
)
