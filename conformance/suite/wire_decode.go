package suite

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
	"google.golang.org/protobuf/types/known/emptypb"
)

func parseSeq(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }

// reader gives the next packet of a run, by one of the two paths.
type reader func(p *packet.Packet) error

// decode runs the vector's bytes through Unpack and, where there is one, through the Framer.
func (w *wireBench) decode() {
	if a := w.asked(); a != nil {
		w.decodeAsked(a)
		return
	}
	runs, err := w.v.Runs()
	w.must(err, "cutting the wire")
	framer, isFramer := w.open(&stream{}).proto.(packet.Framer)
	for _, run := range runs {
		e := w.open(segmented(run.Segments))
		w.check(run, e.Unpack, "Unpack")
		if isFramer && len(run.Segments) > 0 {
			w.check(run, w.framed(&guardedFramer{w.bench, framer}, slices.Concat(run.Segments...)), "the Framer")
		}
	}
	if w.v.MaxAlloc > 0 && !w.quirk() && !w.without(FeatureMemory) {
		st := segmented(runs[0].Segments)
		w.wantWithin(measured(uint64(w.v.MaxAlloc)), "decoding", func() {
			again := stream{in: st.in, chunk: st.chunk}
			e := w.open(&again)
			for p := w.blank(); e.Unpack(p) == nil; p = w.blank() {
			}
		})
	}
}

// segmented is a stream that gives the segments one a Read.
func segmented(segments [][]byte) *stream {
	in := slices.Concat(segments...)
	var ends []int
	end := 0
	for _, s := range segments {
		end += len(s)
		ends = append(ends, end)
	}
	return &stream{in: in, chunk: func(left int) int {
		pos := len(in) - left
		i, _ := slices.BinarySearch(ends, pos+1)
		return ends[i] - pos
	}}
}

// framed reads packets out of data the way a session does over a Framer.
func (w *wireBench) framed(f *guardedFramer, data []byte) reader {
	return func(p *packet.Packet) error {
		if len(data) == 0 {
			return io.EOF
		}
		n, err := f.FrameLen(p.Env(), data)
		switch {
		case err != nil:
			return err
		case n <= 0 || n > len(data): // what a session reports when the stream ends here
			return &packet.Error{Class: packet.ClassShort, Stage: packet.StageFrame, Op: "unpack", Offset: int64(len(data)), Err: io.ErrUnexpectedEOF}
		}
		frame := data[:n:n]
		data = data[n:]
		return f.ParseFrame(frame, p)
	}
}

// check reads one run to its end and compares packets and verdict.
func (w *wireBench) check(run vectors.Run, next reader, path string) {
	var last *packet.Packet
	var err error
	bodyFault := w.v.Result == vectors.Invalid && w.v.Stage == vectors.StageBody
	count := len(w.want)
	if w.v.Result == vectors.Invalid && !bodyFault && w.v.Kind != vectors.KindStream {
		count = 0 // an invalid frame gives no packet, whatever the vector shows of it
	}
	for i := 0; ; i++ {
		p := w.blank()
		if err = next(p); err != nil {
			if i < count && !w.quirk() {
				w.wrong("%s: packet %d was rejected: %s", path, i+1, describe(err))
				return
			}
			break
		}
		if w.quirk() && i > run.Len() {
			w.Fatalf("%s never ends", path)
		}
		if w.quirk() {
			continue
		}
		if i >= count {
			w.wrong("%s: accepted what is invalid, or more packets than there are (packet %d)", path, i+1)
			return
		}
		if d := w.want[i].diff(read(p)); d != "" {
			w.wrong("%s: packet %d:\n%s", path, i+1, d)
		}
		if w.size[i] > 0 && int(p.Size()) != w.size[i] {
			w.wrong("%s: packet %d: the size is %d on the wire, reported as %d", path, i+1, w.size[i], p.Size())
		}
		last = p
		if !bodyFault && !w.v.HasFlag(vectors.FlagRawBody) {
			if err := w.bind(p); err != nil {
				w.wrong("%s: packet %d: its body does not decode: %s", path, i+1, describe(err))
			}
		}
	}
	switch {
	case w.quirk():
	case bodyFault:
		if last != nil {
			w.wantFault(w.bind(last), run.Offset, path+", binding the body")
		}
	case w.v.Result == vectors.Invalid:
		w.wantFault(err, run.Offset, path)
	case err != io.EOF:
		w.wrong("%s: after the last packet: expected io.EOF itself, got %s", path, describe(err))
	}
}

// bindAny decodes a body into something that takes every legal body of its codec.
func bindAny(p *packet.Packet) error {
	switch p.BodyCodec() {
	case 'p':
		return p.Bind(&emptypb.Empty{})
	case 's':
		var s string
		return p.Bind(&s)
	}
	var v any
	return p.Bind(&v)
}

// wantFault compares an error with the vector's class, stage and offset.
func (w *wireBench) wantFault(err error, offset int64, path string) {
	e, ok := errors.AsType[*packet.Error](err)
	if !ok {
		w.wrong("%s: expected class %s, got %s", path, w.v.Error, describe(err))
		return
	}
	if slices.Contains(w.v.OtherErrors, string(e.Class)) {
		return
	}
	if string(e.Class) != w.v.Error || w.v.Stage != "" && string(e.Stage) != w.v.Stage || offset >= 0 && e.Offset != offset {
		w.wrong("%s: expected class %s, stage %s, offset %d; got %s", path, w.v.Error, w.v.Stage, offset, describe(err))
	}
	if e.Class == packet.ClassShort && !errors.Is(err, io.ErrUnexpectedEOF) {
		w.wrong("%s: an error of class short does not wrap io.ErrUnexpectedEOF: %v", path, err)
	}
}

// wrong records a finding, the first one with the annotated bytes.
func (w *wireBench) wrong(format string, args ...any) {
	first := !w.Failed()
	w.Errorf(format, args...)
	if first && len(w.wire) > 0 {
		w.Errorf("the wire, %d bytes:\n%s", len(w.wire), report.HexDump(w.wire, w.fields()))
	}
}

func (w *wireBench) fields() []report.Field {
	var out []report.Field
	for _, f := range w.v.Fields {
		out = append(out, report.Field{Name: f.Name, At: f.At, Len: f.Len})
	}
	return out
}
