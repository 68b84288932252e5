// A testee for `teleport conform --exec 'node testee.js'`: fast/1, written from the standard (spec/) alone, with the
// modules of Node itself. The first half is a codec, to be replaced by yours; the end is the contract of
// conformance/testee/README.md. A bug may throw whatever it likes: the judge tells a crash from a rejection.
'use strict';
const crypto = require('node:crypto');
const zlib = require('node:zlib');
const { isUtf8 } = require('node:buffer');

// A fault in the terms of chapter 11: class, stage and offset.
class Rejected extends Error {
  constructor(cls, stage = 'frame', offset = 0, message = '') {
    super(message);
    this.result = { status: 'rejected', class: cls, stage, offset, message };
  }
}

// The bytes end inside a frame; need is how many of it have to be there to go on.
class More extends Error { constructor(need) { super(); this.need = need; } }

// --- filters (chapters 7 and 22): id -> [doing, undoing within a limit]; at is where a fault is reported ---
const broken = (at, message) => new Rejected('filter-data', 'frame', at, message);
const over = (at) => new Rejected('limit', 'frame', at);
function crc(polynomial) {
  const step = (c) => c & 1 ? c >>> 1 ^ polynomial : c >>> 1;
  const table = Uint32Array.from({ length: 256 }, (_, c) => [1, 2, 3, 4, 5, 6, 7, 8].reduce(step, c));
  return (data) => (data.reduce((c, b) => table[(c ^ b) & 0xff] ^ c >>> 8, 0xffffffff) ^ 0xffffffff) >>> 0;
}
const crc32 = crc(0xedb88320), castagnoli = crc(0x82f63b78);
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const crc32c = (data) => u32(castagnoli(data));

// Gives the length of a gzip header, 0 for none (RFC 1952).
function gzipHeader(b) {
  const flags = b[3];
  if (b.length < 10 || b.readUIntBE(0, 3) !== 0x1f8b08 || flags & 0xe0) return 0;
  let at = 10;
  if (flags & 4) at += 2 + (at + 2 <= b.length ? b.readUInt16LE(at) : b.length);
  for (const flag of [8, 16]) if (flags & flag && (at = b.indexOf(0, at) + 1) === 0) return 0;
  if (!(flags & 2)) return at <= b.length ? at : 0;
  return at + 2 <= b.length && b.readUInt16LE(at) === (crc32(b.subarray(0, at)) & 0xffff) ? at + 2 : 0;
}

// Undoes gzip as 7.5 says: one whole member, or one that ends exactly behind a sync flush.
function ungzip(data, limit, at) {
  const inflate = (b, most, finishFlush = zlib.constants.Z_FINISH) => {
    try { // a chunk of one byte more than the limit: what comes first while the output is made decides
      const { buffer, engine } = zlib.inflateRawSync(b, { info: true, maxOutputLength: most, chunkSize: Math.max(64, most + 1), finishFlush });
      return { out: buffer, rest: b.subarray(engine.bytesWritten) };
    } catch (e) {
      if (e.code === 'ERR_BUFFER_TOO_LARGE') throw over(at);
      return { rest: b };
    }
  };
  const head = gzipHeader(data);
  if (head === 0) throw broken(at, 'no gzip header');
  const deflated = data.subarray(head), cut = deflated.length - 4, { out, rest } = inflate(deflated, limit);
  if (out && rest.length === 8 && rest.readUInt32LE(0) === crc32(out) && rest.readUInt32LE(4) === out.length) return out;
  const flushed = inflate(deflated, limit, zlib.constants.Z_SYNC_FLUSH).out;
  if (out || !flushed || cut < 0 || deflated.readUInt32BE(cut) !== 0xffff) throw broken(at, 'not exactly one gzip member');
  // The two runs of 7.5: an empty final block behind it, and a byte in place of the last four.
  for (const [begin, end, more] of [[deflated, '010000ffff', ''], [deflated.subarray(0, cut), '0100feffff010000ffff', 'ff']]) {
    const run = inflate(Buffer.concat([begin, Buffer.from(end, 'hex')]), limit + 2);
    const want = Buffer.concat([flushed, Buffer.from(more, 'hex')]);
    if (!run.out || run.rest.length > 0 || !run.out.equals(want)) throw broken(at, 'a truncated gzip member');
  }
  return flushed;
}

function uncrc32c(data, limit, at) {
  const end = Math.max(0, data.length - 4);
  if (end > limit) throw over(at);
  if (data.length < 4 || !crc32c(data.subarray(0, end)).equals(data.subarray(end))) throw broken(at, 'the CRC-32C is wrong');
  return data.subarray(0, end);
}

