package client

import (
	"net/http"
	"net/url"
)

// Walk reads all pages of a list. The path has a query already.
func Walk[T any](c *Client, path string) ([]T, error) {
	var all []T

	cursor := ""
	for {
		page, err := Decode[Page[T]](c.Get(path+cursor), http.StatusOK)
		if err != nil {
			return nil, err
		}

		all = append(all, page.Items...)
		if page.NextCursor == nil {
			return all, nil
		}

		cursor = "&cursor=" + url.QueryEscape(*page.NextCursor)
	}
}

// Available reads all available slots of a course.
func Available(c *Client, course string) ([]Slot, error) {
	return Walk[Slot](c, "/api/schedules/available?limit=100&course_id="+course)
}
