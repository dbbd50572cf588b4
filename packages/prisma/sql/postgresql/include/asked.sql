item AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:items::jsonb) AS given(
    n int, id int, way int, token text, used int, "delayMs" bigint, "resultUrl" text, output text, "errorMessage" text)
),
move AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(:moves::jsonb) AS given(
    way int, number int, event text, "from" text, "to" text, "toPlace" text, slot int, reserve int, capture int,
    guard text, attempts text, attempt text, "measuresRun" boolean)
),
-- Whose and which model's these are never changes, so it may be read before anything is held.
owner AS MATERIALIZED (
  SELECT g."userId", g."modelId" FROM "GenerationQueue" g WHERE g.id IN (SELECT id FROM item)
),
account AS MATERIALIZED (
  SELECT "userId", balance, reserved FROM "Ticket"
  WHERE "userId" IN (SELECT "userId" FROM owner) ORDER BY "userId" FOR UPDATE
),
