-- The command's arguments, packed as one value; false stands for null, both ways.
local call, pack, open = redis.call, cmsgpack.pack, cmsgpack.unpack
local pack_struct, open_struct, format = struct.pack, struct.unpack, string.format
local C = open(ARGV[1])
