package platform_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Database rights", func() {
	schemas := []string{"users", "auth", "course", "booking", "recommendation"}

	DescribeTable("a role sees its own schema only", func(role, own string) {
		for _, schema := range schemas {
			var (
				usage    bool
				readable int
			)

			row := platform.DB.QueryRow(context.Background(), `SELECT has_schema_privilege($1, $2, 'USAGE'),
				(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
					WHERE n.nspname = $2 AND c.relkind IN ('r', 'p', 'v')
					AND has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))`, role, schema)
			Expect(row.Scan(&usage, &readable)).To(Succeed())

			if schema == own {
				Expect(usage).To(BeTrue())
				Expect(readable).To(BeNumerically(">", 0))
			} else {
				Expect(usage).To(BeFalse(), "%s uses %s", role, schema)
				Expect(readable).To(BeZero(), "%s reads %s", role, schema)
			}
		}

		var super, mayCreate bool

		row := platform.DB.QueryRow(context.Background(), `SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls,
			has_schema_privilege(rolname, 'public', 'CREATE') FROM pg_roles WHERE rolname = $1`, role)
		Expect(row.Scan(&super, &mayCreate)).To(Succeed())
		Expect(super || mayCreate).To(BeFalse())
	},
		Entry(nil, "user_service", "users"), Entry(nil, "auth_service", "auth"),
		Entry(nil, "course_service", "course"), Entry(nil, "booking_service", "booking"),
		Entry(nil, "recommendation_service", "recommendation"),
	)

	It("lets the operator write the catalogue, and neither who holds a slot nor anything else", func() {
		var wrong []string

		rows, err := platform.DB.Query(context.Background(), `
			SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND c.relname NOT IN ('courses', 'schedules', 'river_job', 'outbox_events')
				AND has_table_privilege('catalog_operator', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
			UNION ALL SELECT 'schedules.' || a.attname FROM pg_attribute a
			WHERE a.attrelid = 'course.schedules'::regclass AND a.attname IN ('status', 'booking_id')
				AND (has_column_privilege('catalog_operator', a.attrelid, a.attnum, 'UPDATE')
					OR has_column_privilege('catalog_operator', a.attrelid, a.attnum, 'INSERT') AND a.attname = 'booking_id')`, schemas)
		Expect(err).NotTo(HaveOccurred())

		for rows.Next() {
			var name string
			Expect(rows.Scan(&name)).To(Succeed())

			wrong = append(wrong, name)
		}

		Expect(rows.Err()).NotTo(HaveOccurred())
		Expect(wrong).To(BeEmpty())
	})
})
