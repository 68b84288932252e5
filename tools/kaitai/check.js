'use strict';
// Reads streams of frames, one JSON object a line on stdin, and writes what Kaitai Struct's parser of
// spec/teleport.ksy finds in each, one JSON object a line on stdout and in the same order.
//
//   in   {"id", "wire": hex, "proto": 102, "limits": {"maxPacket", "maxPayload", "maxUri", "maxMeta"},
//         "offered": [ids], "undone": [hex of the payload behind the pipe of frame 0, or null, ...]}
//   out  {"id", "frames": [{"size", "pipe", "pipeBy", "seq", "ptype", "uri", "meta": [[key, value], ...], "metaRaw",
//         "codec", "body"}, ...], "error": {"class", "stage", "offset", "field"}}
//
// Without "limits" the description is used as it stands: fast/1, the default limits, filter g alone. Byte strings are hex. "pipeBy" says who undid the pipe: "kaitai" where there was nothing to undo, "node" for gzip
// and crc32c, "given" where "undone" was used, "nobody" where the frame's payload stays closed.
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const compiler = require('kaitai-struct-compiler');
const KaitaiStream = require('kaitai-struct/KaitaiStream');
const yaml = require('js-yaml');
const { undo } = require('./pipe.js');
const { jsonFields, pbFields, pairsOf, Refused } = require('./payload.js');

// compile gives the class Teleport. The parser keeps where each field began, which tells where it failed.
async function compile() {
  const source = path.join(__dirname, '..', '..', 'spec', 'teleport.ksy');
  const files = await compiler.compile('javascript', yaml.load(fs.readFileSync(source, 'utf8')), null, true);
  const made = {};
  new Function('exports', 'require', files['Teleport.js'])(made, require);
  return made.Teleport;
}

const hex = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
const stream = (buffer) => new KaitaiStream(new Uint8Array(buffer).buffer);

// CLASSES says of each field what it means that the field is out of range; a missing field is `short` in a frame and
// `header` in a payload. A guard stands for the field before it.
const CLASSES = {
  size: ['length'], guardMaxPacket: ['limit', 'size'], proto: ['version'], numFilters: ['length'],
  guardMaxPayload: ['limit', 'size'], filters: ['filter-unknown'],
  lenUri: ['header'], guardMaxUri: ['limit', 'lenUri'], lenMeta: ['header'], guardMaxMeta: ['limit', 'lenMeta'],
};

// fault gives class, stage and offset of what stopped the parser in that object, whose last field is not complete.
function fault(err, object, stage, base) {
  const failed = (field) => field.end === undefined || field.validationError || (field.arr || []).some((one) => one.validationError);
  const name = Object.keys(object._debug).find((k) => failed(object._debug[k]));
  if (name === undefined) throw err;
  const missing = err instanceof KaitaiStream.EOFError;
  if (missing && stage === 'frame') {
    return { class: 'short', stage, offset: object._io.size - base, field: name };
  }
  const [kind, of] = missing ? ['header'] : CLASSES[name] || ['header'];
  let at = object._debug[of || name];
  if (at.arr) at = at.arr[at.arr.length - 1];
  return { class: kind, stage, offset: at.start - base, field: name };
}

// parse runs one request.
function parse(Teleport, request) {
  const wire = Buffer.from(request.wire, 'hex');
  const limits = request.limits || { maxUri: 65536, maxMeta: 65536 };
  const top = request.limits ? new Teleport.Stream(stream(wire), null, null, request.proto,
    limits.maxPacket, limits.maxPayload, limits.maxUri, limits.maxMeta,
    request.offered.reduce((set, id) => set | (1 << (id - 0x61)), 0)) : new Teleport(stream(wire));
  const out = { id: request.id, frames: [], error: null };
  let stopped = null;
  try {
    top._read();
  } catch (err) {
    stopped = known(err);
  }
  (top.frames || []).forEach((frame, i) => {
    if (out.error) return;
    const last = stopped && i === top.frames.length - 1;
    const start = frame._debug.size.start;
    let payload = frame.data;
    if (last && !payload) {
      out.error = fault(stopped, frame, 'frame', start);
      return;
    }
    const result = { size: frame.size, pipe: frame.filters, pipeBy: 'kaitai' };
    try {
      if (last) throw stopped;
      if (frame.numFilters > 0) {
        payload = null;
        let bytes = undo(frame.filters, Buffer.from(frame.data));
        result.pipeBy = bytes ? 'node' : 'nobody';
        if (!bytes && request.undone && request.undone[i] != null) {
          bytes = Buffer.from(request.undone[i], 'hex');
          result.pipeBy = 'given';
        }
        if (bytes) payload = read(Teleport, request.proto, bytes, limits, (p) => { payload = p; });
      }
      if (payload) Object.assign(result, fields(request.proto, payload));
      out.frames.push(result);
    } catch (err) {
      out.error = err instanceof Refused ? { class: 'header', stage: 'payload', offset: -1, field: err.message }
        : fault(known(err), payload, 'payload', 0);
    }
  });
  return out;
}

// known passes on what the parser throws at bad input, and nothing else.
function known(err) {
  if (err instanceof KaitaiStream.EOFError || err instanceof KaitaiStream.ValidationExprError
    || err instanceof KaitaiStream.ValidationLessThanError) return err;
  throw err;
}

// read parses a payload on its own; keep gets the object before it is read, for it tells where it failed.
function read(Teleport, proto, bytes, limits, keep) {
  if (proto === 0x6a) return bytes;
  const io = stream(bytes);
  const payload = proto === 0x70 ? new Teleport.PbPayload(io, null, null)
    : new Teleport.FastPayload(io, null, null, limits.maxUri, limits.maxMeta);
  keep(payload);
  payload._read();
  return payload;
}

// fields gives the fields of a payload in the form of the output.
function fields(proto, payload) {
  if (proto === 0x6a) return jsonFields(Buffer.from(payload));
  if (proto === 0x70) return pbFields(payload);
  const seq = (BigInt(payload.seqHigh) << 32n) | BigInt(payload.seqLow);
  return {
    seq: seq.toString(), ptype: payload.ptype, uri: hex(payload.uri), metaRaw: hex(payload._raw_meta),
    meta: pairsOf(payload.meta.pairs.map((p) => [Buffer.from(p.key), Buffer.from(p.value)])),
    codec: payload.codec, body: hex(payload.body),
  };
}

async function main() {
  const Teleport = await compile();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(parse(Teleport, JSON.parse(line))) + '\n');
  }
}

main().catch((err) => {
  console.error(err);
  process.exitCode = 1;
});
