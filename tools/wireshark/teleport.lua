-- A dissector of the Teleport wire protocol for Wireshark and tshark 4.0 and newer. README.md says how to install it.
-- It reads streams of frames over TCP (chapters 5, 6 and 8 of the standard), finds faults in the order in which a
-- receiver does (TP-FRAME-008), and interprets nothing behind one (TP-FRAME-015). Every length is checked before it
-- is used, so that no input makes it raise an error.

local text = require("teleport_text")
local tp = Proto("teleport", "Teleport")

local TYPES = { [1] = "PULL", [2] = "REPLY", [3] = "PUSH" }
local PROTOS = { [0x66] = "fast/1", [0x6a] = "json/1", [0x70] = "pb/1" }
local CODECS = { [0x00] = "none", [0x6a] = "json", [0x70] = "protobuf", [0x73] = "string" }
local FILTERS = { [0x61] = "aes-gcm", [0x63] = "crc32c", [0x67] = "gzip", [0x78] = "chacha20-poly1305", [0x7a] = "zstd" }

local f = {
  size = ProtoField.uint32("teleport.size", "Size", base.DEC),
  proto = ProtoField.uint8("teleport.proto", "Protocol id", base.HEX, PROTOS),
  count = ProtoField.uint8("teleport.pipe.count", "Filters", base.DEC),
  filter = ProtoField.uint8("teleport.pipe.filter", "Filter", base.HEX, FILTERS),
  closed = ProtoField.bytes("teleport.pipe.closed", "Payload behind the pipe"),
  undone = ProtoField.uint32("teleport.pipe.undone", "Payload size, the pipe undone", base.DEC),
  seq = ProtoField.uint64("teleport.seq", "Seq", base.DEC),
  type = ProtoField.uint8("teleport.type", "Type", base.DEC, TYPES),
  uri_len = ProtoField.uint32("teleport.uri.length", "Uri length", base.DEC),
  uri = ProtoField.string("teleport.uri", "Uri"),
  path = ProtoField.string("teleport.uri.path", "Path"),
  query = ProtoField.string("teleport.uri.query", "Query"),
  meta_len = ProtoField.uint32("teleport.meta.length", "Metadata length", base.DEC),
  meta = ProtoField.bytes("teleport.meta", "Metadata"),
  pair = ProtoField.none("teleport.meta.pair", "Pair"),
  key = ProtoField.string("teleport.meta.key", "Key"),
  value = ProtoField.string("teleport.meta.value", "Value"),
  error = ProtoField.none("teleport.error", "Error"),
  code = ProtoField.int32("teleport.error.code", "Code", base.DEC),
  message = ProtoField.string("teleport.error.message", "Message"),
  detail = ProtoField.string("teleport.error.detail", "Detail"),
  codec = ProtoField.uint8("teleport.codec", "Codec", base.HEX, CODECS),
  body = ProtoField.bytes("teleport.body", "Body"),
  body_text = ProtoField.string("teleport.body.text", "Body text"),
  payload = ProtoField.bytes("teleport.payload", "Payload"),
  response_in = ProtoField.framenum("teleport.response_in", "Response in", base.NONE, frametype.RESPONSE),
  response_to = ProtoField.framenum("teleport.response_to", "Response to", base.NONE, frametype.REQUEST),
  time = ProtoField.relative_time("teleport.time", "Time since the request"),
  malformed = ProtoField.string("teleport.malformed", "Malformed"),
  stage = ProtoField.string("teleport.malformed.stage", "Stage"),
  offset = ProtoField.uint32("teleport.malformed.offset", "Offset", base.DEC),
  after = ProtoField.bytes("teleport.after_fault", "Not interpreted"),
}
for _, field in pairs(f) do table.insert(tp.fields, field) end

-- One expert info a class of the standard's chapter 11.
local CLASSES = { "short", "length", "limit", "version", "filter-unknown", "filter-data", "header", "type", "meta", "codec-unknown", "body" }
local experts = {}
for _, class in ipairs(CLASSES) do
  local of_session = class == "type" or class == "codec-unknown" or class == "body"
  experts[class] = ProtoExpert.new("teleport.expert." .. class:gsub("-", "_"), "Teleport: " .. class,
    of_session and expert.group.PROTOCOL or expert.group.MALFORMED, of_session and expert.severity.WARN or expert.severity.ERROR)
  table.insert(tp.experts, experts[class])
