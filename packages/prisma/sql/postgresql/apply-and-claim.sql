-- Carries out guarded moves as apply does, and gives the slots that they free, and any other, to those that wait, as claim
-- does: one commit from the end of a generation to the start of the next. No move may take from the queue or put into it
-- what may start at once. Unless all moves fit, nothing is claimed.
-- :items    jsonb, of each { n, id, way, token, used, delayMs, resultUrl, output, errorMessage }; no id twice
-- :moves    jsonb, the moves of each way, in their order
-- :models   text[]; null: all
-- :tokens   text[], as many as may be claimed
-- :claim    jsonb, the move
-- :leaseMs  bigint
-- :lane     int
-- :at       bigint, epoch milliseconds; null: the server's clock
-- Answer    { at, done: of each that was carried out [n, the move's number], rows: those claimed, missed }
WITH
-- include: clock asked
model AS MATERIALIZED (
  SELECT l."modelId", l.paused, l."maxConcurrent", l."currentActive" FROM "ModelConcurrencyLimit" l
  WHERE (SELECT COUNT(*) FROM account) >= 0 AND (l."modelId" IN (SELECT "modelId" FROM owner)
    OR l."currentActive" < l."maxConcurrent" AND -- include: startable
  )
  ORDER BY l."modelId" FOR UPDATE
),
-- include: settle
open AS MATERIALIZED (
  SELECT * FROM (
    SELECT m."modelId", m."maxConcurrent" - GREATEST(0, m."currentActive" + COALESCE(f.slots, 0)) AS slots
    FROM model m LEFT JOIN freed f ON f."modelId" = m."modelId"
    -- What did not fit is looked at again, and must not meet what was claimed meanwhile.
    WHERE (SELECT COUNT(*) FROM fit) = (SELECT COUNT(*) FROM item) AND NOT m.paused AND (:models::text[] IS NULL OR m."modelId" = ANY(:models::text[]))
  ) o WHERE slots > 0
),
-- include: claim
taken AS (
  SELECT "modelId", SUM(slots)::int AS slots, MAX(runs) AS runs FROM (
    SELECT "modelId", slots, runs FROM freed UNION ALL SELECT "modelId", 1, NULL FROM claimed
  ) s GROUP BY "modelId"
),
-- include: limits
shift AS MATERIALIZED (
  -- include: settle-shifts
  UNION ALL
  -- include: claim-shifts
),
fact AS (
  -- include: settle-facts
  UNION ALL
  -- include: claim-facts
),
-- include: tally
SELECT now.at,
  (SELECT JSON_AGG(JSON_BUILD_ARRAY(n, number) ORDER BY n)::text FROM fit) AS done,
  (SELECT JSON_AGG(c ORDER BY n)::text FROM claimed c) AS rows,
  -- include: missed
FROM now
