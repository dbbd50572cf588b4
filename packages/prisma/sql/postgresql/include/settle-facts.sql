SELECT "modelId", event AS measure, 0::bigint AS amount, false AS binned FROM fit
  UNION ALL SELECT "modelId", 'run', "runMs", true FROM fit WHERE "runMs" IS NOT NULL
  UNION ALL SELECT "modelId", 'captured', used, false FROM fit WHERE used > 0
  UNION ALL SELECT "modelId", 'refunded', "ticketCost" - used, false FROM fit WHERE reserve = -1 AND "ticketCost" > used
