package letter

import "github.com/shema-music/shema/services/user/internal/user"

// Where the links lead, on the website. The token is all that is filled in.
const (
	resetPath  = "/reset?token=%s"
	verifyPath = "/verify?token=%s"
	chatPath   = "/chat%.0s"
	noPath     = "%.0s"
)

// words are a letter about an account. A letter without a label has no link.
type words struct{ subject, text, path, label string }

// letters are all letters that are no notifications, by language and kind.
var letters = map[user.Language]map[user.LetterKind]words{
	user.English: {
		user.LetterEmailVerification: {
			"Please confirm your e-mail address",
			"Welcome to Shema Music. Please confirm that this address is yours; the link works for seven days.\n\n" +
				"If you have not registered, ignore this mail.",
			verifyPath, "Confirm the address",
		},
		user.LetterPasswordReset: {
			"Choose a new password",
			"Somebody, probably you, has asked for a new password for your account. The link works for one hour, and once.\n\n" +
				"If it was not you, ignore this mail: your password stays as it is.",
			resetPath, "Choose a new password",
		},
		user.LetterInvitation: {
			"You are invited to Shema Music",
			"The school has made an account for you. Choose a password to begin; the link works for three days, and once.",
			resetPath, "Choose a password",
		},
		user.LetterEmailChange: {
			"Please confirm your new e-mail address",
			"You have asked to use this address for your account. It changes when you confirm it; the link works for seven days.\n\n" +
				"If it was not you, ignore this mail.",
			verifyPath, "Use this address",
		},
		user.LetterEmailChanged: {
			"Your e-mail address has changed",
			"Your account at Shema Music now has another e-mail address, and this one is no longer used.\n\n" +
				"If it was not you, please tell the school at once.",
			noPath, "",
		},
		user.LetterEmailTaken: {
			"You have an account already",
			"Somebody, probably you, has tried to use this address for an account, but you have one already. Sign in with it; " +
				"if you don't know the password any more, you can choose a new one on the sign-in page.",
			noPath, "",
		},
		user.LetterChatReply: {
			"The school has answered you",
			"There is an answer to your question in the chat.",
			chatPath, "Open the chat",
		},
	},
	user.Indonesian: {
		user.LetterEmailVerification: {
			"Mohon konfirmasi alamat surel Anda",
			"Selamat datang di Shema Music. Mohon konfirmasi bahwa alamat ini milik Anda; tautan berlaku tujuh hari.\n\n" +
				"Jika Anda tidak mendaftar, abaikan surel ini.",
			verifyPath, "Konfirmasi alamat",
		},
		user.LetterPasswordReset: {
			"Pilih kata sandi baru",
			"Seseorang, kemungkinan Anda sendiri, meminta kata sandi baru untuk akun Anda. Tautan berlaku satu jam, dan satu kali.\n\n" +
				"Jika bukan Anda, abaikan surel ini: kata sandi Anda tidak berubah.",
			resetPath, "Pilih kata sandi baru",
		},
		user.LetterInvitation: {
			"Anda diundang ke Shema Music",
			"Sekolah telah membuatkan akun untuk Anda. Pilih kata sandi untuk memulai; tautan berlaku tiga hari, dan satu kali.",
			resetPath, "Pilih kata sandi",
		},
		user.LetterEmailChange: {
			"Mohon konfirmasi alamat surel baru Anda",
			"Anda meminta agar alamat ini dipakai untuk akun Anda. Alamat berubah setelah Anda mengonfirmasinya; tautan berlaku " +
				"tujuh hari.\n\nJika bukan Anda, abaikan surel ini.",
			verifyPath, "Pakai alamat ini",
		},
		user.LetterEmailChanged: {
			"Alamat surel Anda telah berubah",
			"Akun Anda di Shema Music kini memakai alamat surel lain, dan alamat ini tidak dipakai lagi.\n\n" +
				"Jika bukan Anda, mohon segera beri tahu sekolah.",
			noPath, "",
		},
		user.LetterEmailTaken: {
			"Anda sudah memiliki akun",
			"Seseorang, kemungkinan Anda sendiri, mencoba memakai alamat ini untuk sebuah akun, padahal Anda sudah memilikinya. " +
				"Silakan masuk; jika lupa kata sandi, Anda dapat memilih yang baru di halaman masuk.",
			noPath, "",
		},
		user.LetterChatReply: {
			"Sekolah telah menjawab Anda",
			"Ada jawaban atas pertanyaan Anda di obrolan.",
			chatPath, "Buka obrolan",
		},
	},
}
