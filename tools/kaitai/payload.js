'use strict';
// Makes packets of payloads where the description ends: pairs of metadata, the object of json/1, the message of pb/1.

// unescape undoes %XX and + (TP-META-008 to TP-META-010).
function unescape(bytes) {
  const text = bytes.toString('latin1').replace(/\+|%([0-9A-Fa-f]{2})/g, (all, xx) => (xx ? String.fromCharCode(parseInt(xx, 16)) : ' '));
  return Buffer.from(text, 'latin1');
}

// pairsOf unescapes pairs, and leaves out those of which nothing is left (TP-META-006).
function pairsOf(pairs) {
  return pairs.map(([key, value]) => [unescape(key).toString('hex'), unescape(value).toString('hex')])
    .filter(([key, value]) => key + value !== '');
}

// split is for metadata that is not a type of the description, but a value in a payload of json/1 or pb/1.
function split(bytes) {
  return pairsOf(bytes.toString('latin1').split('&').map((part) => {
    const at = part.indexOf('=');
    const halves = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    return halves.map((half) => Buffer.from(half, 'latin1'));
  }));
}

// Refused is thrown for a payload that a description could read and a reader refuses.
class Refused extends Error {}

exports.pairsOf = pairsOf;
exports.Refused = Refused;

// byte takes a ptype or a codec.
function byte(n) {
  if (n !== BigInt.asUintN(8, n)) throw new Refused(`${n} is no byte`);
  return Number(n);
}

// whole takes a number of JSON that has to be a byte.
function whole(n) {
  if (n !== undefined && !Number.isInteger(n)) throw new Refused(`${n} is not whole`);
  return byte(BigInt(n || 0));
}

// TYPES are those of the members (20.1).
const TYPES = {
  seq: 'string', ptype: 'number', uri: 'string', uri_base64: 'string', meta: 'string', body_codec: 'number', body: 'string', body_base64: 'string',
};

// jsonFields reads the object of json/1 with the language's own JSON.
exports.jsonFields = (bytes) => {
  let o;
  try {
    o = JSON.parse(bytes.toString('utf8'));
  } catch (err) {
    throw new Refused(err.message);
  }
  if (o === null || typeof o !== 'object') throw new Refused('no object');
  for (const [name, type] of Object.entries(TYPES)) {
    if (o[name] !== undefined && typeof o[name] !== type) throw new Refused(`${name} is no ${type}`);
  }
  const either = (name) => (o[name + '_base64'] !== undefined ? Buffer.from(o[name + '_base64'], 'base64') : Buffer.from(o[name] || ''));
  return {
    seq: o.seq || '0', ptype: whole(o.ptype), uri: either('uri').toString('hex'), metaRaw: Buffer.from(o.meta || '').toString('hex'),
    meta: split(Buffer.from(o.meta || '')), codec: whole(o.body_codec), body: either('body').toString('hex'),
  };
};

// WIRE_TYPES are those of the fields 1 to 6 (21.1).
const WIRE_TYPES = [-1, 0, 0, 2, 2, 0, 2];

// number is the value of a varint.
const number = (varint) => varint.groups.reduce((n, group, i) => n | (BigInt(group.bits) << BigInt(7 * i)), 0n);

// pbFields takes the fields of the message; those with other numbers are skipped.
exports.pbFields = (payload) => {
  const by = {};
  for (const field of payload.fields) {
    const n = Number(number(field.tag) >> 3n);
    if (by[n]) throw new Refused(`field ${n} is there twice`);
    if (n >= 1 && n <= 6 && field.wireType !== WIRE_TYPES[n]) throw new Refused(`field ${n} has wire type ${field.wireType}`);
    if (n >= 1 && n <= 6) by[n] = field.value;
  }
  const value = (n) => (by[n] ? number(by[n]) : 0n);
  const bytes = (n) => (by[n] ? Buffer.from(by[n].bytes) : Buffer.alloc(0));
  return {
    seq: value(1).toString(), ptype: byte(value(2)), uri: bytes(3).toString('hex'), metaRaw: bytes(4).toString('hex'),
    meta: split(bytes(4)), codec: byte(value(5)), body: bytes(6).toString('hex'),
  };
};
