-- Carries out those of the guarded moves that fit. Why another does not, core's plan says.
-- :items  jsonb, of each { n, id, way, token, used, delayMs, resultUrl, output, errorMessage }; no id twice
-- :moves  jsonb, the moves of each way, in their order
-- :rows   boolean, whether to answer the rows
-- :lane   int
-- :at     bigint, epoch milliseconds; null: the server's clock
-- Answer  { at, done: of each that was carried out [n, the move's number], rows: theirs }
WITH
-- include: clock asked
model AS MATERIALIZED (
  SELECT l."modelId" FROM "ModelConcurrencyLimit" l
  WHERE (SELECT COUNT(*) FROM account) >= 0 AND l."modelId" IN (SELECT "modelId" FROM owner)
  ORDER BY l."modelId" FOR UPDATE
),
-- include: settle
taken AS (SELECT * FROM freed),
-- include: limits
shift AS MATERIALIZED (
  -- include: settle-shifts
),
fact AS (
  -- include: settle-facts
),
-- include: tally
SELECT now.at,
  (SELECT JSON_AGG(JSON_BUILD_ARRAY(n, number) ORDER BY n)::text FROM fit) AS done,
  CASE WHEN :rows::boolean THEN (SELECT JSON_AGG(s ORDER BY n)::text FROM settled s) END AS rows
FROM now
