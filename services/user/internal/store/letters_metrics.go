package store

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	mailsWaiting = prometheus.NewDesc("shema_mails_waiting",
		"Mails that are due and have not left, by lane: accounts, people, admins, unsorted.", []string{"lane"}, nil)
	mailsOldest = prometheus.NewDesc("shema_mails_oldest_seconds",
		"For how long the oldest mail that has not left has been due or being tried; 0 if there is none.", nil, nil)
)

// Describe names the metrics.
func (l *Letters) Describe(ch chan<- *prometheus.Desc) {
	ch <- mailsWaiting

	ch <- mailsOldest
}

// Collect asks the database; when that is away the metrics are missing, which is an alert of its own. What gathers for a
// digest does not wait.
func (l *Letters) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()

	rows, err := l.pool.Query(ctx, `SELECT lane, count(*)::float8,
			coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8
		FROM users.letters WHERE due_at IS NOT NULL AND done_at IS NULL AND (due_at <= now() OR tries > 0) GROUP BY lane`)
	if err != nil {
		return
	}
	defer rows.Close()

	longest := 0.0

	for rows.Next() {
		var (
			lane          string
			count, oldest float64
		)
		if err := rows.Scan(&lane, &count, &oldest); err != nil {
			return
		}

		longest = max(longest, oldest)

		ch <- prometheus.MustNewConstMetric(mailsWaiting, prometheus.GaugeValue, count, lane)
	}

	if rows.Err() == nil {
		ch <- prometheus.MustNewConstMetric(mailsOldest, prometheus.GaugeValue, longest)
	}
}
