'use strict';
// Undoes what a Kaitai description cannot: the filters gzip and crc32c, with what Node has.
const zlib = require('zlib');

// crc32c is the checksum of filter c, bit by bit.
function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const FILTERS = {
  // A member may end after a sync flush, without a trailer (TP-XFER-015).
  0x67: (data) => zlib.gunzipSync(data, { finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  0x63: (data) => {
    const cut = data.length - 4;
    if (cut < 0 || crc32c(data.subarray(0, cut)) !== data.readUInt32BE(cut)) throw new Error('wrong checksum');
    return data.subarray(0, cut);
  },
};

// undo gives the payload behind a pipe; null where a filter is not one of these, or cannot undo its data.
exports.undo = (ids, data) => {
  for (const id of ids) {
    if (!FILTERS[id]) return null;
    try {
      data = FILTERS[id](data);
    } catch {
      return null;
    }
  }
  return data;
};
