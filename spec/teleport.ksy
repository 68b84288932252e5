meta:
  id: teleport
  title: Teleport wire protocol, version 1.0
  license: Apache-2.0
  ks-version: '0.11'
  endian: be
  bit-endian: be

doc: |
  A stream of Teleport frames, one behind the other: chapters 5 and 6 of the standard, with the frames of
  chapters 20 and 21. Parsed as it stands it is fast/1 under the default limits; the type `stream` reads the other
  Protos and takes other limits.

  The checks stand in the order of TP-FRAME-008, so the first that fails is the fault that a receiver reports: the
  field that fails is where it is, and these are the classes.

  * the stream ends inside a `frame`, before its data: class `short`
  * `size`: `length` below 6, `limit` above the packet limit
  * `proto`: `version`; `num_filters`: `length`; `filters`: `filter-unknown`
  * a field named `guard_...` has no bytes; it is a further check of the field before it, of class `limit`
  * the stream ends inside a payload, or a length in it runs past its end: class `header`

  What a Kaitai description cannot say: that a filter undoes its data (a payload behind a pipe is given as bytes;
  undo them and parse the result as `fast_payload`), what %XX and + in metadata stand for, how many pairs are
  left when empty ones are skipped, and whether a body decodes under its codec.

seq:
  - id: frames
    type: frame(0x66, 4194304, 4194304, 65536, 65536, 0x40)
    repeat: eos
    doc: fast/1, 4 MiB for a frame and for a payload, 64 KiB for uri and metadata, filter g alone

types:
  stream:
    doc: Frames of the Proto `proto_id` until the end, under limits in bytes, from a sender whose filters are `offered`.
    params:
      - id: proto_id
        type: u1
      - id: max_packet
        type: u4
      - id: max_payload
        type: u4
      - id: max_uri
        type: u4
      - id: max_meta
        type: u4
      - id: offered
        type: u4
        doc: 'a set of filters: bit i for the id 0x61 + i'
    seq:
      - id: frames
        type: frame(proto_id, max_packet, max_payload, max_uri, max_meta, offered)
        repeat: eos

  frame:
    doc: Chapter 5. The params are those of `stream`.
    params:
      - id: proto_id
        type: u1
      - id: max_packet
        type: u4
      - id: max_payload
        type: u4
      - id: max_uri
        type: u4
      - id: max_meta
        type: u4
      - id: offered
        type: u4
    seq:
      - id: size
        type: u4
        doc: bytes of the whole frame, these four included
        valid:
          min: 6
      - id: guard_max_packet
        size: 0
        valid:
          expr: size <= max_packet
      - id: proto
        type: u1
        enum: protos
        valid:
          expr: proto.to_i == proto_id
      - id: num_filters
        type: u1
        valid:
          expr: num_filters <= size - 6
      - id: guard_max_payload
        size: 0
        if: num_filters == 0
        valid:
          expr: size - 6 <= max_payload
      - id: filters
        type: u1
        repeat: expr
        repeat-expr: num_filters
        doc: the ids of the pipe, outer-most first; see the enum `filter_ids`
        valid:
          expr: '_ >= 0x61 and _ <= 0x7a and ((offered >> (_ - 0x61)) & 1) == 1'
      - id: data
        size: size - 6 - num_filters
        doc: the payload, or with a pipe what its filters made of it
        type:
          switch-on: 'num_filters > 0 ? 0 : proto_id'
          cases:
            0x66: fast_payload(max_uri, max_meta)
            0x70: pb_payload

  fast_payload:
    doc: Chapter 6. Also the type of what is left when a pipe is undone.
    params:
      - id: max_uri
        type: u4
      - id: max_meta
        type: u4
    seq:
      - id: seq
        type: u8
        doc: where a language has no 64 bits for it, see seq_high and seq_low
      - id: ptype
        type: u1
        enum: ptypes
        doc: any value may stand here; what is no ptype ends the session, not the stream
      - id: len_uri
        type: u4
        valid:
          expr: len_uri <= _io.size - _io.pos
      - id: guard_max_uri
        size: 0
        valid:
          expr: len_uri <= max_uri
      - id: uri
        size: len_uri
      - id: len_meta
        type: u4
        valid:
          expr: len_meta <= _io.size - _io.pos
      - id: guard_max_meta
        size: 0
        valid:
          expr: len_meta <= max_meta
      - id: meta
        size: len_meta
        type: metadata
      - id: codec
        type: u1
        enum: codecs
        doc: any value may stand here; what is no codec fails when the body is bound
      - id: body
        size-eos: true
    instances:
      seq_high:
        pos: 0
        type: u4
      seq_low:
        pos: 4
        type: u4

  metadata:
    doc: Chapter 8, the pairs still escaped. A pair of which both parts are empty is none (TP-META-006).
    seq:
      - id: pairs
        type: pair
        terminator: 0x26
        eos-error: false
        repeat: eos
    types:
      pair:
        seq:
          - id: key
            terminator: 0x3d
            eos-error: false
          - id: value
            size-eos: true

  pb_payload:
    doc: |
      Chapter 21, a message of Protocol Buffers. That no field is there twice, and that a known one has its own wire type, is left to
      the reader.
    seq:
      - id: fields
        type: pb_field
        repeat: eos
    types:
      pb_field:
        seq:
          - id: tag
            type: varint
          - id: value
            type:
              switch-on: wire_type
              cases:
                0: varint
                1: fixed(8)
                2: chunk
                5: fixed(4)
                _: no_wire_type
        instances:
          wire_type:
            value: tag.groups[0].bits & 7
      varint:
        doc: Seven bits a group, the lowest first.
        seq:
          - id: groups
            type: varint_group
            repeat: until
            repeat-until: not _.more or groups.size == 10
      varint_group:
        seq:
          - id: more
            type: b1
          - id: bits
            type: b7
      fixed:
        params:
          - id: len
            type: u1
        seq:
          - id: bytes
            size: len
      chunk:
        seq:
          - id: len
            type: varint
          - id: guard_short_len
            size: 0
            valid:
              expr: len.groups.size <= 4
          - id: bytes
            size: >-
              (len.groups[0].bits)
              + (len.groups.size > 1 ? (len.groups[1].bits << 7) : 0)
              + (len.groups.size > 2 ? (len.groups[2].bits << 14) : 0)
              + (len.groups.size > 3 ? (len.groups[3].bits << 21) : 0)
      no_wire_type:
        seq:
          - id: guard_wire_type
            size: 0
            valid:
              expr: 'false'

enums:
  protos:
    0x66: fast
    0x6a: json
    0x70: pb
  ptypes:
    1: pull
    2: reply
    3: push
  codecs:
    0x00: none
    0x6a: json
    0x70: protobuf
    0x73: string
  filter_ids:
    0x61: aes_gcm
    0x63: crc32c
    0x67: gzip
    0x78: chacha20_poly1305
    0x7a: zstd
