-- Heads that another had claimed by the time the limit was ours.
  (SELECT COUNT(*) FROM head)::int - (SELECT COUNT(*) FROM claimed)::int AS missed