end
local expert_reply = ProtoExpert.new("teleport.expert.reply_error", "Teleport: error reply", expert.group.RESPONSE_CODE, expert.severity.NOTE)
local expert_closed = ProtoExpert.new("teleport.expert.compressed", "Teleport: a filter that is not undone here", expert.group.UNDECODED, expert.severity.NOTE)
table.insert(tp.experts, expert_reply)
table.insert(tp.experts, expert_closed)

tp.prefs.ports = Pref.range("TCP ports", "", "Connections on these ports are Teleport; others are found by what they begin with", 65535)
tp.prefs.proto = Pref.enum("Proto", 0, "The one Proto of these connections", { { 1, "any", 0 }, { 2, "fast", 0x66 }, { 3, "json", 0x6a }, { 4, "pb", 0x70 } })
tp.prefs.filters = Pref.string("Filters", "acgxz", "The ids of the filters that the receiver knows")
tp.prefs.max_packet = Pref.uint("Packet limit", 4194304, "Most bytes of a frame")
tp.prefs.max_payload = Pref.uint("Payload limit", 4194304, "Most bytes behind the pipe")
tp.prefs.max_uri = Pref.uint("Uri limit", 65536, "Most bytes of a uri")
tp.prefs.max_meta = Pref.uint("Metadata limit", 65536, "Most bytes of metadata")
tp.prefs.max_pairs = Pref.uint("Pair limit", 1024, "Most pairs of metadata")
tp.prefs.resume = Pref.bool("Resume after a fault", false, "Take a segment that begins like a frame for one, even behind a fault")

-- These may be missing in the first pass, in which Wireshark need not keep the fields of other protocols; so what has to
-- be known then does not rest on them.
local tcp_seq, tcp_len, tcp_fin = Field.new("tcp.seq"), Field.new("tcp.len"), Field.new("tcp.flags.fin")

-- What is known of a direction of a connection, and of its packets; all of it is found in the first pass.
local streams = {} -- "source destination": { pulls = {seq: {packets}}, taken = bytes of whole frames, open = number of
                   -- the packet after which a frame is not whole, dead = whether there was a fault }
local packets = {} -- place of a frame: { number, time, pull, reply }; call of the dissector: "after" a fault

function tp.init() streams, packets = {}, {} end

-- sides gives the state of this direction and of the other one.
local function sides(pinfo)
  local from, to = tostring(pinfo.src) .. ":" .. pinfo.src_port, tostring(pinfo.dst) .. ":" .. pinfo.dst_port
  local function side(name)
    streams[name] = streams[name] or { pulls = {}, taken = 0 }
    return streams[name]
  end
  return side(from .. " " .. to), side(to .. " " .. from)
end

-- part gives bytes of a Tvb as a Tvb of their own; nil for none, for a Tvb is never empty.
local function part(tvb, at, len) return len > 0 and tvb(at, len):tvb() or nil end

-- is_empty_gzip knows the members of nothing, of which Wireshark makes no Tvb: with an end and a trailer, and cut after a flush.
local function is_empty_gzip(raw)
  if raw:sub(1, 4) ~= "\31\139\8\0" then return false end
  local data = raw:sub(11)
  local trailer = data:match("^\3%z(.*)$") or data:match("^\1%z%z\255\255(.*)$") or data:match("^%z%z%z\255\255\3%z(.*)$")
  return trailer == ("\0"):rep(8) or data == "\0\0\0\255\255"
end

