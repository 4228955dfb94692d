package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Mail is one that the platform has sent, as the local mail catcher shows it.
type Mail struct {
	ID          string   `json:"id"`
	From        string   `json:"from"`
	To          []string `json:"to"`
	Subject     string   `json:"subject"`
	ContentType string   `json:"content_type"`
	Body        string   `json:"body"`
	// Parts are those of a mail with several, attached files among them.
	Parts []MailPart `json:"parts"`
}

// MailPart is one text of a mail, or a file.
type MailPart struct {
	ContentType string `json:"content_type"`
	Name        string `json:"name"`
	Body        string `json:"body"`
}

// Mails asks the mail catcher at base for everything that was sent to an address, newest first.
func Mails(base, to string) ([]Mail, error) {
	response, err := http.Get(base + "/mails?to=" + url.QueryEscape(to))
	if err != nil {
		return nil, err
	}

	defer func() { _ = response.Body.Close() }()

	var list struct{ Items []Mail }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return nil, fmt.Errorf("read the mails of %s: %w", to, err)
	}

	return list.Items, nil
}
