SELECT "modelId", turn, "queuedAt", lane, :claim::jsonb->>'from' AS before, status AS after,
    -("placeBefore" = 'ready')::int AS ready FROM claimed
