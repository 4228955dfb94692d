package client

import "time"

// Recommendation is a list of courses that suit a student, the best one first.
type Recommendation struct {
	ID        string            `json:"id"`
	UserID    string            `json:"user_id"`
	Items     []RecommendedItem `json:"items"`
	CreatedAt time.Time         `json:"created_at"`
}

// RecommendedItem is one course of a recommendation, and why it is there.
type RecommendedItem struct {
	CourseID   string   `json:"course_id"`
	Course     Course   `json:"course"`
	Score      float64  `json:"score"`
	Confidence float64  `json:"confidence"`
	Reasons    []string `json:"reasons"`
}
