now AS MATERIALIZED (
  SELECT COALESCE(:at::bigint, FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) AS at
),
