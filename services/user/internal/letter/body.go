package letter

import (
	"html"
	"strings"

	"github.com/shema-music/shema/services/user/internal/user"
)

const signature = "Shema Music"

// body is what both parts of a mail say.
type body struct {
	name     string
	language user.Language
	// text has paragraphs, which an empty line parts.
	text string
	// items are a list below the text.
	items []item
	// link is a button with the label, or empty.
	link, label string
}

// item is a line of a list, with where it leads; link may be empty.
type item struct{ text, link, label string }

func (b *body) greeting() string {
	hello := "Halo"
	if b.language == user.English {
		hello = "Hello"
	}

	if b.name == "" {
		return hello + ","
	}

	return hello + " " + b.name + ","
}

func (b *body) plain() string {
	parts := []string{b.greeting(), strings.ReplaceAll(b.text, "\r\n", "\n")}
	for _, i := range b.items {
		parts = append(parts, strings.TrimSuffix("- "+i.text+"\n  "+i.link, "\n  "))
	}

	if b.label != "" {
		parts = append(parts, b.label+":\n"+b.link)
	}

	return strings.Join(append(parts, signature), "\n\n") + "\n"
}

func (b *body) html() string {
	var out strings.Builder
	out.WriteString(`<!doctype html><html lang="` + string(b.language) + `"><head><meta charset="utf-8"></head><body>`)
	writeParagraphs(&out, b.greeting()+"\n\n"+strings.ReplaceAll(b.text, "\r\n", "\n"))

	writeItems(&out, b.items)

	if b.label != "" {
		out.WriteString("\n<p>" + anchor(b.link, b.label) + "</p>")
	}

	writeParagraphs(&out, signature)
	out.WriteString("\n</body></html>\n")

	return out.String()
}

func writeItems(out *strings.Builder, items []item) {
	if len(items) == 0 {
		return
	}

	out.WriteString("\n<ul>")

	for _, i := range items {
		out.WriteString("\n<li>" + html.EscapeString(i.text))

		if i.link != "" {
			out.WriteString(" " + anchor(i.link, i.label))
		}

		out.WriteString("</li>")
	}

	out.WriteString("\n</ul>")
}

func anchor(link, label string) string {
	return `<a href="` + html.EscapeString(link) + `">` + html.EscapeString(label) + "</a>"
}

func writeParagraphs(out *strings.Builder, text string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		lines := strings.ReplaceAll(html.EscapeString(strings.Trim(paragraph, "\n")), "\n", "<br>\n")
		out.WriteString("\n<p>" + lines + "</p>")
	}
}
