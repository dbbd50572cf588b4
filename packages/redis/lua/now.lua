-- The server's time.
-- KEYS[1] base of the namespace
-- ARGV[1] {}
-- Reply   { { epoch milliseconds } }
-- include: header clock
return { pack({ at }) }
