limited AS (
  UPDATE "ModelConcurrencyLimit" l SET
    -- Relative to what stands there: an app may have changed it by hand, and even too far.
    "currentActive" = GREATEST(0, l."currentActive" + t.slots),
    "recentRunMs" = CASE WHEN t.runs IS NULL THEN l."recentRunMs" ELSE ARRAY_TO_STRING((STRING_TO_ARRAY(
      CONCAT_WS(',', t.runs, NULLIF(l."recentRunMs", '')), ','))[1:{{recent runs}}], ',') END
  FROM taken t WHERE l."modelId" = t."modelId" AND (t.slots <> 0 OR t.runs IS NOT NULL)
),
