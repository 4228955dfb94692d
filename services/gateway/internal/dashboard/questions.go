package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/shema-music/shema/services/contracts/apps"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

const (
	bookingService = apps.Booking
	chatService    = apps.Chat
	courseService  = apps.Course
	userService    = apps.User
)

// pageSize is the most that a page can have; who wants to see more goes to the list itself.
const pageSize = 100

// question is what one service is asked for one part.
type question struct {
	appID, part string
	// request is made by the service's generated client.
	request func(baseURL string) (*http.Request, error)
	// keep reads the answer's body into its part, or leaves that as it is.
	keep func(body []byte) error
	// then returns the question that is still open after the answer, if there is one.
	then func() (next question, open bool)
}

// questions are those that fill the answer. Each has parts of its own to write to.
func questions(a *Answer) []question {
	pending := &page{}

	return []question{
		{
			appID:   bookingService,
			part:    "pendingBookings",
			request: pendingBookings,
			keep:    pending.keep(&a.PendingBookings),
			then: func() (question, bool) {
				// A list that is whole has been counted.
				if a.PendingBookings != nil && pending.NextCursor == nil {
					a.Stats.PendingBookings = new(int64(len(a.PendingBookings)))
					return question{}, false
				}

				return question{
					appID:   bookingService,
					part:    "stats.pending_bookings",
					request: bookinghttp.NewGetBookingStatsRequest,
					keep:    count(&a.Stats.PendingBookings),
				}, true
			},
		},
		{appID: chatService, part: "activeSessions", request: activeSessions, keep: (&page{}).keep(&a.ActiveSessions)},
		{appID: chatService, part: "stats.active_chats", request: chathttp.NewGetChatStatsRequest, keep: chats(&a.Stats)},
		{
			appID:   courseService,
			part:    "stats.courses_available",
			request: coursehttp.NewGetCourseStatsRequest,
			keep:    count(&a.Stats.CoursesAvailable),
		},
		{
			appID:   userService,
			part:    "stats.total_students",
			request: userhttp.NewGetUserStatsRequest,
			keep:    count(&a.Stats.TotalStudents),
		},
	}
}

func pendingBookings(baseURL string) (*http.Request, error) {
	return bookinghttp.NewListPendingBookingsRequest(baseURL, &bookinghttp.ListPendingBookingsParams{Limit: new(pageSize)})
}

func activeSessions(baseURL string) (*http.Request, error) {
	return chathttp.NewListActiveChatSessionsRequest(baseURL, &chathttp.ListActiveChatSessionsParams{Limit: new(pageSize)})
}

var (
	errNoItems = errors.New("the answer has no items")
	errNoCount = errors.New("the answer has no count")
)

// page is a list's answer.
type page struct {
	Items      []json.RawMessage `json:"items"`
	NextCursor *string           `json:"next_cursor"`
}

// keep takes the items of a page, without looking into them.
func (p *page) keep(into *[]json.RawMessage) func([]byte) error {
	return func(body []byte) error {
		if err := json.Unmarshal(body, p); err != nil {
			return fmt.Errorf("read a page: %w", err)
		}

		if p.Items == nil {
			return errNoItems
		}

		*into = p.Items

		return nil
	}
}

// statistic is a number, and for chats how many of all wait for an answer.
type statistic struct {
	Count      *int64 `json:"count"`
	Unanswered *int64 `json:"unanswered"`
}

func readStatistic(body []byte) (statistic, error) {
	var s statistic

	switch err := json.Unmarshal(body, &s); {
	case err != nil:
		return statistic{}, fmt.Errorf("read a statistic: %w", err)
	case s.Count == nil:
		return statistic{}, errNoCount
	}

	return s, nil
}

// count takes the number of a statistic.
func count(into **int64) func([]byte) error {
	return func(body []byte) (err error) {
		s, err := readStatistic(body)
		*into = s.Count

		return err
	}
}

// chats takes both numbers of the chat service. One of an older release knows the first alone; the other is null then.
func chats(into *Stats) func([]byte) error {
	return func(body []byte) error {
		s, err := readStatistic(body)
		into.ActiveChats, into.UnansweredChats = s.Count, s.Unanswered

		return err
	}
}
