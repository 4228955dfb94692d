package client

import "encoding/json"

// Dashboard is what an admin sees first. What its service did not give is nil.
type Dashboard struct {
	PendingBookings []PendingBooking  `json:"pendingBookings"`
	ActiveSessions  []json.RawMessage `json:"activeSessions"`
	Stats           DashboardStats    `json:"stats"`
	Degraded        []string          `json:"degraded"`
}

// DashboardStats are the numbers on it.
type DashboardStats struct {
	TotalStudents    *int `json:"total_students"`
	PendingBookings  *int `json:"pending_bookings"`
	ActiveChats      *int `json:"active_chats"`
	CoursesAvailable *int `json:"courses_available"`
}
