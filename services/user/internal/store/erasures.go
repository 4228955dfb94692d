package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/contracts/apps"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
)

// scrapeTimeout keeps a scrape from waiting for a database that is away.
const scrapeTimeout = time.Second

// announced are people whom the broker may still name. One whose registration has yet to leave the outbox would be named
// again.
const announced = `SELECT user_id FROM users.erasures e WHERE app_id = $1 AND done_at IS NULL AND NOT EXISTS (
		SELECT FROM users.outbox_events WHERE topic = $2 AND data ->> 'userId' = e.user_id::text)
	ORDER BY requested_at LIMIT 100`

// Announced returns people who have left and whose registration may still be in the broker; see streams.Store.
func (s *Store) Announced(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := s.pool.Query(ctx, announced, apps.User, userevents.TopicRegistered)
	if err != nil {
		return nil, fmt.Errorf("read who has left: %w", err)
	}

	people, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read who has left: %w", err)
	}

	return people, nil
}

// Erasures is the metric of the people whom not every service has forgotten yet.
type Erasures struct{ pool *pgxpool.Pool }

// NewErasures returns the collector.
func NewErasures(pool *pgxpool.Pool) *Erasures { return &Erasures{pool: pool} }

var (
	openErasures = prometheus.NewDesc("shema_erasures_open",
		"People who have left, by the service that has yet to forget them.", []string{"app"}, nil)
	oldestErasure = prometheus.NewDesc("shema_erasures_oldest_seconds",
		"Age of the oldest erasure that is not complete; 0 if all are.", nil, nil)
)

// Describe names the metrics.
func (e *Erasures) Describe(ch chan<- *prometheus.Desc) {
	ch <- openErasures

	ch <- oldestErasure
}

// Collect asks the database; when that is away the metrics are missing, which is an alert of its own.
func (e *Erasures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()

	rows, err := e.pool.Query(ctx, `SELECT app_id, count(*) FILTER (WHERE done_at IS NULL),
		coalesce(extract(epoch FROM clock_timestamp() - min(requested_at) FILTER (WHERE done_at IS NULL)), 0)
		FROM users.erasures GROUP BY app_id`)
	if err != nil {
		return
	}
	defer rows.Close()

	oldest := 0.0

	for rows.Next() {
		var (
			app       string
			open, age float64
		)
		if err := rows.Scan(&app, &open, &age); err != nil {
			return
		}

		oldest = max(oldest, age)

		ch <- prometheus.MustNewConstMetric(openErasures, prometheus.GaugeValue, open, app)
	}

	if rows.Err() == nil {
		ch <- prometheus.MustNewConstMetric(oldestErasure, prometheus.GaugeValue, oldest)
	}
}
