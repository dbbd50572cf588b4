NOT l.paused AND (:models::text[] IS NULL OR l."modelId" = ANY(:models::text[])) AND (
      -- In the index's order: with EXISTS the planner may choose to read the table.
      (SELECT g.id FROM "GenerationQueue" g WHERE g.place = 'ready' AND g."modelId" = l."modelId"
        ORDER BY g.turn, g."queuedAt", g.id LIMIT 1) IS NOT NULL
      OR EXISTS (SELECT FROM "GenerationQueue" g, now WHERE g.place = 'delayed' AND g."dueAt" <= now.at
        AND g."notBefore" <= now.at AND g."modelId" = l."modelId"))
