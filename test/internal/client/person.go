package client

import "maps"

// Person is a client with an account and, mostly, a session.
type Person struct {
	*Client

	Email    string
	Password string
	Session  Session
}

// Registration is the body of POST /api/auth/register with the fields a test cares about.
type Registration map[string]any

// Register signs a new student up.
func (c *Client) Register(email, password string, more Registration, options ...Option) Answer {
	body := Registration{"email": email, "password": password, "full_name": "Siswa Uji"}
	maps.Copy(body, more)
	return c.Post("/api/auth/register", body, options...)
}

// Login signs in.
func (c *Client) Login(email, password string) Answer {
	return c.Post("/api/auth/login", map[string]any{"email": email, "password": password})
}

// Refresh exchanges a refresh token.
func (c *Client) Refresh(token string) Answer {
	return c.Post("/api/auth/refresh", map[string]any{"refresh_token": token})
}

// Logout ends the session of a refresh token.
func (c *Client) Logout(token string) Answer {
	return c.Post("/api/auth/logout", map[string]any{"refresh_token": token})
}

// ChangePassword replaces one's password.
func (c *Client) ChangePassword(current, next string) Answer {
	return c.Post("/api/auth/password", map[string]any{"current_password": current, "new_password": next})
}

// Book asks for a lesson with two slots to choose from.
func (c *Client) Book(course, first, second string, options ...Option) Answer {
	return c.Post("/api/bookings/create", BookingRequest(course, first, second), options...)
}

// BookingRequest is the body of Book.
func BookingRequest(course, first, second string) map[string]string {
	return map[string]string{"course_id": course, "first_choice_slot_id": first, "second_choice_slot_id": second}
}

// Booking reads one booking.
func (c *Client) Booking(id string) Answer { return c.Get("/api/bookings/" + id) }

// Cancel withdraws one's own pending booking.
func (c *Client) Cancel(id string) Answer { return c.Post("/api/bookings/"+id+"/cancel", nil) }

// Confirm picks one of the two slots.
func (c *Client) Confirm(id, slot string) Answer {
	return c.Post("/api/bookings/"+id+"/confirm", map[string]any{"slot_id": slot})
}

// Reject refuses a pending booking; an empty reason sends no body.
func (c *Client) Reject(id, reason string) Answer {
	if reason == "" {
		return c.Post("/api/bookings/"+id+"/reject", nil)
	}

	return c.Post("/api/bookings/"+id+"/reject", map[string]any{"reason": reason})
}

// Revoke takes a confirmed booking back.
func (c *Client) Revoke(id, reason string) Answer {
	return c.Post("/api/bookings/"+id+"/revoke", map[string]any{"reason": reason})
}

// SetAccess changes the user's role or status.
func (c *Client) SetAccess(user string, change map[string]any) Answer {
	return c.Patch("/api/users/"+user, change)
}
