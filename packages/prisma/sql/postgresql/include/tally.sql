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
