package auth

import (
	"context"

	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// exportedLines is how many lines of the audit log are in one part of an export; each has far less than 2 KiB.
const exportedLines = 500

// Export is a part of what is kept of a person. Next is where the next part begins, or nil.
type Export struct {
	Sessions   []Session
	MailTokens []MailTokenUse
	Lines      []AuditLine
	Next       *AuditPosition
}

// Export returns the part after the position, the first one for nil. The first one has the sessions and
// the tokens of mails, and is noted.
func (s *Service) Export(ctx context.Context, p kitauth.Principal, after *AuditPosition, c Client) (*Export, error) {
	part := &Export{}

	if after == nil {
		d, _, err := s.documents.Load(ctx, p.UserID)
		if err != nil {
			return nil, err
		}

		part.Sessions = d.open(s.now())

		if part.MailTokens, err = s.mails.Uses(ctx, p.UserID); err != nil {
			return nil, err
		}

		s.record(ctx, s.entry(EventExported, p.UserID, c))
	}

	lines, err := s.audit.Lines(ctx, AuditFilter{UserID: &p.UserID}, after, exportedLines+1)
	if err != nil {
		return nil, err
	}

	if len(lines) > exportedLines {
		lines = lines[:exportedLines]
		end := lines[exportedLines-1].Position()
		part.Next = &end
	}

	for i := range lines {
		hideOthers(&lines[i], p)
	}

	part.Lines = lines

	return part, nil
}

// hideOthers takes out where other people were when they did something to the person.
func hideOthers(l *AuditLine, p kitauth.Principal) {
	if l.ActorID != nil && *l.ActorID != p.UserID {
		l.IP, l.UserAgent = nil, nil
	}
}
