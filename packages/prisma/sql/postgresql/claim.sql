-- Gives free slots to those that wait, best first over the models asked for, each under one token.
-- :models   text[]; null: all
-- :tokens   text[], as many as may be claimed
-- :claim    jsonb, the move
-- :leaseMs  bigint
-- :lane     int
-- :at       bigint, epoch milliseconds; null: the server's clock
-- Answer    { rows, missed }
WITH
-- include: clock
model AS MATERIALIZED (
  SELECT l."modelId", l.paused, l."maxConcurrent", l."currentActive" FROM "ModelConcurrencyLimit" l
  WHERE l."currentActive" < l."maxConcurrent" AND -- include: startable
  ORDER BY l."modelId" FOR UPDATE
),
-- The limits as they stand now that they are held.
open AS MATERIALIZED (
  SELECT "modelId", "maxConcurrent" - GREATEST(0, "currentActive") AS slots FROM model
  WHERE NOT paused AND "currentActive" < "maxConcurrent"
),
-- include: claim
taken AS (SELECT "modelId", COUNT(*)::int AS slots, NULL::text AS runs FROM claimed GROUP BY "modelId"),
-- include: limits
shift AS MATERIALIZED (
  -- include: claim-shifts
),
fact AS (
  -- include: claim-facts
),
-- include: tally
SELECT (SELECT JSON_AGG(c ORDER BY n)::text FROM claimed c) AS rows,
  -- include: missed
