SELECT "modelId", :claim::jsonb->>'event' AS measure, 0::bigint AS amount, false AS binned FROM claimed
  UNION ALL SELECT "modelId", 'wait', GREATEST(0, "startedAt" - "queuedAt"), true FROM claimed WHERE attempt = 1
