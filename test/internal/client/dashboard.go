package client

import "time"

// Dashboard is what an admin sees first. What its service did not give is nil.
type Dashboard struct {
	PendingBookings []PendingBooking `json:"pendingBookings"`
	ActiveSessions  []ChatSession    `json:"activeSessions"`
	Stats           DashboardStats   `json:"stats"`
	Degraded        []string         `json:"degraded"`
}

// DashboardStats are the numbers on it.
type DashboardStats struct {
	TotalStudents    *int `json:"total_students"`
	PendingBookings  *int `json:"pending_bookings"`
	ActiveChats      *int `json:"active_chats"`
	UnansweredChats  *int `json:"unanswered_chats"`
	CoursesAvailable *int `json:"courses_available"`
}

// ChatSession is an open session of the chat as an admin sees it.
type ChatSession struct {
	ID             string    `json:"id"`
	User           *User     `json:"user"`
	Status         string    `json:"status"`
	StartedAt      time.Time `json:"started_at"`
	LastActivityAt time.Time `json:"last_activity_at"`
	MessageCount   int       `json:"message_count"`
	Unread         int       `json:"unread"`
	// Unanswered is on the list of all sessions alone.
	Unanswered bool `json:"unanswered"`
}
