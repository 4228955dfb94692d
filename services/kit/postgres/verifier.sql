-- What the verifier may read of a schema: ids, times, numbers, and the words of a state. Nothing that a person wrote.
-- {name} is replaced by the schema's name as a literal. Where the role does not exist nothing is granted.
DO $$
DECLARE
    t record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shema_verifier') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO shema_verifier', {name});
    FOR t IN
        SELECT c.relname, string_agg(quote_ident(a.attname), ', ') AS columns
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = {name}::regnamespace AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
          AND (a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype, 'timestamptz'::regtype, 'bigint'::regtype,
                              'integer'::regtype, 'smallint'::regtype, 'boolean'::regtype)
            OR a.atttypid = to_regtype(quote_ident({name}) || '.river_job_state')
            OR a.attname IN ('status', 'status_reason', 'state', 'kind', 'queue', 'role', 'topic', 'type')
            OR c.relname IN ('inbox_events', 'dead_letters') AND a.attname = 'id')
        GROUP BY c.relname
    LOOP
        EXECUTE format('GRANT SELECT (%s) ON %I.%I TO shema_verifier', t.columns, {name}, t.relname);
    END LOOP;
END
$$;
