package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

const (
	bookingService = "booking-service"
	chatService    = "chat-service"
	courseService  = "course-service"
	userService    = "user-service"
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
}

// questions are those that fill the answer. Each has a part of its own to write to.
func questions(a *Answer) []question {
	return []question{
		{bookingService, "pendingBookings", pendingBookings, items(&a.PendingBookings)},
		{bookingService, "stats.pending_bookings", bookinghttp.NewGetBookingStatsRequest, count(&a.Stats.PendingBookings)},
		{chatService, "activeSessions", activeSessions, items(&a.ActiveSessions)},
		{chatService, "stats.active_chats", chathttp.NewGetChatStatsRequest, count(&a.Stats.ActiveChats)},
		{courseService, "stats.courses_available", coursehttp.NewGetCourseStatsRequest, count(&a.Stats.CoursesAvailable)},
		{userService, "stats.total_students", userhttp.NewGetUserStatsRequest, count(&a.Stats.TotalStudents)},
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

// items takes the items of a page, without looking into them.
func items(into *[]json.RawMessage) func([]byte) error {
	return func(body []byte) error {
		var page struct {
			Items []json.RawMessage `json:"items"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return fmt.Errorf("read a page: %w", err)
		}

		if page.Items == nil {
			return errNoItems
		}

		*into = page.Items

		return nil
	}
}

// count takes the number of a statistic.
func count(into **int64) func([]byte) error {
	return func(body []byte) error {
		var statistic struct {
			Count *int64 `json:"count"`
		}
		if err := json.Unmarshal(body, &statistic); err != nil {
			return fmt.Errorf("read a statistic: %w", err)
		}

		if statistic.Count == nil {
			return errNoCount
		}

		*into = statistic.Count

		return nil
	}
}