// Encryption with the test keys of 22.9: key 1 seals, the sender id of whoever is judged is 2.
function sealing(cipher, id, firstBytes) {
  const key = (n) => Buffer.from(Array.from({ length: 32 }, (_, i) => firstBytes[n - 1] + i));
  const run = crypto.randomBytes(8), options = { authTagLength: 16 };
  let counter = 0;
  return [(data) => {
    const ids = Buffer.concat([u32(1), u32(2)]), nonce = Buffer.concat([run, u32(counter++)]);
    const c = crypto.createCipheriv(cipher, key(1), nonce, options);
    c.setAAD(Buffer.concat([Buffer.of(id), ids]), { plaintextLength: data.length });
    return Buffer.concat([ids, nonce, c.update(data), c.final(), c.getAuthTag()]);
  }, (data, limit, at) => {
    if (data.length < 36) throw broken(at, 'fewer than 36 bytes');
    const end = data.length - 16, n = data.readUInt32BE(0);
    if (end - 20 > limit) throw over(at);
    if (n < 1 || n > 2 || data.readUInt32BE(4) === 2) throw broken(at, 'no such key, or the own sender id');
    const d = crypto.createDecipheriv(cipher, key(n), data.subarray(8, 20), options);
    d.setAAD(Buffer.concat([Buffer.of(id), data.subarray(0, 8)]), { plaintextLength: end - 20 });
    d.setAuthTag(data.subarray(end));
    try { return Buffer.concat([d.update(data.subarray(20, end)), d.final()]); } catch (e) { throw broken(at, 'the tag does not hold'); }
  }];
}

const FILTERS = {
  103: [(data) => zlib.gzipSync(data), ungzip],
  99: [(data) => Buffer.concat([data, crc32c(data)]), uncrc32c],
  97: sealing('aes-256-gcm', 97, [0x00, 0x20]),
  120: sealing('chacha20-poly1305', 120, [0x80, 0xa0]),
};

// --- metadata (chapter 8): bytes as latin1 strings, a character a byte ---
function decodeMeta(raw) {
  const unescape = (s) => s.replace(/\+/g, ' ').replace(/%([0-9A-Fa-f]{2})/g, (_, x) => String.fromCharCode(parseInt(x, 16)));
  return raw.toString('latin1').split('&').map((part) => {
    const at = part.indexOf('=');
    return (at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]).map(unescape);
  }).filter(([k, v]) => k || v);
}

