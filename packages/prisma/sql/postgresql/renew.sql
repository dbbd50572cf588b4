-- Extends the leases that are still under their tokens. What does not come back was lost; core's plan says to whom.
-- :items    jsonb, of each { queueId, token, progress }; a null progress keeps what stands there
-- :leaseMs  bigint
-- :at       bigint, epoch milliseconds; null: the server's clock
-- Answer    { id, leaseExpiresAt } of each that was renewed
WITH
-- include: clock
held AS MATERIALIZED (
  SELECT g.id, given.progress FROM "GenerationQueue" g
  JOIN jsonb_to_recordset(:items::jsonb) AS given("queueId" int, token text, progress float8) ON given."queueId" = g.id
  WHERE g."leaseToken" = given.token ORDER BY g.id FOR UPDATE OF g
)
UPDATE "GenerationQueue" g
SET "leaseExpiresAt" = now.at + :leaseMs::bigint, "dueAt" = now.at + :leaseMs::bigint,
  progress = COALESCE(held.progress, g.progress)
FROM held, now WHERE g.id = held.id
RETURNING g.id, g."leaseExpiresAt"
