// Made by scripts/generate.ts from sql/postgresql/; change those files, not this one.
export const STATEMENTS = {
  admit: String.raw`
WITH
now AS MATERIALIZED (
  SELECT COALESCE(:at::bigint, FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) AS at
),
item AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:items::jsonb) AS given(
    n int, "userId" text, "modelId" text, "modelType" text, prompt text, parameters text, metadata text, priority int,
    "ticketCost" int, "idempotencyKey" text, fingerprint text, "maxAttempts" int, "maxWaitMs" bigint, "leaseToken" text)
),
account AS MATERIALIZED (
  SELECT "userId", balance, reserved FROM "Ticket"
  WHERE "userId" IN (SELECT "userId" FROM item WHERE "ticketCost" > 0) ORDER BY "userId" FOR UPDATE
),
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
limited AS (
  UPDATE "ModelConcurrencyLimit" l SET
    "currentActive" = GREATEST(0, l."currentActive" + t.slots),
    "recentRunMs" = CASE WHEN t.runs IS NULL THEN l."recentRunMs" ELSE ARRAY_TO_STRING((STRING_TO_ARRAY(
      CONCAT_WS(',', t.runs, NULLIF(l."recentRunMs", '')), ','))[1:{{recent runs}}], ',') END
  FROM taken t WHERE l."modelId" = t."modelId" AND (t.slots <> 0 OR t.runs IS NOT NULL)
),
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
counted AS (
  INSERT INTO "GenerationCount" ("modelId", status, lane, count)
  SELECT s."modelId", d.status, :lane::int, SUM(d.count)
  FROM shift s, LATERAL (VALUES (s.before, -1), (s.after, 1)) AS d(status, count)
  WHERE d.status IS NOT NULL GROUP BY 1, 2 HAVING SUM(d.count) <> 0 ORDER BY 1, 2
  ON CONFLICT ("modelId", status, lane) DO UPDATE SET count = "GenerationCount".count + EXCLUDED.count
),
bucketed AS (
  INSERT INTO "GenerationBucket" ("modelId", level, turn, bucket, lane, count)
  SELECT s."modelId", b.level, s.turn, s."queuedAt" / b.span, s.lane, SUM(s.ready)
  FROM shift s, (VALUES {{bucket levels}}) AS b(level, span)
  WHERE s.ready <> 0 GROUP BY 1, 2, 3, 4, 5 HAVING SUM(s.ready) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT ("modelId", level, turn, bucket, lane)
  DO UPDATE SET count = "GenerationBucket".count + EXCLUDED.count
),
rolled AS (
  INSERT INTO "GenerationRollup" ("modelId", hour, measure, bin, lane, count, sum)
  SELECT f."modelId", now.at - now.at % {{hour}}, f.measure,
    CASE WHEN f.binned THEN WIDTH_BUCKET(f.amount, {{histogram bounds}}) ELSE 0 END,
    :lane::int, COUNT(*), SUM(f.amount)
  FROM fact f, now GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT ("modelId", hour, measure, bin, lane)
  DO UPDATE SET count = "GenerationRollup".count + EXCLUDED.count, sum = "GenerationRollup".sum + EXCLUDED.sum
)
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
`,
  applyAndClaim: String.raw`
WITH
now AS MATERIALIZED (
  SELECT COALESCE(:at::bigint, FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) AS at
),
item AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:items::jsonb) AS given(
    n int, id int, way int, token text, used int, "delayMs" bigint, "resultUrl" text, output text, "errorMessage" text)
),
move AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:moves::jsonb) AS given(
    way int, number int, event text, "from" text, "to" text, "toPlace" text, slot int, reserve int, capture int,
    guard text, attempts text, attempt text, "measuresRun" boolean)
),
owner AS MATERIALIZED (
  SELECT g."userId", g."modelId" FROM "GenerationQueue" g WHERE g.id IN (SELECT id FROM item)
),
account AS MATERIALIZED (
  SELECT "userId", balance, reserved FROM "Ticket"
  WHERE "userId" IN (SELECT "userId" FROM owner) ORDER BY "userId" FOR UPDATE
),
model AS MATERIALIZED (
  SELECT l."modelId", l.paused, l."maxConcurrent", l."currentActive" FROM "ModelConcurrencyLimit" l
  WHERE (SELECT COUNT(*) FROM account) >= 0 AND (l."modelId" IN (SELECT "modelId" FROM owner)
    OR l."currentActive" < l."maxConcurrent" AND NOT l.paused AND (:models::text[] IS NULL OR l."modelId" = ANY(:models::text[])) AND (
      (SELECT g.id FROM "GenerationQueue" g WHERE g.place = 'ready' AND g."modelId" = l."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT 1) IS NOT NULL
      OR EXISTS (SELECT FROM "GenerationQueue" g, now WHERE g.place = 'delayed' AND g."dueAt" <= now.at
        AND g."notBefore" <= now.at AND g."modelId" = l."modelId"))
  )
  ORDER BY l."modelId" FOR UPDATE
),
seen AS MATERIALIZED (
  SELECT g.id, g."userId", g."modelId", g.status, g.place, g.turn, g."queuedAt", g.lane, g.attempt, g."maxAttempts",
    g."ticketCost", g."startedAt", g."deadlineAt", g."leaseToken", g."leaseExpiresAt"
  FROM "GenerationQueue" g
  WHERE (SELECT COUNT(*) FROM model) >= 0 AND g.id IN (SELECT id FROM item)
),
match AS MATERIALIZED (
  SELECT DISTINCT ON (i.n) i.n, i.token, i."delayMs", i."resultUrl", i.output, i."errorMessage",
    s.id, s."userId", s."modelId", s.status, s.place, s.turn, s."queuedAt", s.lane, s.attempt, s."ticketCost",
    s."deadlineAt", s."leaseToken", s."leaseExpiresAt", m.number, m.event, m."to", m."toPlace", m.slot, m.reserve,
    m.guard, m.attempt AS effect,
    CASE WHEN m.reserve = -1 THEN COALESCE(i.used, m.capture * s."ticketCost") ELSE 0 END AS used,
    m.reserve = 0 OR COALESCE(i.used, 0) <= s."ticketCost" AND (s."ticketCost" = 0 OR a."userId" IS NOT NULL) AS payable,
    CASE WHEN m."measuresRun" THEN GREATEST(0, now.at - s."startedAt") END AS "runMs"
  FROM now, item i JOIN seen s ON s.id = i.id JOIN move m ON m.way = i.way AND m."from" = s.status
    LEFT JOIN account a ON a."userId" = s."userId"
  WHERE CASE m.guard
      WHEN 'none' THEN true
      WHEN 'overdue' THEN s."deadlineAt" <= now.at
      WHEN 'held' THEN i.token IS NULL OR i.token = s."leaseToken"
      ELSE (i.token IS NULL OR i.token = s."leaseToken") AND s."leaseExpiresAt" <= now.at END
    AND (m.attempts = 'any' OR (m.attempts = 'left') = (s.attempt < s."maxAttempts"))
  ORDER BY i.n, m.number
),
settled AS (
  UPDATE "GenerationQueue" g SET
    status = f."to",
    place = CASE WHEN f."toPlace" = 'done' THEN 'done' WHEN f."delayMs" > 0 THEN 'delayed' ELSE 'ready' END,
    "ticketsUsed" = CASE WHEN f."toPlace" = 'done' THEN f.used END,
    attempt = CASE f.effect WHEN 'reset' THEN 0 WHEN 'uncount' THEN f.attempt - 1 ELSE f.attempt END,
    "notBefore" = CASE WHEN f."toPlace" <> 'done' AND f."delayMs" > 0 THEN now.at + f."delayMs" END,
    "deadlineAt" = CASE WHEN f."toPlace" <> 'done' THEN f."deadlineAt" END,
    "dueAt" = CASE WHEN f."toPlace" <> 'done'
      THEN LEAST(CASE WHEN f."delayMs" > 0 THEN now.at + f."delayMs" END, f."deadlineAt") END,
    "completedAt" = CASE WHEN f."toPlace" = 'done' THEN now.at END,
    "leaseToken" = NULL, "leaseExpiresAt" = NULL, "releasedBy" = COALESCE(f.token, ''),
    progress = CASE WHEN f."toPlace" = 'done' THEN g.progress END,
    "resultUrl" = COALESCE(f."resultUrl", g."resultUrl"),
    output = COALESCE(f.output, g.output),
    "errorMessage" = COALESCE(f."errorMessage", g."errorMessage"),
    timeline = {{longer g.timeline f.event}}
  FROM match f, now WHERE f.payable AND g.id = f.id AND g.status = f.status AND g."leaseToken" IS NOT DISTINCT FROM f."leaseToken"
    AND (f.guard <> 'lapsed' OR g."leaseExpiresAt" = f."leaseExpiresAt")
  RETURNING f.n, g.*
),
fit AS MATERIALIZED (SELECT match.* FROM match JOIN settled USING (n)),
payment AS MATERIALIZED (
  SELECT n, id, "userId", "ticketCost", used,
    SUM(used) OVER earlier AS "usedSoFar", SUM("ticketCost") OVER earlier AS "settledSoFar"
  FROM fit WHERE reserve = -1 AND "ticketCost" > 0 WINDOW earlier AS (PARTITION BY "userId" ORDER BY n)
),
paid AS (
  UPDATE "Ticket" t
  SET balance = t.balance - p.used, captured = t.captured + p.used, reserved = t.reserved - p.settled
  FROM (
    SELECT "userId", SUM(used)::int AS used, SUM("ticketCost")::int AS settled FROM payment GROUP BY "userId"
  ) p WHERE t."userId" = p."userId"
),
entered AS (
  INSERT INTO "TicketLedger" ("userId", at, kind, amount, balance, reserved, "queueId")
  SELECT p."userId", now.at, line.kind, line.amount, a.balance - p."usedSoFar",
    a.reserved - p."settledSoFar" + line.still, p.id
  FROM now, payment p JOIN account a ON a."userId" = p."userId", LATERAL (VALUES
    (1, 'capture', p.used, p."ticketCost" - p.used),
    (2, 'refund', p."ticketCost" - p.used, 0)) AS line(number, kind, amount, still)
  WHERE line.amount > 0 ORDER BY p.n, line.number
),
freed AS MATERIALIZED (
  SELECT "modelId", SUM(slot)::int AS slots, STRING_AGG("runMs"::text, ',' ORDER BY n DESC) AS runs
  FROM fit GROUP BY "modelId"
),
open AS MATERIALIZED (
  SELECT * FROM (
    SELECT m."modelId", m."maxConcurrent" - GREATEST(0, m."currentActive" + COALESCE(f.slots, 0)) AS slots
    FROM model m LEFT JOIN freed f ON f."modelId" = m."modelId"
    WHERE (SELECT COUNT(*) FROM fit) = (SELECT COUNT(*) FROM item) AND NOT m.paused AND (:models::text[] IS NULL OR m."modelId" = ANY(:models::text[]))
  ) o WHERE slots > 0
),
head AS MATERIALIZED (
  SELECT f.id, f.place, ROW_NUMBER() OVER (ORDER BY f.turn, f."queuedAt", f.id) AS n FROM (
    SELECT c.*, o.slots,
      ROW_NUMBER() OVER (PARTITION BY o."modelId" ORDER BY c.turn, c."queuedAt", c.id) AS number
    FROM open o CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT g.id, g.place, g.turn, g."queuedAt" FROM "GenerationQueue" g
        WHERE g.place = 'ready' AND g."modelId" = o."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT LEAST(o.slots, CARDINALITY(:tokens::text[]))
      ) ready
      UNION ALL SELECT * FROM (
        SELECT g.id, g.place, g.turn, g."queuedAt" FROM "GenerationQueue" g, now
        WHERE g.place = 'delayed' AND g."dueAt" <= now.at AND g."notBefore" <= now.at AND g."modelId" = o."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT LEAST(o.slots, CARDINALITY(:tokens::text[]))
      ) matured
    ) c
  ) f WHERE f.number <= f.slots
  ORDER BY n LIMIT CARDINALITY(:tokens::text[])
),
claimed AS (
  UPDATE "GenerationQueue" g SET
    status = :claim::jsonb->>'to', place = 'leased', attempt = g.attempt + 1, "notBefore" = NULL, "deadlineAt" = NULL,
    "dueAt" = now.at + :leaseMs::bigint, "startedAt" = now.at, "leaseToken" = (:tokens::text[])[head.n],
    "leaseExpiresAt" = now.at + :leaseMs::bigint, "releasedBy" = NULL, progress = NULL,
    timeline = {{longer g.timeline (:claim::jsonb->>'event')}}
  FROM head, now WHERE g.id = head.id AND g.place = head.place
  RETURNING head.n, head.place AS "placeBefore", g.*
),
taken AS (
  SELECT "modelId", SUM(slots)::int AS slots, MAX(runs) AS runs FROM (
    SELECT "modelId", slots, runs FROM freed UNION ALL SELECT "modelId", 1, NULL FROM claimed
  ) s GROUP BY "modelId"
),
limited AS (
  UPDATE "ModelConcurrencyLimit" l SET
    "currentActive" = GREATEST(0, l."currentActive" + t.slots),
    "recentRunMs" = CASE WHEN t.runs IS NULL THEN l."recentRunMs" ELSE ARRAY_TO_STRING((STRING_TO_ARRAY(
      CONCAT_WS(',', t.runs, NULLIF(l."recentRunMs", '')), ','))[1:{{recent runs}}], ',') END
  FROM taken t WHERE l."modelId" = t."modelId" AND (t.slots <> 0 OR t.runs IS NOT NULL)
),
shift AS MATERIALIZED (
  SELECT "modelId", turn, "queuedAt", lane, status AS before, "to" AS after,
    ("toPlace" = 'waiting' AND "delayMs" = 0)::int - (place = 'ready')::int AS ready FROM fit
  UNION ALL
  SELECT "modelId", turn, "queuedAt", lane, :claim::jsonb->>'from' AS before, status AS after,
    -("placeBefore" = 'ready')::int AS ready FROM claimed
),
fact AS (
  SELECT "modelId", event AS measure, 0::bigint AS amount, false AS binned FROM fit
  UNION ALL SELECT "modelId", 'run', "runMs", true FROM fit WHERE "runMs" IS NOT NULL
  UNION ALL SELECT "modelId", 'captured', used, false FROM fit WHERE used > 0
  UNION ALL SELECT "modelId", 'refunded', "ticketCost" - used, false FROM fit WHERE reserve = -1 AND "ticketCost" > used
  UNION ALL
  SELECT "modelId", :claim::jsonb->>'event' AS measure, 0::bigint AS amount, false AS binned FROM claimed
  UNION ALL SELECT "modelId", 'wait', GREATEST(0, "startedAt" - "queuedAt"), true FROM claimed WHERE attempt = 1
),
counted AS (
  INSERT INTO "GenerationCount" ("modelId", status, lane, count)
  SELECT s."modelId", d.status, :lane::int, SUM(d.count)
  FROM shift s, LATERAL (VALUES (s.before, -1), (s.after, 1)) AS d(status, count)
  WHERE d.status IS NOT NULL GROUP BY 1, 2 HAVING SUM(d.count) <> 0 ORDER BY 1, 2
  ON CONFLICT ("modelId", status, lane) DO UPDATE SET count = "GenerationCount".count + EXCLUDED.count
),
bucketed AS (
  INSERT INTO "GenerationBucket" ("modelId", level, turn, bucket, lane, count)
  SELECT s."modelId", b.level, s.turn, s."queuedAt" / b.span, s.lane, SUM(s.ready)
  FROM shift s, (VALUES {{bucket levels}}) AS b(level, span)
  WHERE s.ready <> 0 GROUP BY 1, 2, 3, 4, 5 HAVING SUM(s.ready) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT ("modelId", level, turn, bucket, lane)
  DO UPDATE SET count = "GenerationBucket".count + EXCLUDED.count
),
rolled AS (
  INSERT INTO "GenerationRollup" ("modelId", hour, measure, bin, lane, count, sum)
  SELECT f."modelId", now.at - now.at % {{hour}}, f.measure,
    CASE WHEN f.binned THEN WIDTH_BUCKET(f.amount, {{histogram bounds}}) ELSE 0 END,
    :lane::int, COUNT(*), SUM(f.amount)
  FROM fact f, now GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT ("modelId", hour, measure, bin, lane)
  DO UPDATE SET count = "GenerationRollup".count + EXCLUDED.count, sum = "GenerationRollup".sum + EXCLUDED.sum
)
SELECT now.at,
  (SELECT JSON_AGG(JSON_BUILD_ARRAY(n, number) ORDER BY n)::text FROM fit) AS done,
  (SELECT JSON_AGG(c ORDER BY n)::text FROM claimed c) AS rows,
  (SELECT COUNT(*) FROM head)::int - (SELECT COUNT(*) FROM claimed)::int AS missed
FROM now
`,
  apply: String.raw`
WITH
now AS MATERIALIZED (
  SELECT COALESCE(:at::bigint, FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) AS at
),
item AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:items::jsonb) AS given(
    n int, id int, way int, token text, used int, "delayMs" bigint, "resultUrl" text, output text, "errorMessage" text)
),
move AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:moves::jsonb) AS given(
    way int, number int, event text, "from" text, "to" text, "toPlace" text, slot int, reserve int, capture int,
    guard text, attempts text, attempt text, "measuresRun" boolean)
),
owner AS MATERIALIZED (
  SELECT g."userId", g."modelId" FROM "GenerationQueue" g WHERE g.id IN (SELECT id FROM item)
),
account AS MATERIALIZED (
  SELECT "userId", balance, reserved FROM "Ticket"
  WHERE "userId" IN (SELECT "userId" FROM owner) ORDER BY "userId" FOR UPDATE
),
model AS MATERIALIZED (
  SELECT l."modelId" FROM "ModelConcurrencyLimit" l
  WHERE (SELECT COUNT(*) FROM account) >= 0 AND l."modelId" IN (SELECT "modelId" FROM owner)
  ORDER BY l."modelId" FOR UPDATE
),
seen AS MATERIALIZED (
  SELECT g.id, g."userId", g."modelId", g.status, g.place, g.turn, g."queuedAt", g.lane, g.attempt, g."maxAttempts",
    g."ticketCost", g."startedAt", g."deadlineAt", g."leaseToken", g."leaseExpiresAt"
  FROM "GenerationQueue" g
  WHERE (SELECT COUNT(*) FROM model) >= 0 AND g.id IN (SELECT id FROM item)
),
match AS MATERIALIZED (
  SELECT DISTINCT ON (i.n) i.n, i.token, i."delayMs", i."resultUrl", i.output, i."errorMessage",
    s.id, s."userId", s."modelId", s.status, s.place, s.turn, s."queuedAt", s.lane, s.attempt, s."ticketCost",
    s."deadlineAt", s."leaseToken", s."leaseExpiresAt", m.number, m.event, m."to", m."toPlace", m.slot, m.reserve,
    m.guard, m.attempt AS effect,
    CASE WHEN m.reserve = -1 THEN COALESCE(i.used, m.capture * s."ticketCost") ELSE 0 END AS used,
    m.reserve = 0 OR COALESCE(i.used, 0) <= s."ticketCost" AND (s."ticketCost" = 0 OR a."userId" IS NOT NULL) AS payable,
    CASE WHEN m."measuresRun" THEN GREATEST(0, now.at - s."startedAt") END AS "runMs"
  FROM now, item i JOIN seen s ON s.id = i.id JOIN move m ON m.way = i.way AND m."from" = s.status
    LEFT JOIN account a ON a."userId" = s."userId"
  WHERE CASE m.guard
      WHEN 'none' THEN true
      WHEN 'overdue' THEN s."deadlineAt" <= now.at
      WHEN 'held' THEN i.token IS NULL OR i.token = s."leaseToken"
      ELSE (i.token IS NULL OR i.token = s."leaseToken") AND s."leaseExpiresAt" <= now.at END
    AND (m.attempts = 'any' OR (m.attempts = 'left') = (s.attempt < s."maxAttempts"))
  ORDER BY i.n, m.number
),
settled AS (
  UPDATE "GenerationQueue" g SET
    status = f."to",
    place = CASE WHEN f."toPlace" = 'done' THEN 'done' WHEN f."delayMs" > 0 THEN 'delayed' ELSE 'ready' END,
    "ticketsUsed" = CASE WHEN f."toPlace" = 'done' THEN f.used END,
    attempt = CASE f.effect WHEN 'reset' THEN 0 WHEN 'uncount' THEN f.attempt - 1 ELSE f.attempt END,
    "notBefore" = CASE WHEN f."toPlace" <> 'done' AND f."delayMs" > 0 THEN now.at + f."delayMs" END,
    "deadlineAt" = CASE WHEN f."toPlace" <> 'done' THEN f."deadlineAt" END,
    "dueAt" = CASE WHEN f."toPlace" <> 'done'
      THEN LEAST(CASE WHEN f."delayMs" > 0 THEN now.at + f."delayMs" END, f."deadlineAt") END,
    "completedAt" = CASE WHEN f."toPlace" = 'done' THEN now.at END,
    "leaseToken" = NULL, "leaseExpiresAt" = NULL, "releasedBy" = COALESCE(f.token, ''),
    progress = CASE WHEN f."toPlace" = 'done' THEN g.progress END,
    "resultUrl" = COALESCE(f."resultUrl", g."resultUrl"),
    output = COALESCE(f.output, g.output),
    "errorMessage" = COALESCE(f."errorMessage", g."errorMessage"),
    timeline = {{longer g.timeline f.event}}
  FROM match f, now WHERE f.payable AND g.id = f.id AND g.status = f.status AND g."leaseToken" IS NOT DISTINCT FROM f."leaseToken"
    AND (f.guard <> 'lapsed' OR g."leaseExpiresAt" = f."leaseExpiresAt")
  RETURNING f.n, g.*
),
fit AS MATERIALIZED (SELECT match.* FROM match JOIN settled USING (n)),
payment AS MATERIALIZED (
  SELECT n, id, "userId", "ticketCost", used,
    SUM(used) OVER earlier AS "usedSoFar", SUM("ticketCost") OVER earlier AS "settledSoFar"
  FROM fit WHERE reserve = -1 AND "ticketCost" > 0 WINDOW earlier AS (PARTITION BY "userId" ORDER BY n)
),
paid AS (
  UPDATE "Ticket" t
  SET balance = t.balance - p.used, captured = t.captured + p.used, reserved = t.reserved - p.settled
  FROM (
    SELECT "userId", SUM(used)::int AS used, SUM("ticketCost")::int AS settled FROM payment GROUP BY "userId"
  ) p WHERE t."userId" = p."userId"
),
entered AS (
  INSERT INTO "TicketLedger" ("userId", at, kind, amount, balance, reserved, "queueId")
  SELECT p."userId", now.at, line.kind, line.amount, a.balance - p."usedSoFar",
    a.reserved - p."settledSoFar" + line.still, p.id
  FROM now, payment p JOIN account a ON a."userId" = p."userId", LATERAL (VALUES
    (1, 'capture', p.used, p."ticketCost" - p.used),
    (2, 'refund', p."ticketCost" - p.used, 0)) AS line(number, kind, amount, still)
  WHERE line.amount > 0 ORDER BY p.n, line.number
),
freed AS MATERIALIZED (
  SELECT "modelId", SUM(slot)::int AS slots, STRING_AGG("runMs"::text, ',' ORDER BY n DESC) AS runs
  FROM fit GROUP BY "modelId"
),
taken AS (SELECT * FROM freed),
limited AS (
  UPDATE "ModelConcurrencyLimit" l SET
    "currentActive" = GREATEST(0, l."currentActive" + t.slots),
    "recentRunMs" = CASE WHEN t.runs IS NULL THEN l."recentRunMs" ELSE ARRAY_TO_STRING((STRING_TO_ARRAY(
      CONCAT_WS(',', t.runs, NULLIF(l."recentRunMs", '')), ','))[1:{{recent runs}}], ',') END
  FROM taken t WHERE l."modelId" = t."modelId" AND (t.slots <> 0 OR t.runs IS NOT NULL)
),
shift AS MATERIALIZED (
  SELECT "modelId", turn, "queuedAt", lane, status AS before, "to" AS after,
    ("toPlace" = 'waiting' AND "delayMs" = 0)::int - (place = 'ready')::int AS ready FROM fit
),
fact AS (
  SELECT "modelId", event AS measure, 0::bigint AS amount, false AS binned FROM fit
  UNION ALL SELECT "modelId", 'run', "runMs", true FROM fit WHERE "runMs" IS NOT NULL
  UNION ALL SELECT "modelId", 'captured', used, false FROM fit WHERE used > 0
  UNION ALL SELECT "modelId", 'refunded', "ticketCost" - used, false FROM fit WHERE reserve = -1 AND "ticketCost" > used
),
counted AS (
  INSERT INTO "GenerationCount" ("modelId", status, lane, count)
  SELECT s."modelId", d.status, :lane::int, SUM(d.count)
  FROM shift s, LATERAL (VALUES (s.before, -1), (s.after, 1)) AS d(status, count)
  WHERE d.status IS NOT NULL GROUP BY 1, 2 HAVING SUM(d.count) <> 0 ORDER BY 1, 2
  ON CONFLICT ("modelId", status, lane) DO UPDATE SET count = "GenerationCount".count + EXCLUDED.count
),
bucketed AS (
  INSERT INTO "GenerationBucket" ("modelId", level, turn, bucket, lane, count)
  SELECT s."modelId", b.level, s.turn, s."queuedAt" / b.span, s.lane, SUM(s.ready)
  FROM shift s, (VALUES {{bucket levels}}) AS b(level, span)
  WHERE s.ready <> 0 GROUP BY 1, 2, 3, 4, 5 HAVING SUM(s.ready) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT ("modelId", level, turn, bucket, lane)
  DO UPDATE SET count = "GenerationBucket".count + EXCLUDED.count
),
rolled AS (
  INSERT INTO "GenerationRollup" ("modelId", hour, measure, bin, lane, count, sum)
  SELECT f."modelId", now.at - now.at % {{hour}}, f.measure,
    CASE WHEN f.binned THEN WIDTH_BUCKET(f.amount, {{histogram bounds}}) ELSE 0 END,
    :lane::int, COUNT(*), SUM(f.amount)
  FROM fact f, now GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT ("modelId", hour, measure, bin, lane)
  DO UPDATE SET count = "GenerationRollup".count + EXCLUDED.count, sum = "GenerationRollup".sum + EXCLUDED.sum
)
SELECT now.at,
  (SELECT JSON_AGG(JSON_BUILD_ARRAY(n, number) ORDER BY n)::text FROM fit) AS done,
  CASE WHEN :rows::boolean THEN (SELECT JSON_AGG(s ORDER BY n)::text FROM settled s) END AS rows
FROM now
`,
  claim: String.raw`
WITH
now AS MATERIALIZED (
  SELECT COALESCE(:at::bigint, FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) AS at
),
model AS MATERIALIZED (
  SELECT l."modelId", l.paused, l."maxConcurrent", l."currentActive" FROM "ModelConcurrencyLimit" l
  WHERE l."currentActive" < l."maxConcurrent" AND NOT l.paused AND (:models::text[] IS NULL OR l."modelId" = ANY(:models::text[])) AND (
      (SELECT g.id FROM "GenerationQueue" g WHERE g.place = 'ready' AND g."modelId" = l."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT 1) IS NOT NULL
      OR EXISTS (SELECT FROM "GenerationQueue" g, now WHERE g.place = 'delayed' AND g."dueAt" <= now.at
        AND g."notBefore" <= now.at AND g."modelId" = l."modelId"))
  ORDER BY l."modelId" FOR UPDATE
),
open AS MATERIALIZED (
  SELECT "modelId", "maxConcurrent" - GREATEST(0, "currentActive") AS slots FROM model
  WHERE NOT paused AND "currentActive" < "maxConcurrent"
),
head AS MATERIALIZED (
  SELECT f.id, f.place, ROW_NUMBER() OVER (ORDER BY f.turn, f."queuedAt", f.id) AS n FROM (
    SELECT c.*, o.slots,
      ROW_NUMBER() OVER (PARTITION BY o."modelId" ORDER BY c.turn, c."queuedAt", c.id) AS number
    FROM open o CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT g.id, g.place, g.turn, g."queuedAt" FROM "GenerationQueue" g
        WHERE g.place = 'ready' AND g."modelId" = o."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT LEAST(o.slots, CARDINALITY(:tokens::text[]))
      ) ready
      UNION ALL SELECT * FROM (
        SELECT g.id, g.place, g.turn, g."queuedAt" FROM "GenerationQueue" g, now
        WHERE g.place = 'delayed' AND g."dueAt" <= now.at AND g."notBefore" <= now.at AND g."modelId" = o."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT LEAST(o.slots, CARDINALITY(:tokens::text[]))
      ) matured
    ) c
  ) f WHERE f.number <= f.slots
  ORDER BY n LIMIT CARDINALITY(:tokens::text[])
),
claimed AS (
  UPDATE "GenerationQueue" g SET
    status = :claim::jsonb->>'to', place = 'leased', attempt = g.attempt + 1, "notBefore" = NULL, "deadlineAt" = NULL,
    "dueAt" = now.at + :leaseMs::bigint, "startedAt" = now.at, "leaseToken" = (:tokens::text[])[head.n],
    "leaseExpiresAt" = now.at + :leaseMs::bigint, "releasedBy" = NULL, progress = NULL,
    timeline = {{longer g.timeline (:claim::jsonb->>'event')}}
  FROM head, now WHERE g.id = head.id AND g.place = head.place
  RETURNING head.n, head.place AS "placeBefore", g.*
),
taken AS (SELECT "modelId", COUNT(*)::int AS slots, NULL::text AS runs FROM claimed GROUP BY "modelId"),
limited AS (
  UPDATE "ModelConcurrencyLimit" l SET
    "currentActive" = GREATEST(0, l."currentActive" + t.slots),
    "recentRunMs" = CASE WHEN t.runs IS NULL THEN l."recentRunMs" ELSE ARRAY_TO_STRING((STRING_TO_ARRAY(
      CONCAT_WS(',', t.runs, NULLIF(l."recentRunMs", '')), ','))[1:{{recent runs}}], ',') END
  FROM taken t WHERE l."modelId" = t."modelId" AND (t.slots <> 0 OR t.runs IS NOT NULL)
),
shift AS MATERIALIZED (
  SELECT "modelId", turn, "queuedAt", lane, :claim::jsonb->>'from' AS before, status AS after,
    -("placeBefore" = 'ready')::int AS ready FROM claimed
),
fact AS (
  SELECT "modelId", :claim::jsonb->>'event' AS measure, 0::bigint AS amount, false AS binned FROM claimed
  UNION ALL SELECT "modelId", 'wait', GREATEST(0, "startedAt" - "queuedAt"), true FROM claimed WHERE attempt = 1
),
counted AS (
  INSERT INTO "GenerationCount" ("modelId", status, lane, count)
  SELECT s."modelId", d.status, :lane::int, SUM(d.count)
  FROM shift s, LATERAL (VALUES (s.before, -1), (s.after, 1)) AS d(status, count)
  WHERE d.status IS NOT NULL GROUP BY 1, 2 HAVING SUM(d.count) <> 0 ORDER BY 1, 2
  ON CONFLICT ("modelId", status, lane) DO UPDATE SET count = "GenerationCount".count + EXCLUDED.count
),
bucketed AS (
  INSERT INTO "GenerationBucket" ("modelId", level, turn, bucket, lane, count)
  SELECT s."modelId", b.level, s.turn, s."queuedAt" / b.span, s.lane, SUM(s.ready)
  FROM shift s, (VALUES {{bucket levels}}) AS b(level, span)
  WHERE s.ready <> 0 GROUP BY 1, 2, 3, 4, 5 HAVING SUM(s.ready) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT ("modelId", level, turn, bucket, lane)
  DO UPDATE SET count = "GenerationBucket".count + EXCLUDED.count
),
rolled AS (
  INSERT INTO "GenerationRollup" ("modelId", hour, measure, bin, lane, count, sum)
  SELECT f."modelId", now.at - now.at % {{hour}}, f.measure,
    CASE WHEN f.binned THEN WIDTH_BUCKET(f.amount, {{histogram bounds}}) ELSE 0 END,
    :lane::int, COUNT(*), SUM(f.amount)
  FROM fact f, now GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT ("modelId", hour, measure, bin, lane)
  DO UPDATE SET count = "GenerationRollup".count + EXCLUDED.count, sum = "GenerationRollup".sum + EXCLUDED.sum
)
SELECT (SELECT JSON_AGG(c ORDER BY n)::text FROM claimed c) AS rows,
  (SELECT COUNT(*) FROM head)::int - (SELECT COUNT(*) FROM claimed)::int AS missed
`,
  renew: String.raw`
WITH
now AS MATERIALIZED (
  SELECT COALESCE(:at::bigint, FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) AS at
),
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
`,
} as const