function encodeMeta(pairs) {
  const escape = (s) => s.replace(/[^A-Za-z0-9*\-._]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'));
  return Buffer.from(pairs.map(([k, v]) => escape(k) + (v && '=' + escape(v))).join('&'));
}

// --- bodies (chapter 9): does this decode into anything at all? ---
// Walks over a protobuf message, or over a group to its end tag; gives where that ends, -1 where it is broken.
function protobuf(b, at = 0, group = 0, depth = 0) {
  const varint = () => {
    for (let n = 0n, i = 0n; i < 10n && at < b.length; i++) {
      n |= BigInt(b[at] & 0x7f) << 7n * i;
      if (b[at++] < 0x80) return n < 1n << 64n ? n : -1n;
    }
    return -1n;
  };
  while (at < b.length) {
    const tag = varint(), number = tag >> 3n, wire = Number(tag & 7n);
    if (number < 1n || number >= 1n << 29n || depth > 100 || wire > 5 || wire === 4 && number !== group) return -1;
    if (wire === 4) return at;
    const size = { 1: 8n, 3: 0n, 5: 4n }[wire] ?? varint();
    if (size < 0n || wire && size > b.length - at) return -1;
    at = wire === 3 ? protobuf(b, at, number, depth + 1) : at + (wire ? Number(size) : 0);
    if (at < 0) return -1;
  }
  return group ? -1 : at;
}

// Gives the class of what is wrong with a body, nothing where it decodes.
function bodyFault(codec, body) {
  if (body.length === 0 || codec === 115) return;
  if (codec === 112) return protobuf(body) < 0 ? 'body' : undefined;
  if (codec !== 106) return 'codec-unknown';
  try { JSON.parse(isUtf8(body) ? body.toString() : ''); } catch (e) { return 'body'; }
}

// --- the frame (chapter 5) and the payload (chapter 6) ---
// Reads the frame at the beginning of data. Each check runs as soon as its bytes are there.
function decode(data, limits, known) {
  const check = (need, holds, cls, offset) => {
    if (data.length < need) throw new More(need);
    if (!holds()) throw new Rejected(cls, 'frame', offset);
  };
  const size = data.length < 4 ? 0 : data.readUInt32BE(0), n = data[5];
  check(4, () => size >= 6, 'length', 0);
  check(4, () => size <= limits.maxPacket, 'limit', 0);
  check(5, () => data[4] === 0x66, 'version', 4);
  check(6, () => n <= size - 6, 'length', 5);
  check(6, () => n > 0 || size - 6 <= limits.maxPayload, 'limit', 0);
  for (let i = 0; i < n; i++) check(7 + i, () => known.includes(data[6 + i]), 'filter-unknown', 6 + i);
  check(size, () => true);
  const pipe = [...data.subarray(6, 6 + n)];
  const payload = pipe.reduce((b, id, i) => FILTERS[id][1](b, limits.maxPayload, 6 + i), data.subarray(6 + n, size));
  return { ...parse(payload, limits), pipe, size };
}

function parse(payload, limits) {
  const field = (at, n, offset = at) => {
    if (payload.length - at < n) throw new Rejected('header', 'payload', offset);
    return payload.subarray(at, at + n);
  };
  const sized = (at, limit) => {
    const value = field(at + 4, field(at, 4).readUInt32BE(0), at);
    if (value.length > limit) throw new Rejected('limit', 'payload', at);
    return value;
  };
  const seq = field(0, 8).readBigUInt64BE(0), ptype = field(8, 1)[0];
  const uri = sized(9, limits.maxUri), m = 13 + uri.length;
  const raw = sized(m, limits.maxMeta), meta = decodeMeta(raw), c = m + 4 + raw.length;
  if (meta.length > limits.maxMetaPairs) throw new Rejected('limit', 'payload', m);
  const codec = field(c, 1)[0], body = payload.subarray(c + 1), fault = bodyFault(codec, body);
  return { seq: String(seq), ptype, uri: show(uri), meta: meta.map(([key, value]) => ({ key: show(key), value: show(value) })),
    body_codec: codec, body: show(body), ...(fault && { fault: { class: fault, offset: fault === 'body' ? c + 1 : c } }) };
}

function encode(packet, pairs, limits, known) {
  const meta = pairs.filter(([k, v]) => k || v), raw = encodeMeta(meta), uri = read(packet.uri), { pipe } = packet;
  if (pipe.length > 255 || uri.length > limits.maxUri || raw.length > limits.maxMeta || meta.length > limits.maxMetaPairs) throw new Rejected('limit');
  if (!pipe.every((id) => known.includes(id))) throw new Rejected('filter-unknown');
  const seq = Buffer.from(BigInt(packet.seq).toString(16).padStart(16, '0'), 'hex');
  const payload = Buffer.concat([seq, Buffer.of(packet.ptype), u32(uri.length), uri, u32(raw.length), raw, Buffer.of(packet.body_codec), read(packet.body)]);
  const data = pipe.reduceRight((b, id) => FILTERS[id][0](b), payload), size = 6 + pipe.length + data.length;
  if (size > limits.maxPacket) throw new Rejected('limit');
  return Buffer.concat([u32(size), Buffer.of(0x66, pipe.length, ...pipe), data]);
}

// --- the contract: lines of JSON ---
const show = (b) => ({ hex: Buffer.from(b, 'latin1').toString('hex') });
const read = (b) => Buffer.from(b.hex, 'hex');
const latin1 = (b) => read(b).toString('latin1');

// Does the operations of 8.1 on the pairs; gives what the peeks found.
function operate(pairs, ops) {
  const peeks = [];
  for (const op of ops) {
    const key = latin1(op.key), value = op.value && latin1(op.value), first = pairs.find(([k]) => k === key);
    if (op.op === 'set' && first) first[1] = value;
    else if (op.op === 'set' || op.op === 'add') pairs.push([key, value]);
    else if (op.op === 'del') pairs.splice(0, pairs.length, ...pairs.filter(([k]) => k !== key));
    else peeks.push(first ? show(first[1]) : null);
  }
  return peeks;
}

function answer({ op, packet, ops = [], segments, end, packets: most = 0, limits, filters }) {
  if (op !== 'decode' && op !== 'encode') return { status: 'unimplemented' };
  const packets = [];
  let data = Buffer.from((segments ?? []).join(''), 'hex');
  try {
    if (op === 'encode') {
      const pairs = packet.meta.map((m) => [latin1(m.key), latin1(m.value)]);
      const peeks = operate(pairs, ops);
      return { status: 'ok', wire: encode(packet, pairs, limits, filters).toString('hex'), peeks };
    }
    while (data.length && (!most || packets.length < most)) {
      packets.push(decode(data, limits, filters));
      data = data.subarray(packets.at(-1).size);
    }
    return { status: 'ok', packets };
  } catch (e) {
    if (e instanceof Rejected) return { ...e.result, packets };
    if (!(e instanceof More)) throw e;
    return end ? { ...new Rejected('short', 'frame', data.length).result, packets } : { status: 'ok', packets, need: e.need };
  }
}

function reply(asked) {
  if (asked.type === 'hello') {
    return { type: 'hello', contract: 1, name: 'the example testee', language: `Node ${process.version}`, protos: ['fast/1'],
      filters: Object.keys(FILTERS).map(Number), features: ['binary', 'header-limits', 'interop', 'meta', 'pipe'] };
  }
  return asked.type === 'bye' ? asked : { ...answer(asked), type: 'result', id: asked.id, run: asked.run };
}

require('node:readline').createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  process.stdout.write(JSON.stringify(reply(JSON.parse(line))) + '\n');
});
