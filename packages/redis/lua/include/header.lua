-- The command's arguments, packed as one value; false stands for null, both ways.
local call, pack, open = redis.call, cmsgpack.pack, cmsgpack.unpack
local pack_struct, open_struct = struct.pack, struct.unpack
local format, sub, append = string.format, string.sub, table.insert
local C = open(ARGV[1])
