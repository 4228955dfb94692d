-- What a superuser prepares once per database: a role and a schema for each service, and no rights beyond.
-- {pairs} is replaced by rows of (role, schema); the schema is null for roles that own none.
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT * FROM (VALUES {pairs}) AS t (role_name, schema_name) LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r.role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', r.role_name);
            IF r.schema_name IS NOT NULL THEN
                EXECUTE format('ALTER ROLE %I SET search_path = %I', r.role_name, r.schema_name);
            END IF;
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), r.role_name);
        IF r.schema_name IS NOT NULL THEN
            EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', r.schema_name, r.role_name);
        END IF;
    END LOOP;
    -- The verifier has no rights to write; this keeps it from trying.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shema_verifier' AND rolconfig @> ARRAY['default_transaction_read_only=on']) THEN
        ALTER ROLE shema_verifier SET default_transaction_read_only = on;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    -- People are searched by parts of their names and addresses.
    CREATE SCHEMA IF NOT EXISTS extensions;
    GRANT USAGE ON SCHEMA extensions TO PUBLIC;
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions;
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm' AND extnamespace = 'extensions'::regnamespace) THEN
        ALTER EXTENSION pg_trgm SET SCHEMA extensions; -- It was there before us, somewhere else.
    END IF;
END
$$;
