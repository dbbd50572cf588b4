-- The first of each model's queue, as many as it has free slots; of all these the first, as many as there are tokens. They
-- are not locked: whoever else takes from the queue holds the limit too, and the update looks again.
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
