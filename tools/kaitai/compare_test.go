package kaitai_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/vectors"
)

// packetsOf gives the packets that a case says are there; nil for a case that does not say.
func packetsOf(c *vectors.Case) []vectors.Packet {
	if c.Kind == vectors.KindStream {
		return append([]vectors.Packet{}, c.Packets...)
	}
	if c.Packet == nil {
		return nil
	}
	return []vectors.Packet{*c.Packet}
}

// diffFault says how an answer differs from the verdict of the case; empty where it does not.
func diffFault(r run, got answer) string {
	c := r.c
	if got.Error == nil {
		return fmt.Sprintf("expected class %s, got %d frames and no error", c.Error, len(got.Frames))
	}
	e := got.Error
	if e.Class != c.Error && !slices.Contains(c.OtherErrors, e.Class) || e.Stage != c.Stage && c.Expand == "" || r.offset >= 0 && e.Offset != r.offset {
		return fmt.Sprintf("expected %s at %d of the %s, got %s at %d of the %s (%s)", c.Error, r.offset, c.Stage, e.Class, e.Offset, e.Stage, e.Field)
	}
	if c.Kind == vectors.KindStream && c.Expand == "" {
		return diffPackets(r, answer{Frames: got.Frames})
	}
	return ""
}

// diffPackets compares the packets one by one.
func diffPackets(r run, got answer) string {
	if got.Error != nil {
		return fmt.Sprintf("expected a packet, got %+v", *got.Error)
	}
	want := packetsOf(r.c)
	if len(want) != len(got.Frames) {
		return fmt.Sprintf("expected %d packets, got %d", len(want), len(got.Frames))
	}
	for i := range want {
		w, err := text(&want[i], len(r.wire), len(want))
		if err != nil {
			return err.Error()
		}
		f := got.Frames[i]
		g := fmt.Sprintf("size=%d pipe=%v seq=%s ptype=%d uri=%s meta=%v codec=%d body=%s", f.Size, f.Pipe, f.Seq, f.Ptype, f.Uri, f.Meta, f.Codec, f.Body)
		if g != w {
			return fmt.Sprintf("packet %d:\nexpected %.400s\ngot      %.400s", i, w, g)
		}
		if r.c.ProtoName() == vectors.ProtoFast && len(f.Pipe) == 0 && 2*(f.Size-24) != len(f.Uri)+len(f.MetaRaw)+len(f.Body) {
			return fmt.Sprintf("packet %d: uri, metadata and body are not all of the %d bytes", i, f.Size)
		}
	}
	return ""
}

// text is a packet in the form in which packets are compared. A case with one frame need not state its size.
func text(p *vectors.Packet, wire, packets int) (string, error) {
	size := p.Size
	if size == 0 && packets == 1 {
		size = wire
	}
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
			meta = append(meta, "["+hex.EncodeToString(key)+" "+hex.EncodeToString(value)+"]")
		}
	}
	pipe := []int{}
	for _, id := range p.Pipe {
		pipe = append(pipe, int(id))
	}
	return fmt.Sprintf("size=%d pipe=%v seq=%s ptype=%d uri=%x meta=[%s] codec=%d body=%x", size, pipe, p.Seq, p.Ptype, uri, strings.Join(meta, " "), p.BodyCodec, body), nil
}

// TestCompare_TellsDifferences shows that the comparison can fail: a byte of each field is changed.
func TestCompare_TellsDifferences(t *testing.T) {
	c, err := vectors.ByID("fast-example-0001")
	if err != nil {
		t.Fatal(err)
	}
	wire, err := c.WireBytes()
	if err != nil {
		t.Fatal(err)
	}
	var requests []request
	for at := range wire {
		changed := slices.Clone(wire)
		changed[at] ^= 0x80
		requests = append(requests, newRequest(&c, fmt.Sprint(at), changed))
	}
	answers := check(t, requests)
	for at := range wire {
		if diff := diffPackets(run{c: &c, wire: wire}, answers[fmt.Sprint(at)]); diff == "" {
			t.Errorf("byte %d is changed, expected a difference, got none", at)
		}
	}
	if diff := diffPackets(run{c: &c, wire: wire}, check(t, []request{newRequest(&c, "same", wire)})["same"]); diff != "" {
		t.Errorf("nothing is changed, expected no difference, got %s", diff)
	}
}