-- undo gives what a filter's data were made of, as a Tvb, nil where that is nothing; or why it cannot: "limit", "filter-data",
-- or "closed" where that is beyond this dissector (keys, zstd before Wireshark 4.4).
local function undo(id, tvb)
  local len = tvb and tvb:len() or 0
  if id == 0x63 then
    if len < 4 then return nil, "filter-data" end
    if len - 4 > tp.prefs.max_payload then return nil, "limit" end
    if text.crc32c(tvb:raw(0, len - 4)) ~= tvb(len - 4, 4):uint() then return nil, "filter-data" end
    return part(tvb, 0, len - 4)
  end
  local methods = id == 0x67 and { "uncompress_zlib", "uncompress" } or id == 0x7a and { "uncompress_zstd" } or {}
  for _, name in ipairs(methods) do
    if len == 0 then return nil, "filter-data" end
    local range = tvb(0, len)
    local there, call = pcall(function() return range[name] end)
    if there and call then
      if id == 0x67 and is_empty_gzip(tvb:raw(0, len)) then return nil end
      local ok, out = pcall(function() return call(range, FILTERS[id] .. ", undone"):tvb() end)
      if not ok then return nil, "filter-data" end
      return out, out:len() > tp.prefs.max_payload and "limit" or nil
    end
  end
  return nil, "closed"
end

