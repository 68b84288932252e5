package vectorgen

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// streamArea is frames one behind the other, however the bytes arrive, and the ways in which a stream ends.
func streamArea() *area {
	a := newArea("stream", "Streams: several frames, the segments in which they arrive, and how a stream ends.", map[string]string{
		"Coalesced":         "Several frames arrive in one segment: a reader that throws away what it has read beyond the first loses packets.",
		"Cut":               "A frame arrives in pieces: a reader that takes one read for one packet, or does not read a short read to its end, fails.",
		"CleanEnd":          "The stream ends at a frame's boundary: that is no error.",
		"EarlyEnd":          "The stream ends inside a frame: that is an error, and not a clean end.",
		"Garbage":           "Something that is no frame follows good frames: these must have been read, nothing behind it may be.",
		vectors.FlagRawBody: "A body that does not decode costs one packet, not the stream.",
	})
	one, two, three := base(), examplePull(), plain(0, oracle.Push, "/push/test?tag=from home-test", 's', "hi")
	zipped, small := doubleGzip(), plain(0, oracle.Pull, "", 0, "")
	all := []frame{one, two, three, zipped, small}

	a.stream("end", reqs("TP-FRAME-011"), "No byte at all: a clean end.", nil, flags("CleanEnd"))
	a.stream("end", reqs("TP-FRAME-011", "TP-FRAME-017"), "One frame and the end.", []frame{one}, flags("CleanEnd"))
	a.stream("coalesced", reqs("TP-FRAME-010", "TP-FRAME-017", "TP-FRAME-011"), "Two frames in one segment.", []frame{one, two}, flags("Coalesced"))
	a.stream("coalesced", reqs("TP-FRAME-010", "TP-FRAME-017"), "Five frames in one segment: with metadata, filters, without a body.", all, flags("Coalesced"))
	a.stream("coalesced", reqs("TP-FRAME-010"), "The same frame three times.", []frame{one, one, one}, flags("Coalesced"))
	var hundred []frame
	for n := range 100 {
		hundred = append(hundred, plain(uint64(n), oracle.Push, fmt.Sprintf("/n/%d", n), 's', fmt.Sprint(n)))
	}
	a.stream("coalesced", reqs("TP-FRAME-010", "TP-FRAME-017"), "A hundred frames in one segment.", hundred, flags("Coalesced"))
	bodies := []frame{plain(0, oracle.Pull, "/a", 'j', "{"), plain(1, oracle.Pull, "/a", 'X', "?"), plain(2, oracle.Pull, "/a", 'p', "\x00"), one}
	a.stream("bad-body", reqs("TP-CODEC-009", "TP-CODEC-010", "TP-FAST-014"), "Three packets whose bodies do not decode, and a good one.", bodies, flags("Coalesced", vectors.FlagRawBody))

	for _, n := range []int{1, 2, 3, 5, 7, 64} {
		a.stream("cut", reqs("TP-FRAME-009", "TP-FRAME-010"), fmt.Sprintf("Five frames in segments of %d bytes.", n), all, segments(n), flags("Cut"))
	}
	a.stream("cut", reqs("TP-FRAME-009"), "Cut between the frames.", []frame{one, two, three}, segments(33, 79, 55), flags("Cut"))
	a.stream("cut", reqs("TP-FRAME-009", "TP-FRAME-010"), "The first frame with the size of the second.", []frame{one, two}, segments(37, 75), flags("Cut", "Coalesced"))
	a.stream("cut", reqs("TP-FRAME-009", "TP-FRAME-010"), "The first frame with half the size of the second.", []frame{one, two}, segments(35, 77), flags("Cut", "Coalesced"))
	a.stream("cut", reqs("TP-FRAME-009"), "Cut behind the size, the protocol id, the filter count and each filter id.", []frame{zipped}, segments(4, 1, 1, 1, 1, 100), flags("Cut"))
	a.stream("cut", reqs("TP-FRAME-009"), "Cut behind each field of the header.", []frame{two}, segments(4, 1, 1, 8, 1, 4, 31, 4, 17, 1, 7), flags("Cut"))
	a.stream("cut-everywhere", reqs("TP-FRAME-009", "TP-FRAME-010"), "Two frames, cut at each byte in turn.", []frame{one, two}, expand(vectors.ExpandSplit), flags("Cut", "Coalesced"))
	a.stream("cut-everywhere", reqs("TP-FRAME-009", "TP-XFER-004"), "A frame with two filters, cut at each byte in turn.", []frame{zipped}, expand(vectors.ExpandSplit), flags("Cut"))
	a.stream("cut-everywhere", reqs("TP-FRAME-009"), "The smallest frame, cut at each byte in turn.", []frame{small}, expand(vectors.ExpandSplit), flags("Cut"))
	streamEnds(a, one, two)
	streamGarbage(a, one, two)
	return a
}

