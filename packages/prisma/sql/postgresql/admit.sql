-- Accepts generations: reserves their tickets, queues them or, where asked and where a slot is free and nobody waits, starts
-- them. All of them or none: when one does not fit plainly, nothing changes, and core's plan decides.
-- :items      jsonb, of each { n, userId, modelId, modelType, prompt, parameters, metadata, priority, ticketCost,
--             idempotencyKey, fingerprint, maxAttempts, maxWaitMs, leaseToken }; no user's key twice
-- :queued     jsonb, the move into the queue
-- :started    jsonb, the move into a slot
-- :leaseMs    bigint
-- :maxQueued  int, of each model
-- :lane       int
-- :at         bigint, epoch milliseconds; null: the server's clock
-- Answer      { ok, at, items: of each [id, modelType, whether it started], ahead: [modelId, priority, how many waited
--             with that priority or a higher one] of those that queue }
WITH
-- include: clock
item AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:items::jsonb) AS given(
    n int, "userId" text, "modelId" text, "modelType" text, prompt text, parameters text, metadata text, priority int,
    "ticketCost" int, "idempotencyKey" text, fingerprint text, "maxAttempts" int, "maxWaitMs" bigint, "leaseToken" text)
),
account AS MATERIALIZED (
  SELECT "userId", balance, reserved FROM "Ticket"
  WHERE "userId" IN (SELECT "userId" FROM item WHERE "ticketCost" > 0) ORDER BY "userId" FOR UPDATE
),
-- Who only queues takes no slot, and holds nobody up.
held AS MATERIALIZED (
  SELECT l."modelId", l.paused, l."maxConcurrent", l."currentActive" FROM "ModelConcurrencyLimit" l
  WHERE (SELECT COUNT(*) FROM account) >= 0
    AND l."modelId" IN (SELECT "modelId" FROM item WHERE "leaseToken" IS NOT NULL) ORDER BY l."modelId" FOR UPDATE
),
model AS MATERIALIZED (
  SELECT l."modelId", l."modelType",
    CASE WHEN h.paused THEN 0 ELSE GREATEST(0, h."maxConcurrent" - GREATEST(0, h."currentActive")) END AS slots,
    (SELECT COALESCE(SUM(b.count), 0) FROM "GenerationBucket" b
      WHERE b."modelId" = l."modelId" AND b.level = {{coarsest level}})
    + (SELECT COUNT(*) FROM "GenerationQueue" g, now WHERE g.place = 'delayed' AND g."dueAt" <= now.at
      AND g."notBefore" <= now.at AND g."modelId" = l."modelId") AS waiting,
    (SELECT COALESCE(SUM(c.count), 0) FROM "GenerationCount" c
      WHERE c."modelId" = l."modelId" AND c.status = :queued::jsonb->>'to') AS queued
  FROM "ModelConcurrencyLimit" l LEFT JOIN held h ON h."modelId" = l."modelId"
  WHERE l."modelId" IN (SELECT "modelId" FROM item)
),
-- In their order: the first of a model that queues makes all after it queue.
sized AS MATERIALIZED (
  SELECT i.*, COALESCE(i."modelType", m."modelType") AS type, m.queued + COUNT(*) OVER ahead AS queued,
    m.waiting = 0 AND COUNT(*) OVER ahead <= m.slots AND COUNT(i."leaseToken") OVER ahead = COUNT(*) OVER ahead AS starts,
    a.balance - a.reserved - SUM(i."ticketCost") OVER spent AS left,
    a.balance, a.reserved + SUM(i."ticketCost") OVER spent AS reserved
  FROM item i JOIN model m ON m."modelId" = i."modelId" LEFT JOIN account a ON a."userId" = i."userId"
  WINDOW ahead AS (PARTITION BY i."modelId" ORDER BY i.n), spent AS (PARTITION BY i."userId" ORDER BY i.n)
),
plain AS MATERIALIZED (
  SELECT COUNT(*) = (SELECT COUNT(*) FROM item) AND BOOL_AND((s.starts OR s.queued <= :maxQueued::int)
    AND (s."ticketCost" = 0 OR COALESCE(s.left, -1) >= 0)
    -- A key that core made up is a new one, but for a reply that was lost: then the index says no.
    AND (s.fingerprint = '' OR NOT EXISTS (SELECT FROM "GenerationQueue" g
      WHERE g."userId" = s."userId" AND g."idempotencyKey" = s."idempotencyKey"))) AS ok
  FROM sized s
),
new AS MATERIALIZED (
  SELECT s.*, NEXTVAL(PG_GET_SERIAL_SEQUENCE('"GenerationQueue"', 'id'))::int AS id
  FROM (SELECT sized.* FROM sized, plain WHERE plain.ok ORDER BY n) s
),
inserted AS (
  INSERT INTO "GenerationQueue" (id, "userId", "modelId", "modelType", prompt, parameters, metadata, status, place, lane,
    priority, turn, "ticketCost", "idempotencyKey", fingerprint, attempt, "maxAttempts", "queuedAt", "maxWaitMs",
    "deadlineAt", "dueAt", "startedAt", "leaseToken", "leaseExpiresAt", timeline)
  SELECT n.id, n."userId", n."modelId", n.type, n.prompt, n.parameters, n.metadata,
    CASE WHEN n.starts THEN :started::jsonb->>'to' ELSE :queued::jsonb->>'to' END,
    CASE WHEN n.starts THEN 'leased' ELSE 'ready' END, :lane::int, n.priority, -n.priority, n."ticketCost",
    n."idempotencyKey", n.fingerprint, n.starts::int, n."maxAttempts", now.at, n."maxWaitMs",
    CASE WHEN NOT n.starts THEN now.at + n."maxWaitMs" END,
    CASE WHEN n.starts THEN now.at + :leaseMs::bigint ELSE now.at + n."maxWaitMs" END,
    CASE WHEN n.starts THEN now.at END,
    CASE WHEN n.starts THEN n."leaseToken" END,
    CASE WHEN n.starts THEN now.at + :leaseMs::bigint END,
    CASE WHEN n.starts THEN :started::jsonb->>'event' ELSE :queued::jsonb->>'event' END || '@' || now.at || ','
  FROM new n, now ORDER BY n.n
),
reserved AS (
  UPDATE "Ticket" t SET reserved = t.reserved + r.cost
  FROM (SELECT "userId", SUM("ticketCost")::int AS cost FROM new GROUP BY "userId") r
  WHERE t."userId" = r."userId" AND r.cost > 0
),
entered AS (
  INSERT INTO "TicketLedger" ("userId", at, kind, amount, balance, reserved, "queueId")
  SELECT n."userId", now.at, 'reserve', n."ticketCost", n.balance, n.reserved, n.id
  FROM new n, now WHERE n."ticketCost" > 0 ORDER BY n.n
),
taken AS (
  SELECT "modelId", COUNT(*)::int AS slots, NULL::text AS runs FROM new WHERE starts GROUP BY "modelId"
),
-- include: limits
shift AS MATERIALIZED (
  SELECT n."modelId", -n.priority AS turn, now.at AS "queuedAt", :lane::int AS lane, NULL::text AS before,
    CASE WHEN n.starts THEN :started::jsonb->>'to' ELSE :queued::jsonb->>'to' END AS after,
    (NOT n.starts)::int AS ready
  FROM new n, now
),
fact AS (
  SELECT "modelId", CASE WHEN starts THEN :started::jsonb->>'event' ELSE :queued::jsonb->>'event' END AS measure,
    0::bigint AS amount, false AS binned FROM new
  UNION ALL SELECT "modelId", 'wait', 0, true FROM new WHERE starts
),
-- include: tally
SELECT plain.ok, now.at,
  (SELECT JSON_AGG(JSON_BUILD_ARRAY(id, type, starts) ORDER BY n)::text FROM new) AS items,
  (SELECT JSON_AGG(JSON_BUILD_ARRAY(p."modelId", p.priority, (
      SELECT COALESCE(SUM(b.count), 0) FROM "GenerationBucket" b
      WHERE b."modelId" = p."modelId" AND b.level = {{coarsest level}} AND b.turn <= -p.priority
    ) + (
      SELECT COUNT(*) FROM "GenerationQueue" g, now WHERE g.place = 'delayed' AND g."dueAt" <= now.at
        AND g."notBefore" <= now.at AND g."modelId" = p."modelId" AND g.turn <= -p.priority
    )))::text FROM (SELECT DISTINCT "modelId", priority FROM new WHERE NOT starts) p) AS ahead
FROM plain, now