-- add_pairs shows metadata that lie at `at` in tvb, and gives the pairs. Unescaped bytes get a tab of their own.
local function add_pairs(tree, tvb, at, len)
  local raw = tvb:raw(at, len)
  local pairs_found, parts = {}, {}
  local pos = 1
  while pos <= #raw + 1 do
    local stop = raw:find("&", pos, true) or #raw + 1
    local part = raw:sub(pos, stop - 1)
    local equal = part:find("=", 1, true)
    local key, value = text.unescape(part:sub(1, (equal or #part + 1) - 1)), text.unescape(equal and part:sub(equal + 1) or "")
    if key ~= "" or value ~= "" then
      pairs_found[#pairs_found + 1] = { key = key, value = value, at = at + pos - 1, len = #part }
      parts[#parts + 1] = key .. value
    end
    pos = stop + 1
  end
  if #pairs_found == 0 then return pairs_found end
  local plain = ByteArray.new(table.concat(parts), true):tvb("metadata, unescaped")
  local from = 0
  for _, p in ipairs(pairs_found) do
    local sub = tree:add(f.pair, tvb(p.at, p.len))
    sub:set_text(string.format("%s = %s", p.key:gsub("%c", "."), (p.value:gsub("%c", "."))))
    sub:add_packet_field(f.key, plain(from, #p.key), ENC_UTF_8)
    sub:add_packet_field(f.value, plain(from + #p.key, #p.value), ENC_UTF_8)
    from = from + #p.key + #p.value
  end
  return pairs_found
end

-------------------------------------------------------------------------------------------------------------- packets

-- fault shows a fault, and gives what stands in the info column for it.
local function fault(tree, class, stage, offset, why)
  local item = tree:add(f.malformed, class):set_generated()
  item:add(f.stage, stage):set_generated()
  item:add(f.offset, offset):set_generated()
  item:add_proto_expert_info(experts[class], string.format("%s at byte %d of the %s: %s", class, offset, stage, why))
  return string.format("%s at byte %d of the %s", class, offset, stage)
end

-- link finds the PULL of a REPLY and the other way round, in the first pass, and shows what was found in any.
local function link(tree, pinfo, place, ptype, seq)
  local here, there = sides(pinfo)
  local this = packets[place]
  if not this then
    this = { number = pinfo.number, time = pinfo.rel_ts }
    packets[place] = this
    if ptype == 1 then
      here.pulls[seq] = here.pulls[seq] or {}
      table.insert(here.pulls[seq], this)
    elseif ptype == 2 and there.pulls[seq] and #there.pulls[seq] > 0 then
      this.pull = table.remove(there.pulls[seq], 1)
      this.pull.reply = this
    end
  end
  if this.reply then tree:add(f.response_in, this.reply.number):set_generated() end
  if this.pull then
    tree:add(f.response_to, this.pull.number):set_generated()
    local nanos = math.max(0, math.floor((this.time - this.pull.time) * 1e9 + 0.5))
    tree:add(f.time, NSTime.new(math.floor(nanos / 1e9), nanos % 1e9)):set_generated()
  end
end

-- add_error shows the error of a REPLY, and gives what stands in the info column for it.
local function add_error(tree, tvb, found)
  for _, p in ipairs(found) do
    if p.key == "X-Reply-Error" then
      if p.value == "" then return "" end
      local e = text.reply_error(p.value)
      local sub = tree:add(f.error, tvb(p.at, p.len))
      local said = string.format("%d %s", e.code, (e.message:gsub("%c", ".")))
      sub:set_text("Error: " .. said)
      sub:add(f.code, tvb(p.at, p.len), e.code)
      sub:add(f.message, tvb(p.at, p.len), e.message)
      sub:add(f.detail, tvb(p.at, p.len), e.detail)
      sub:add_proto_expert_info(expert_reply, "error reply: " .. said)
      return " error " .. said
    end
  end
  return ""
end

-- add_body shows the body that begins at `at`, and what is wrong with it.
local function add_body(tree, pinfo, tvb, at)
  local len, codec = tvb:len() - at, tvb(at - 1, 1):uint()
  if len == 0 then return end
  tree:add(f.body, tvb(at, len))
  if not CODECS[codec] or codec == 0 then
    fault(tree, "codec-unknown", "body", at - 1, "no codec has this id, the body stays as it is")
  elseif codec == 0x6a then
    tree:add(f.body_text, tvb(at, len))
    if not text.json_members(tvb:raw(at, len)) then
      fault(tree, "body", "body", at, "the body is not one JSON text")
    else
      pcall(Dissector.call, Dissector.get("json"), tvb(at, len):tvb(), pinfo, tree)
    end
  elseif codec == 0x73 then
    tree:add(f.body_text, tvb(at, len))
  end
end

-- dissect_payload reads a payload of fast/1 from left to right; it gives the info text, and whether there was a fault.
local function dissect_payload(tree, pinfo, tvb, place, size)
  local len, at = tvb:len(), 0
  local function header(offset, why) return fault(tree, "header", "payload", offset, why), true end
  local function limit(offset, why) return fault(tree, "limit", "payload", offset, why), true end
  if len < 8 then return header(0, "the payload ends inside seq") end
  local seq = tostring(tvb(0, 8):uint64())
  tree:add(f.seq, tvb(0, 8))
  if len < 9 then return header(8, "the payload ends before the type") end
  local ptype = tvb(8, 1):uint()
  tree:add(f.type, tvb(8, 1))
  if len < 13 then return header(9, "the payload ends inside the uri length") end
  local uri_len = tvb(9, 4):uint()
  tree:add(f.uri_len, tvb(9, 4))
  if uri_len > len - 13 then return header(9, string.format("the uri has %d bytes, %d follow", uri_len, len - 13)) end
  if uri_len > tp.prefs.max_uri then return limit(9, "the uri is longer than the limit") end
  local uri = tvb:raw(13, uri_len)
  local uri_item = tree:add_packet_field(f.uri, tvb(13, uri_len), ENC_UTF_8)
  local mark = uri:find("?", 1, true)
  uri_item:add_packet_field(f.path, tvb(13, mark and mark - 1 or uri_len), ENC_UTF_8)
  if mark then uri_item:add_packet_field(f.query, tvb(13 + mark, uri_len - mark), ENC_UTF_8) end
  at = 13 + uri_len
  if len - at < 4 then return header(at, "the payload ends inside the metadata length") end
  local meta_len = tvb(at, 4):uint()
  tree:add(f.meta_len, tvb(at, 4))
  if meta_len > len - at - 4 then return header(at, string.format("the metadata have %d bytes, %d follow", meta_len, len - at - 4)) end
  if meta_len > tp.prefs.max_meta then return limit(at, "the metadata are longer than the limit") end
  local found = meta_len > 0 and add_pairs(tree:add(f.meta, tvb(at + 4, meta_len)), tvb, at + 4, meta_len) or {}
  if #found > tp.prefs.max_pairs then return limit(at, string.format("%d pairs, the limit is %d", #found, tp.prefs.max_pairs)) end
  at = at + 4 + meta_len
  if len - at < 1 then return header(at, "the payload ends before the codec") end
  tree:add(f.codec, tvb(at, 1))
  add_body(tree, pinfo, tvb, at + 1)
  link(tree, pinfo, place, ptype, seq)
  local failed = ptype == 2 and add_error(tree, tvb, found) or ""
  if not TYPES[ptype] then fault(tree, "type", "payload", 8, "no packet has this type; a session ends here") end
  local name = TYPES[ptype] or string.format("type %d", ptype)
  return string.format("%s #%s %s (%d bytes)%s", name, seq, (uri:gsub("%c", ".")), size, failed), false
end

-- dissect_frame reads a frame whose head is good and whose bytes are all there.
local function dissect_frame(tree, pinfo, tvb, size, n, place)
  local proto = tvb(4, 1):uint()
  local payload = part(tvb, 6 + n, size - 6 - n)
  for i = 0, n - 1 do
    local id = tvb(6 + i, 1):uint()
    local out, why = undo(id, payload)
    if why == "closed" then
      local item = tree:add(f.closed, payload and payload(0, payload:len()) or tvb(size, 0))
      item:add_proto_expert_info(expert_closed, FILTERS[id] .. " is not undone here")
      return string.format("packet behind %s (%d bytes)", FILTERS[id], size), false
    elseif why == "limit" then
      return fault(tree, "limit", "frame", 6 + i, FILTERS[id] .. " puts out more than the payload limit"), true
    elseif why then
      return fault(tree, why, "frame", 6 + i, FILTERS[id] .. " cannot undo its data"), true
    end
    payload = out
  end
  if n > 0 then tree:add(f.undone, payload and payload:len() or 0):set_generated() end
  if proto ~= 0x66 then
    local item = tree:add(f.payload, payload and payload(0, payload:len()) or tvb(size, 0))
    if proto == 0x6a and payload then pcall(Dissector.call, Dissector.get("json"), payload, pinfo, item) end
    return string.format("%s packet (%d bytes)", PROTOS[proto], size), false
  end
  if not payload then return fault(tree, "header", "payload", 0, "the payload is empty"), true end
  return dissect_payload(tree, pinfo, payload, place, size)
end

-------------------------------------------------------------------------------------------------------------- streams

local function known_filter(id) return FILTERS[id] and tp.prefs.filters:find(string.char(id), 1, true) ~= nil end

-- head judges the head of the frame at `at`. It gives nothing when the frame is there; {need} when bytes are missing,
-- 0 when it is not known how many; {class, offset, why} for a fault.
local function head(tree, tvb, at)
  local have = tvb:len() - at
  if have < 4 then return { need = 0 } end
  local size = tvb(at, 4):uint()
  tree:add(f.size, tvb(at, 4))
  if size < 6 then return { class = "length", offset = 0, why = string.format("the size is %d, no frame has fewer than 6 bytes", size) } end
  if size > tp.prefs.max_packet then return { class = "limit", offset = 0, why = string.format("the size %d is above the packet limit", size) } end
  if have < 5 then return { need = 0 } end
  tree:add(f.proto, tvb(at + 4, 1))
  local proto = tvb(at + 4, 1):uint()
  if not PROTOS[proto] or tp.prefs.proto ~= 0 and proto ~= tp.prefs.proto then return { class = "version", offset = 4, why = "another protocol id" } end
  if have < 6 then return { need = 0 } end
  local n = tvb(at + 5, 1):uint()
  tree:add(f.count, tvb(at + 5, 1))
  if 6 + n > size then return { class = "length", offset = 5, why = string.format("%d filter ids do not fit into %d bytes", n, size) } end
  if n == 0 and size - 6 > tp.prefs.max_payload then return { class = "limit", offset = 0, why = "the payload is above the payload limit" } end
  for i = 6, 5 + n do
    if have <= i then return { need = 0 } end
    tree:add(f.filter, tvb(at + i, 1))
    if not known_filter(tvb(at + i, 1):uint()) then return { class = "filter-unknown", offset = i, why = "no filter has this id" } end
  end
  if have < size then return { need = size - have } end
  return { size = size, n = n }
end

-- say puts a packet's line into the info column, behind those of other packets of this segment.
local function say(pinfo, item, line)
  item:set_text("Teleport, " .. line)
  pinfo.cols.protocol:set("Teleport")
  pinfo.cols.info:clear()
  pinfo.cols.info:append(line .. "  ")
  pinfo.cols.info:fence()
end

-- is_end tells whether the stream ends with this packet; not, where that is not known.
local function is_end()
  local fin = tcp_fin()
  return fin ~= nil and fin.value == true
end

-- begins_like_a_frame guards the heuristic: it asks for more than a receiver would.
local function begins_like_a_frame(tvb)
  local len = tvb:len()
  if len < 7 then return false end
  local size, proto, n = tvb(0, 4):uint(), tvb(4, 1):uint(), tvb(5, 1):uint()
  if not PROTOS[proto] or size < 7 + n or size > tp.prefs.max_packet or n > 8 or len < 7 + n then return false end
  for i = 6, 5 + n do
    if not known_filter(tvb(i, 1):uint()) then return false end
  end
  if n > 0 then return true end
  if proto == 0x6a then return tvb(6, 1):uint() == 0x7b end
  if proto == 0x70 then return ({ [0x08] = true, [0x10] = true, [0x1a] = true })[tvb(6, 1):uint()] == true end
  return size >= 24 and len >= 19 and TYPES[tvb(14, 1):uint()] ~= nil and tvb(15, 4):uint() <= size - 24
end

function tp.dissector(tvb, pinfo, tree)
  if tvb:len() == 0 or tvb:len() < tvb:reported_len() then return 0 end -- the capture cut the segment
  local here = sides(pinfo)
  local call = string.format("%d/%d/%d", pinfo.number, tvb:offset(), tvb:len())
  if not pinfo.visited then
    here.open = nil
    if here.dead and tp.prefs.resume and begins_like_a_frame(tvb) then here.dead = nil end
    if here.dead then packets[call] = "after" end
  end
  if packets[call] == "after" then
    local item = tree:add(tp, tvb(0, tvb:len()))
    item:add(f.after, tvb(0, tvb:len()))
    say(pinfo, item, string.format("%d bytes behind a fault, not interpreted", tvb:len()))
    return tvb:len()
  end
  local at = 0
  while at < tvb:len() do
    local item = tree:add(tp, tvb(at, tvb:len() - at))
    local found = head(item, tvb, at)
    local line, bad = nil, false
    if found.size then
      item:set_len(found.size)
      line, bad = dissect_frame(item, pinfo, tvb(at, found.size):tvb(), found.size, found.n, call .. "/" .. at)
      at = at + found.size
      if not pinfo.visited then here.taken = here.taken + found.size end
    elseif found.class then
      line, bad = fault(item, found.class, "frame", found.offset, found.why), true
    elseif is_end() then
      here.open = nil
      line, bad = fault(item, "short", "frame", tvb:len() - at, "the stream ends inside a frame"), true
    else
      item:set_text("Teleport, the beginning of a frame")
      if not pinfo.visited then here.open = pinfo.number end
      pinfo.desegment_offset = at
      pinfo.desegment_len = found.need > 0 and found.need or DESEGMENT_ONE_MORE_SEGMENT
      return tvb:len()
    end
    say(pinfo, item, bad and "malformed, " .. line or line)
    if bad then
      if not pinfo.visited then here.dead = true end
      return tvb:len()
    end
  end
  return tvb:len()
end

tp:register_heuristic("tcp", function(tvb, pinfo, tree)
  if not begins_like_a_frame(tvb) then return false end
  pinfo.conversation = tp
  tp.dissector(tvb, pinfo, tree)
  return true
end)

local tcp_ports = DissectorTable.get("tcp.port")
tcp_ports:add_for_decode_as(tp)
local added = ""
function tp.prefs_changed()
  if added == tp.prefs.ports then return end
  if added ~= "" then tcp_ports:remove(added, tp) end
  added = tp.prefs.ports
  if added ~= "" then tcp_ports:add(added, tp) end
end

-- A stream may end inside a frame whose last bytes no dissector was called for; this one looks at every FIN.
local ending = Proto("teleport_end", "Teleport, the end of a stream")
function ending.dissector(_, pinfo, tree)
  if not is_end() then return end
  local here = sides(pinfo)
  if not here.open or here.dead or here.open > pinfo.number then return end
  -- Relative sequence numbers begin with 1.
  local n = tcp_seq().value - 1 + tcp_len().value - here.taken
  local item = tree:add(tp)
  say(pinfo, item, "malformed, " .. fault(item, "short", "frame", n > 0 and n < tp.prefs.max_packet and n or 0, "the stream ends inside a frame"))
end
register_postdissector(ending)