func streamEnds(a *area, one, two frame) {
	w := two.wire()
	for _, n := range []int{1, 3, 4, 5, 6, 14, 50, 54, 71, 72, 78} {
		a.badStream("early-end", reqs("TP-FRAME-012", "TP-FRAME-010"), at(oracle.Short, oracle.StageFrame, int64(n)),
			"A good frame, then "+itoa(n)+" of the 79 bytes of another.", []frame{one}, w.cut(n), flags("EarlyEnd"))
	}
	for _, n := range []int{1, 5, 33} {
		a.badStream("early-end", reqs("TP-FRAME-012", "TP-FRAME-009"), at(oracle.Short, oracle.StageFrame, int64(n)),
			"The same, one byte at a time, with "+itoa(n)+" bytes of the other.", []frame{one}, w.cut(n), segments(1), flags("EarlyEnd", "Cut"))
	}
	a.badStream("early-end", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0),
		"One frame, ended after each byte in turn, one byte at a time.", nil, w, segments(1), expand(vectors.ExpandTruncate), flags("EarlyEnd", "Cut"))
}

func streamGarbage(a *area, one, two frame) {
	garbage := func(v verdict, comment string, tail wire, opts ...option) {
		a.badStream("garbage", reqs("TP-FRAME-015", "TP-FRAME-010"), v, comment, []frame{one, two}, tail, append(opts, flags("Garbage"))...)
	}
	limit, length := at(oracle.Limit, oracle.StageFrame, 0), at(oracle.Length, oracle.StageFrame, 0)
	garbage(limit, "Two good frames, then text.", wire{b: []byte("hello?")})
	garbage(limit, "Two good frames, then four bytes ff.", wire{b: []byte{0xff, 0xff, 0xff, 0xff}})
	garbage(length, "Two good frames, then four zero bytes.", wire{b: make([]byte, 4)})
	garbage(length, "Two good frames, then a size of 5.", one.wire().setU32(0, 5))
	garbage(at(oracle.Short, oracle.StageFrame, 2), "Two good frames, then a line break.", wire{b: []byte("\r\n")})
	version := at(oracle.Version, oracle.StageFrame, 4)
	garbage(version, "Two good frames, then one of another protocol.", one.wire().set(4, 'j'))
	garbage(version, "The same, one byte at a time.", one.wire().set(4, 'j'), segments(1), flags("Cut"))
	garbage(at(oracle.FilterUnknown, oracle.StageFrame, 6), "Two good frames, then one with an unknown filter.", framedPipe("X", []byte("data")))
	garbage(at(oracle.FilterData, oracle.StageFrame, 6), "Two good frames, then one with broken filter data.", framedPipe("g", []byte("data")), piped(1, 0))
	garbage(at(oracle.Header, oracle.StagePayload, 9), "Two good frames, then one whose uri runs past its end.", one.wire().setU32(15, 100))
	after := func(v verdict, comment string, bad wire, opts ...option) {
		tail := bad
		tail.join("behind", two.wire())
		a.badStream("after-fault", reqs("TP-FRAME-015"), v, comment+" A good frame follows and must not be read.", []frame{one}, tail, append(opts, flags("Garbage"))...)
	}
	after(version, "A good frame, then a frame of another protocol.", one.wire().set(4, 'j'))
	after(length, "A good frame, then a size of 0.", wire{b: make([]byte, 4)})
	after(at(oracle.Length, oracle.StageFrame, 5), "A good frame, then a filter count that does not fit.", one.wire().set(5, 200))
	after(at(oracle.FilterUnknown, oracle.StageFrame, 6), "A good frame, then an unknown filter.", framedPipe("X", []byte("data")))
	after(at(oracle.FilterData, oracle.StageFrame, 6), "A good frame, then broken filter data.", framedPipe("g", []byte("data")), piped(1, 0))
	after(at(oracle.Header, oracle.StagePayload, 9), "A good frame, then a uri length that runs past the payload, but not past the bytes that are there.", one.wire().setU32(15, 40))
	after(at(oracle.Header, oracle.StagePayload, 0), "A good frame, then a frame without a payload.", framed(nil))
	after(at(oracle.Limit, oracle.StagePayload, 9), "A good frame, then one whose uri is over the limit of 32 bytes.", one.withUri("/"+fmt.Sprintf("%032d", 0)).wire(), limits(vectors.Limits{MaxUri: 32}))
}
