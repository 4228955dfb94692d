package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

func (d *demo) recommendations() []step {
	return []step{
		{"A recommendation was made for Ayu by itself when she registered", d.seeRecommendation},
		{"She would rather play the sasando, and now the new course suits her best", d.askForAnother},
		{"Both are in her history, and Budi has his own", d.seeRecommendations},
	}
}

func (d *demo) seeRecommendation(ctx context.Context) error {
	const patience = 10 * time.Second

	var r client.Recommendation
	if _, err := until(ctx, patience, func() error {
		return got(d.student.Get("/api/recommendations/latest"), http.StatusOK, &r)
	}); err != nil {
		return err
	}

	if len(r.Items) == 0 || len(r.Items[0].Reasons) == 0 {
		return errors.New("there is nothing in it, or no reason")
	}

	d.show(&r)

	return nil
}

// show prints the courses of a recommendation, with the reasons for the best one.
func (d *demo) show(r *client.Recommendation) {
	for _, item := range r.Items {
		d.console.notef("%6.2f  %s", item.Score, item.Course.Title)
	}

	for _, reason := range r.Items[0].Reasons {
		d.console.notef("        %s", reason)
	}
}

func (d *demo) askForAnother(context.Context) error {
	const perfect = 100

	var r client.Recommendation

	wish := map[string]any{"preferred_instruments": []string{d.course.Instrument}}
	if err := got(d.student.Post("/api/recommendations/generate", wish), http.StatusOK, &r); err != nil {
		return err
	}

	for i, item := range r.Items {
		if item.CourseID != d.course.ID {
			continue
		}

		if item.Score != perfect || item.Confidence != 1 || r.Items[0].Score != perfect {
			return fmt.Errorf("it is number %d with a score of %.2f", i+1, item.Score)
		}

		d.show(&r)

		return nil
	}

	return errors.New("the course that has all she wants is not in it")
}

func (d *demo) seeRecommendations(ctx context.Context) error {
	const hers = 2

	var page client.Page[client.Recommendation]
	if err := got(d.student.Get("/api/recommendations"), http.StatusOK, &page); err != nil {
		return err
	}

	if len(page.Items) != hers {
		return fmt.Errorf("there are %d, not %d", len(page.Items), hers)
	}

	_, err := until(ctx, told, func() error {
		if err := got(d.second.Get("/api/recommendations"), http.StatusOK, &page); err != nil {
			return err
		}

		if len(page.Items) != 1 {
			return fmt.Errorf("he has %d", len(page.Items))
		}

		return nil
	})

	return err
}
