SELECT "modelId", turn, "queuedAt", lane, status AS before, "to" AS after,
    ("toPlace" = 'waiting' AND "delayMs" = 0)::int - (place = 'ready')::int AS ready FROM fit
