-- The part of the dissector that needs nothing of Wireshark: JSON, the error of a REPLY, escapes of metadata, and the
-- checksum of filter c. It gives a table of functions on strings. Loaded on its own it does nothing.

local function skip_space(s, i) return s:match("^[ \t\r\n]*()", i) end

-- string_end gives where the string that opens at i ends, its last quote included; nil where it is none.
local function string_end(s, i)
  if s:sub(i, i) ~= '"' then return nil end
  i = i + 1
  while true do
    i = s:find('[%z\1-\31"\\]', i)
    local c = i and s:sub(i, i)
    if c == '"' then return i end
    if c ~= "\\" then return nil end
    if s:match('^["\\/bfnrt]', i + 1) then
      i = i + 2
    elseif s:match("^u%x%x%x%x", i + 1) then
      i = i + 6
    else
      return nil
    end
  end
end

-- scalar_end gives where the number, string or word that begins at i ends; nil where there is none.
local function scalar_end(s, i)
  if s:sub(i, i) == '"' then return string_end(s, i) end
  for _, word in ipairs({ "true", "false", "null" }) do
    if s:sub(i, i + #word - 1) == word then return i + #word - 1 end
  end
  local at = s:match("^%-?0()", i) or s:match("^%-?[1-9]%d*()", i)
  if not at then return nil end
  if s:sub(at, at) == "." then at = s:match("^%.%d+()", at) end
  if at and s:match("^[eE]", at) then at = s:match("^[eE][+-]?%d+()", at) end
  return at and at - 1
end

local CLOSE = { ["{"] = "}", ["["] = "]" }

-- json_members tells whether s is one JSON text; where that is an object, also its members as {name, text} in order.
-- It keeps its own stack: a body may nest deeper than Lua calls may.
local function json_members(s)
  local stack, members, name, start = {}, nil, nil, nil
  local i, state = skip_space(s, 1), "value"
  while true do
    if state == "name" then
      local last = string_end(s, i)
      if not last then return false end
      if #stack == 1 then name = s:sub(i, last) end
      i = skip_space(s, last + 1)
      if s:sub(i, i) ~= ":" then return false end
      i, state = skip_space(s, i + 1), "value"
    elseif state == "value" then
      if #stack == 1 then start = i end
      local c = s:sub(i, i)
      if CLOSE[c] then
        if #stack == 0 and c == "{" then members = {} end
        stack[#stack + 1] = c
        i = skip_space(s, i + 1)
        if s:sub(i, i) == CLOSE[c] then
          state = "close"
        else
          state = c == "{" and "name" or "value"
        end
      else
        local last = scalar_end(s, i)
        if not last then return false end
        i, state = last + 1, "after"
      end
    elseif state == "close" then
      stack[#stack] = nil
      i, state = i + 1, "after"
    else
      if #stack == 1 and members then members[#members + 1] = { name, s:sub(start, i - 1) } end
      i = skip_space(s, i)
      local inside, c = stack[#stack], s:sub(i, i)
      if not inside then return i > #s, members end
      if c == "," then
        i, state = skip_space(s, i + 1), inside == "{" and "name" or "value"
      elseif c == CLOSE[inside] then
        state = "close"
      else
        return false
      end
    end
  end
end

local function utf8_of(r)
  if r < 0x80 then return string.char(r) end
  local out, first = "", 0xc0
  local room = 0x20
  while true do
    out = string.char(0x80 + r % 0x40) .. out
    r = math.floor(r / 0x40)
    if r < room then return string.char(first + r) .. out end
    first, room = first + room, room / 2
  end
end

local SHORT = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- json_text undoes a string that string_end has seen.
local function json_text(s)
  local out, i = {}, 2
  while i < #s do
    local plain = s:match('^[^\\"]+', i)
    if plain then
      out[#out + 1] = plain
      i = i + #plain
    elseif s:sub(i + 1, i + 1) == "u" then
      local r = tonumber(s:sub(i + 2, i + 5), 16)
      i = i + 6
      if r >= 0xd800 and r < 0xe000 then
        local low = tonumber(s:match("^\\u(%x%x%x%x)", i) or "0", 16)
        if r < 0xdc00 and low >= 0xdc00 and low < 0xe000 then
          r = 0x10000 + (r - 0xd800) * 0x400 + low - 0xdc00
          i = i + 6
        else
          r = 0xfffd
        end
      end
      out[#out + 1] = utf8_of(r)
    else
      local c = s:sub(i + 1, i + 1)
      out[#out + 1] = SHORT[c] or c
      i = i + 2
    end
  end
  return table.concat(out)
end

-- strict_error reads a value of X-Reply-Error; nil where it has not the form (TP-ERR-006, TP-ERR-017, TP-ERR-018).
local function strict_error(s)
  local ok, members = json_members(s)
  if not ok or not members then return nil end
  local e, seen = { code = 0, message = "", detail = "" }, {}
  for _, member in ipairs(members) do
    local name, text = json_text(member[1]), member[2]
    if not seen[name] then
      seen[name] = true
      if name == "code" then
        local n = text:match("^%-?%d+$") and tonumber(text)
        if not n or n < -2147483648 or n > 2147483647 then return nil end
        e.code = n
      elseif name == "message" or name == "detail" then
        if text:sub(1, 1) ~= '"' then return nil end
        e[name] = json_text(text)
      end
    end
  end
  return e
end

-- escape_controls writes the raw control characters inside strings as escapes.
local function escape_controls(s)
  local out, inside, i = {}, false, 1
  while i <= #s do
    local c = s:sub(i, i)
    local escaped
    if c == '"' then
      inside = not inside
    elseif c == "\\" and inside and i < #s then
      c = s:sub(i, i + 1)
    elseif inside and c:match("[%z\1-\31]") then
      escaped = string.format("\\u%04x", c:byte())
    end
    out[#out + 1] = escaped or c
    i = i + #c
  end
  return table.concat(out)
end

-- reply_error reads any value: strictly, else with raw control characters escaped, else as a message.
local function reply_error(s)
  return strict_error(s) or strict_error(escape_controls(s)) or { code = 0, message = s, detail = "" }
end

local bxor = bit32 and bit32.bxor or bit and bit.bxor or load("return function(a, b) return a ~ b end")()

local crc_table
-- crc32c is the checksum of filter c.
local function crc32c(s)
  if not crc_table then
    crc_table = {}
    for i = 0, 255 do
      local c = i
      for _ = 1, 8 do c = c % 2 == 1 and bxor(math.floor(c / 2), 0x82f63b78) % 0x100000000 or math.floor(c / 2) end
      crc_table[i] = c
    end
  end
  local crc = 0xffffffff
  for i = 1, #s do
    local low = bxor(crc % 256, s:byte(i)) % 256
    crc = bxor(math.floor(crc / 256), crc_table[low]) % 0x100000000
  end
  return bxor(crc, 0xffffffff) % 0x100000000
end

local function unescape(s)
  s = s:gsub("%+", " ")
  return (s:gsub("%%(%x%x)", function(xx) return string.char(tonumber(xx, 16)) end))
end


return { json_members = json_members, reply_error = reply_error, crc32c = crc32c, unescape = unescape }
