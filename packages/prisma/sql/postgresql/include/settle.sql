-- Read once the accounts and limits are held: whoever moves a generation holds its limit, so this is how they stand, but for
-- what committed since the statement began. The update looks again, and leaves alone what has changed.
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
-- What was captured leaves the reservation first, then what is given back.
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
