-- What the server that holds the namespace is, and the base as it sees it.
-- KEYS[1] base of the namespace
-- ARGV[1] {}
-- Reply   { { base, INFO server, INFO replication, INFO memory } }; an INFO that is not allowed is ''
-- include: header
local function info(section)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and text or ''
end
return { pack({ KEYS[1], info('server'), info('replication'), info('memory') }) }
