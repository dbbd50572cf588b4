-- Carries out guarded moves of running and waiting generations, all of them or none: when one does not fit plainly, nothing
-- changes, and core's plan decides.
-- :items  jsonb, of each { n, id, way, token, used, delayMs, resultUrl, output, errorMessage }; no id twice
-- :moves  jsonb, the moves of each way, in their order
-- :rows   boolean, whether to answer the rows
-- :lane   int
-- :at     bigint, epoch milliseconds; null: the server's clock
-- Answer  { ok, at, moves: the numbers of those that were carried out, rows }
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
SELECT plain.ok, now.at,
  (SELECT JSON_AGG(number ORDER BY n)::text FROM fit) AS moves,
  CASE WHEN :rows::boolean THEN (SELECT JSON_AGG(s ORDER BY n)::text FROM settled s) END AS rows
FROM plain, now
