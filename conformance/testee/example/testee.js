// A testee to start from: it says hello, and `unimplemented` to every case.
//
// Run it with:  teleport conform --exec 'node testee.js'
// One case:     teleport conform --exec 'node testee.js' --replay wire/fast-example-0001
// The contract, and a complete testee in this language, are in conformance/testee of the Teleport repository. Write to
// standard error (console.error) what you want to see; standard output belongs to the judge.
'use strict';

const HELLO = {
  type: 'hello', contract: 1,
  name: 'my decoder', version: '0', language: `Node ${process.version}`,
  protos: ['fast/1'], // of fast/1, json/1, pb/1
  filters: [], // ids: 103 is gzip
  features: ['binary', 'header-limits', 'meta'], // 'pipe' once there are filters
};

class Unimplemented extends Error {}

// Throw it where the standard rejects: new Rejected('length', 'frame', 0).
class Rejected extends Error {
  constructor(cls, stage = 'frame', offset = 0) {
    super(cls);
    this.result = { status: 'rejected', class: cls, stage, offset };
  }
}

// Reads the first frame of data, a Buffer. Gives its packet:
//   { seq: '5', ptype: 1, uri: { hex: '2f61' }, meta: [{ key: { hex: '6b' }, value: { hex: '76' } }],
//     body_codec: 115, pipe: [], body: { hex: '6869' }, size: 27 }
// with fault: { class: 'body', offset: 24 } where the body does not decode; or null where data ends inside it.
function decode(data, limits, filters) {
  throw new Unimplemented('decode');
}

// Gives { wire, peeks }: the frame of a packet, a Buffer, and what the peeks of ops found.
function encode(packet, ops, limits, filters) {
  throw new Unimplemented('encode');
}

function answer(asked) {
  const packets = [];
  try {
    if (asked.op === 'encode') {
      const { wire, peeks } = encode(asked.packet, asked.ops ?? [], asked.limits, asked.filters);
      return { status: 'ok', wire: wire.toString('hex'), peeks };
    }
    if (asked.op !== 'decode') throw new Unimplemented(asked.op);
    let data = Buffer.from(asked.segments.join(''), 'hex');
    while (data.length > 0 && (!asked.packets || packets.length < asked.packets)) {
      const packet = decode(data, asked.limits, asked.filters);
      if (packet === null) {
        if (asked.end) throw new Rejected('short', 'frame', data.length);
        break;
      }
      packets.push(packet);
      data = data.subarray(packet.size);
    }
    return { status: 'ok', packets };
  } catch (e) {
    if (e instanceof Rejected) return { ...e.result, packets };
    if (e instanceof Unimplemented) return { status: 'unimplemented', message: e.message };
    throw e; // a crash: the judge tells it from a rejection
  }
}

function reply(asked) {
  if (asked.type === 'hello') return HELLO;
  if (asked.type !== 'case') return { type: 'bye' };
  return { type: 'result', id: asked.id, run: asked.run, ...answer(asked) };
}

require('node:readline').createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  process.stdout.write(JSON.stringify(reply(JSON.parse(line))) + '\n');
});
