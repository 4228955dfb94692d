package notification

// indonesian are the texts in the language.
var indonesian = map[Type]text{
	BookingReceived: write(`Pemesanan Anda telah kami terima{{with .Course}}: {{.}}{{end}}`,
		`{{if .Moves}}Sekolah telah menerima permintaan Anda untuk memindahkan les{{else}}Sekolah telah menerima pemesanan Anda{{end}}{{with .Course}} “{{.}}”{{end}}.`+choicesIndonesian+`

Langkah berikutnya: tidak ada. Sekolah memutuskan{{with .Deadline}} paling lambat {{.}}{{end}}, dan Anda akan diberi tahu.`),
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
	BookingRevoked: write(`Les Anda dibatalkan{{with .Course}}: {{.}}{{end}}`,
		`Sekolah terpaksa membatalkan les Anda{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} pada {{.}}{{end}}.{{with .Reason}}
Alasan: {{.}}{{end}}

Langkah berikutnya: pilih dua waktu lain, lalu pesan kembali.`),
	LessonReminder: write(`Pengingat: {{if .Course}}{{.Course}}{{else}}les Anda{{end}}{{with .Confirmed}}, {{.}}{{end}}`,
		`{{with .Student}}{{.}} memiliki les dengan Anda{{else}}Anda memiliki les{{end}}{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} pada {{.}}{{end}}.

Langkah berikutnya: datanglah beberapa menit lebih awal. Jika berhalangan, beri tahu sekolah lewat obrolan.`),
	LessonConfirmed: write(`Les dengan Anda dikonfirmasi{{with .Course}}: {{.}}{{end}}`,
		`{{or .Student "Seorang siswa"}} memiliki les dengan Anda{{with .Course}} “{{.}}”{{end}}.{{with .Confirmed}}
Waktunya {{.}}.{{end}}

Langkah berikutnya: catat waktunya. Jika Anda berhalangan mengajar, beri tahu sekolah.`),
	LessonRevoked: write(`{{if .HandedOver}}Les Anda kini diajar guru lain{{else}}Les dengan Anda dibatalkan{{end}}{{with .Course}}: {{.}}{{end}}`,
		`Les {{or .Student "seorang siswa"}}{{with .Course}} “{{.}}”{{end}}{{with .Confirmed}} pada {{.}}{{end}} {{if .HandedOver}}bukan tugas Anda lagi{{else}}tidak jadi berlangsung{{end}}.{{with .Reason}}
Alasan: {{.}}{{end}}

Langkah berikutnya: tidak ada; waktunya kembali kosong.`),
	BookingCreated: write(`Pemesanan baru{{with .Course}}: {{.}}{{end}}`,
		`{{or .Student "Seorang siswa"}} {{if .Moves}}ingin memindahkan les{{else}}memesan les{{end}}{{with .Course}} “{{.}}”{{end}}.`+choicesIndonesian+`

Mohon konfirmasi atau tolak{{with .Deadline}} paling lambat {{.}}; setelah itu pemesanan kedaluwarsa{{end}}.`),
	BookingCancelled: write(`Pemesanan dibatalkan siswa{{with .Course}}: {{.}}{{end}}`,
		`{{or .Student "Seorang siswa"}} membatalkan {{with .Confirmed}}les pada {{.}}{{else}}pemesanan{{end}}{{with .Course}} “{{.}}”{{end}}.

Langkah berikutnya: tidak ada; waktunya kembali kosong.`),
	BookingExpiring: write(`Sisa satu hari untuk memutuskan{{with .Course}}: {{.}}{{end}}`,
		`Pemesanan {{or .Student "seorang siswa"}}{{with .Course}} “{{.}}”{{end}} masih menunggu keputusan.`+choicesIndonesian+`

Mohon konfirmasi atau tolak{{with .Deadline}} paling lambat {{.}}; setelah itu pemesanan kedaluwarsa{{end}}.`),
	ChatUnanswered: write(`Obrolan belum dijawab{{with .Student}}: {{.}}{{end}}`,
		`Obrolan {{or .Student "seorang siswa"}} berakhir tanpa jawaban.

Mohon jawab lewat obrolan: pesan Anda membuka kembali percakapan itu.`),
}

const choicesIndonesian = `{{with .First}}
Pilihan pertama: {{.}}{{end}}{{with .Second}}
Pilihan kedua: {{.}}{{end}}`
