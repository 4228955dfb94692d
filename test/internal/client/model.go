package client

import "time"

// Session is the answer to a registration, a sign-in or a renewal.
type Session struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	User         User   `json:"user"`
}

// User is a person.
type User struct {
	ID                   string     `json:"id"`
	Email                string     `json:"email"`
	FullName             string     `json:"full_name"`
	Phone                *string    `json:"phone"`
	Role                 string     `json:"role"`
	Status               string     `json:"status"`
	ExperienceLevel      *string    `json:"experience_level"`
	LearningGoal         *string    `json:"learning_goal"`
	PreferredInstruments []string   `json:"preferred_instruments"`
	BudgetRange          *string    `json:"budget_range"`
	AvailableDays        []string   `json:"available_days"`
	LastLoginAt          *time.Time `json:"last_login_at"`
	CreatedAt            time.Time  `json:"created_at"`
}

// OpenSession is one entry of the list of one's sessions.
type OpenSession struct {
	ID         string    `json:"id"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Current    bool      `json:"current"`
}

// Course is a published course.
type Course struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Title         string    `json:"title"`
	Description   string    `json:"description"`
	Instrument    string    `json:"instrument"`
	Level         string    `json:"level"`
	PriceCategory string    `json:"price_category"`
	Price         *string   `json:"price"`
	Currency      *string   `json:"currency"`
	Teacher       *string   `json:"teacher"`
	AvailableDays []string  `json:"available_days"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// Slot is one lesson that can be booked, or is.
type Slot struct {
	ID       string    `json:"id"`
	CourseID string    `json:"course_id"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	TimeZone string    `json:"time_zone"`
	Status   string    `json:"status"`
}

// Booking is a student's wish for one of two slots.
type Booking struct {
	ID                 string     `json:"id"`
	UserID             string     `json:"user_id"`
	CourseID           string     `json:"course_id"`
	FirstChoiceSlotID  string     `json:"first_choice_slot_id"`
	SecondChoiceSlotID string     `json:"second_choice_slot_id"`
	Status             string     `json:"status"`
	StatusReason       *string    `json:"status_reason"`
	Note               *string    `json:"note"`
	CreatedAt          time.Time  `json:"created_at"`
	ExpiresAt          time.Time  `json:"expires_at"`
	ConfirmedSlotID    *string    `json:"confirmed_slot_id"`
	ConfirmedAt        *time.Time `json:"confirmed_at"`
	DecisionNote       *string    `json:"decision_note"`
}

// PendingBooking is a booking with what an admin needs to decide.
type PendingBooking struct {
	Booking

	User         *User   `json:"user"`
	Course       *Course `json:"course"`
	FirstChoice  *Slot   `json:"first_choice"`
	SecondChoice *Slot   `json:"second_choice"`
}

// Lesson is a confirmed booking as the people of the lesson see it.
type Lesson struct {
	BookingID string `json:"booking_id"`
	Course    Course `json:"course"`
	Slot      Slot   `json:"slot"`
	// Student has the contacts for admins only.
	Student        User    `json:"student"`
	Teacher        *User   `json:"teacher"`
	Package        *string `json:"package"`
	Note           *string `json:"note"`
	Attended       *bool   `json:"attended"`
	AttendanceNote *string `json:"attendance_note"`
}

// Notification is something that a person has been told.
type Notification struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Body      string         `json:"body"`
	Data      map[string]any `json:"data"`
	ReadAt    *time.Time     `json:"read_at"`
	CreatedAt time.Time      `json:"created_at"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

// Count is the answer of the statistics.
type Count struct {
	Count int `json:"count"`
}
