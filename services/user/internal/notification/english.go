package notification

// english are the texts in the language.
var english = map[Type]text{
	BookingReceived: write(`Your booking has arrived{{with .Course}}: {{.}}{{end}}`,
		`{{if .Moves}}The school has your wish to move the lesson{{else}}The school has your booking{{end}}{{with .Course}} “{{.}}”{{end}}.`+choicesEnglish+`

What to do next: nothing. The school decides{{with .Deadline}} by {{.}}{{end}}, and you will be told.`),
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
	BookingRevoked: write(`Your lesson is cancelled{{with .Course}}: {{.}}{{end}}`,
		`The school has to cancel your lesson{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} on {{.}}{{end}}.{{with .Reason}}
Reason: {{.}}{{end}}

What to do next: choose two other times, and book again.`),
	LessonReminder: write(`Reminder: {{if .Course}}{{.Course}}{{else}}your lesson{{end}}{{with .Confirmed}}, {{.}}{{end}}`,
		`{{with .Student}}{{.}} has a lesson with you{{else}}You have a lesson{{end}}{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} on {{.}}{{end}}.

What to do next: come a few minutes early. If you cannot come, tell the school in the chat.`),
	LessonConfirmed: write(`A lesson with you is confirmed{{with .Course}}: {{.}}{{end}}`,
		`{{or .Student "A student"}} has a lesson with you{{with .Course}} “{{.}}”{{end}}.{{with .Confirmed}}
It takes place on {{.}}.{{end}}

What to do next: note the time. If you cannot give the lesson, tell the school.`),
	LessonRevoked: write(`{{if .HandedOver}}A lesson of yours has another teacher now{{else}}A lesson with you was taken back{{end}}{{with .Course}}: {{.}}{{end}}`,
		`The lesson of {{or .Student "a student"}}{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} on {{.}}{{end}} {{if .HandedOver}}is not yours any more{{else}}does not take place{{end}}.{{with .Reason}}
Reason: {{.}}{{end}}

What to do next: nothing; the time is yours again.`),
	BookingCreated: write(`New booking{{with .Course}}: {{.}}{{end}}`,
		`{{or .Student "A student"}} {{if .Moves}}would like to move the lesson{{else}}asks for a lesson{{end}}{{with .Course}} “{{.}}”{{end}}.`+choicesEnglish+`

Please confirm or reject it{{with .Deadline}} by {{.}}; after that it expires{{end}}.`),
	BookingCancelled: write(`Booking cancelled{{with .Course}}: {{.}}{{end}}`,
		`{{or .Student "A student"}} has cancelled {{with .Confirmed}}the lesson on {{.}}{{else}}the booking{{end}}{{with .Course}} “{{.}}”{{end}}.

What to do next: nothing; the time is free again.`),
	BookingExpiring: write(`One day left to decide{{with .Course}}: {{.}}{{end}}`,
		`The booking of {{or .Student "a student"}}{{with .Course}} “{{.}}”{{end}} still waits for a decision.`+choicesEnglish+`

Please confirm or reject it{{with .Deadline}} by {{.}}; after that it expires{{end}}.`),
	ChatUnanswered: write(`Unanswered chat{{with .Student}}: {{.}}{{end}}`,
		`The conversation of {{or .Student "a student"}} has closed without an answer.

Please answer in the chat: your message opens the conversation again.`),
}

const choicesEnglish = `{{with .First}}
First choice: {{.}}{{end}}{{with .Second}}
Second choice: {{.}}{{end}}`
