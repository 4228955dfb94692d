package rest

import (
	"context"

	"github.com/shema-music/shema/services/contracts/errs"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/request"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

// pick chooses the sentence in the reader's language.
type pick func(errs.Text) string

// language returns the choice that the request asks for.
func language(ctx context.Context) pick {
	if errs.PrefersIndonesian(request.From(ctx).AcceptLanguage) {
		return func(t errs.Text) string { return t.Indonesian }
	}

	return func(t errs.Text) string { return t.English }
}

func toAPI(r *recommendation.Recommendation, in pick) recommendationhttp.Recommendation {
	items := make([]recommendationhttp.RecommendedItem, len(r.Items))
	for i, item := range r.Items {
		items[i] = recommendationhttp.RecommendedItem{
			CourseId:   item.Course.ID,
			Course:     toCourse(&item.Course),
			Score:      item.Points.Score(),
			Confidence: item.Points.Confidence(),
			Reasons:    toSentences(item.Reasons, in),
		}
	}

	return recommendationhttp.Recommendation{
		Id:        r.ID,
		UserId:    r.UserID,
		Items:     items,
		CreatedAt: r.CreatedAt,
	}
}

func toSentences(reasons []recommendation.Reason, in pick) []string {
	sentences := make([]string, len(reasons))
	for i, reason := range reasons {
		sentences[i] = in(reason.Text())
	}

	return sentences
}

func toCourse(c *recommendation.Course) recommendationhttp.RecommendedCourse {
	return recommendationhttp.RecommendedCourse{
		Id:            c.ID,
		Name:          c.Name,
		Title:         c.Title,
		Description:   c.Description,
		Instrument:    c.Instrument,
		Level:         recommendationhttp.Level(c.Level),
		PriceCategory: recommendationhttp.PriceCategory(c.PriceCategory),
		Price:         c.Price,
		Currency:      c.Currency,
		Teacher:       c.Teacher,
		ImageUrl:      c.ImageURL,
		Packages:      toPackages(c.Packages),
		NextSlotAt:    c.NextSlotAt,
		AvailableDays: convert.All[recommendationhttp.Weekday](c.AvailableDays),
		CreatedAt:     c.CreatedAt,
		UpdatedAt:     c.UpdatedAt,
	}
}

func toPackages(from []recommendation.Package) []recommendationhttp.Package {
	all := make([]recommendationhttp.Package, len(from))
	for i, p := range from {
		all[i] = recommendationhttp.Package{
			Name:     p.Name,
			Title:    p.Title,
			Lessons:  p.Lessons,
			Price:    p.Price,
			Currency: p.Currency,
		}
	}

	return all
}

// fromRequest reads the overrides; no body has none.
func fromRequest(body *recommendationhttp.RecommendationRequest) recommendation.Overrides {
	if body == nil {
		return recommendation.Overrides{}
	}

	o := recommendation.Overrides{
		ExperienceLevel: (*string)(body.ExperienceLevel),
		LearningGoal:    (*string)(body.LearningGoal),
		BudgetRange:     (*string)(body.BudgetRange),
		Instruments:     body.PreferredInstruments,
	}
	if body.AvailableDays != nil {
		o.AvailableDays = new(convert.All[string](*body.AvailableDays))
	}

	return o
}
