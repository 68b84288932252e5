package wireshark_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/vectors"
)

// faultOf gives the fault that a frame shows, "class at offset of the stage", empty where it shows none.
func faultOf(frame node) string {
	if frame.get("teleport.malformed") == "" {
		return ""
	}
	return fmt.Sprintf("%s at %s of the %s", frame.get("teleport.malformed"), frame.get("teleport.malformed.offset"), frame.get("teleport.malformed.stage"))
}

// lastFault is that of the last frame of a stream.
func lastFault(s *stream) string {
	if len(s.frames) == 0 {
		return ""
	}
	return faultOf(s.frames[len(s.frames)-1])
}

// compare says how the frames of a stream differ from those of its case, and whether a payload stayed closed.
func compare(s *stream) (diff string, closed bool) {
	c := s.c
	want := c.Packets
	if c.Kind != vectors.KindStream && c.Packet != nil && (c.Result != vectors.Invalid || c.Stage == vectors.StageBody) {
		want = []vectors.Packet{*c.Packet}
	}
	if c.Kind == vectors.KindStream && c.Expand == vectors.ExpandTruncate {
		want = nil // how many are whole depends on the run
	}
	got := s.frames
	if c.Result == vectors.Invalid && c.Stage != vectors.StageBody {
		if d := diffFault(s); d != "" {
			return d, false
		}
		got = got[:len(got)-1]
		if want == nil {
			return "", false
		}
	}
	if c.Result == vectors.Quirk && want == nil {
		return "", false
	}
	if len(got) != len(want) {
		return fmt.Sprintf("expected %d packets, got %d", len(want), len(got)), false
	}
	for i := range want {
		if isClosed(got[i]) {
			closed = true
		}
		if d := diffPacket(c, &want[i], got[i], s.run.Len()); d != "" {
			return fmt.Sprintf("packet %d: %s", i, d), closed
		}
	}
	return "", closed
}

func diffFault(s *stream) string {
	var accepted []string
	for _, class := range append([]string{s.c.Error}, s.c.OtherErrors...) {
		stage := s.c.Stage
		if s.c.Expand == vectors.ExpandTruncate {
			stage = vectors.StageFrame
		}
		accepted = append(accepted, fmt.Sprintf("%s at %d of the %s", class, s.run.Offset, stage))
	}
	if got := lastFault(s); !slices.Contains(accepted, got) {
		return fmt.Sprintf("expected %q, got %q in %d frames", accepted, got, len(s.frames))
	}
	return ""
}

// isClosed tells a frame whose payload the dissector passes over.
func isClosed(frame node) bool {
	return len(frame.all("teleport.pipe.closed"))+len(frame.all("teleport.payload")) > 0 || len(frame.all("teleport.codec")) == 0
}

// diffPacket compares one packet.
func diffPacket(c *vectors.Case, w *vectors.Packet, frame node, wire int) string {
	size := w.Size
	if size == 0 && c.Kind != vectors.KindStream {
		size = wire
	}
	pipe := vectors.Pipe{}
	for _, id := range frame.all("teleport.pipe.filter") {
		n, _ := strconv.ParseInt(id.text, 0, 0)
		pipe = append(pipe, byte(n))
	}
	want := fmt.Sprintf("size=%d pipe=%v", size, append(vectors.Pipe{}, w.Pipe...))
	got := fmt.Sprintf("size=%s pipe=%v", frame.get("teleport.size"), pipe)
	if !isClosed(frame) {
		text, err := fields(w)
		if err != nil {
			return err.Error()
		}
		want, got = want+text, got+dissected(frame)
	}
	if want != got {
		return fmt.Sprintf("\nexpected %.300s\ngot      %.300s", want, got)
	}
	if isClosed(frame) {
		return ""
	}
	fault := faultOf(frame)
	switch {
	case w.Ptype < 1 || w.Ptype > 3:
		want = "type at 8 of the payload"
	case c.Result == vectors.Invalid && c.Stage == vectors.StageBody:
		want = fmt.Sprintf("%s at %d of the body", c.Error, *c.Offset)
	case c.HasFlag(vectors.FlagRawBody):
		want = fault // it has one, or a body that nobody judges here
	default:
		want = ""
	}
	if fault != want {
		return fmt.Sprintf("expected the fault %q, got %q", want, fault)
	}
	return diffError(c, w, frame)
}

// diffError compares the error of a REPLY; its texts where they print.
func diffError(c *vectors.Case, w *vectors.Packet, frame node) string {
	e := frame.all("teleport.error")
	if c.HasFlag(vectors.FlagSuccess) && len(e) > 0 {
		return "expected a success, got error " + frame.get("teleport.error.code")
	}
	if w.Error == nil || c.Result == vectors.Quirk {
		return ""
	}
	if len(e) != 1 || frame.get("teleport.error.code") != fmt.Sprint(w.Error.Code) {
		return fmt.Sprintf("expected error %d, got %q", w.Error.Code, frame.get("teleport.error.code"))
	}
	for name, text := range map[string]vectors.Bytes{"message": w.Error.Message, "detail": w.Error.Detail} {
		want, err := text.Expand()
		if err != nil {
			return err.Error()
		}
		if got := frame.get("teleport.error." + name); prints(want) && got != string(want) {
			return fmt.Sprintf("%s: expected %.100q, got %.100q", name, want, got)
		}
	}
	return ""
}

// prints tells whether tshark shows the bytes as they are.
func prints(b []byte) bool {
	return utf8.Valid(b) && len(b) < 200 && !strings.ContainsFunc(string(b), func(r rune) bool { return !unicode.IsPrint(r) })
}

// fields is a packet of the vectors as text, and dissected one of tshark.
func fields(p *vectors.Packet) (string, error) {
	uri, err := p.Uri.Expand()
	if err != nil {
		return "", err
	}
	body, err := p.Body.Expand()
	if err != nil {
		return "", err
	}
	meta := []string{}
	for _, pair := range p.Meta {
		key, err := pair.Key.Expand()
		if err != nil {
			return "", err
		}
		value, err := pair.Value.Expand()
		if err != nil {
			return "", err
		}
		if len(key)+len(value) > 0 {
			meta = append(meta, fmt.Sprintf("%x %x", key, value))
		}
	}
	return fmt.Sprintf(" seq=%s ptype=%d uri=%x meta=%q codec=%d body=%x", p.Seq, p.Ptype, uri, meta, p.BodyCodec, body), nil
}

func dissected(frame node) string {
	meta := []string{}
	for _, pair := range frame.all("teleport.meta.pair") {
		meta = append(meta, fmt.Sprintf("%x %x", pair.raw("teleport.meta.key"), pair.raw("teleport.meta.value")))
	}
	codec, _ := strconv.ParseInt(frame.get("teleport.codec"), 0, 0)
	return fmt.Sprintf(" seq=%s ptype=%s uri=%x meta=%q codec=%d body=%x", frame.get("teleport.seq"), frame.get("teleport.type"),
		frame.raw("teleport.uri"), meta, codec, frame.raw("teleport.body"))
}
