package properties

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func split(b *bench) gopter.Prop {
	return all2(func(in []gen.Packet, plan gen.Plan) string {
		frames, err := b.frames(in)
		if err != nil {
			return err.Error()
		}
		return b.stream(in, plan.Reader(bytes.Join(frames, nil), nil))
	}, gen.Streams(b.profile, 4), gen.Plans())
}

// errBroken is what a stream that breaks gives.
var errBroken = errors.New("properties: the connection broke")

func cut(b *bench) gopter.Prop {
	return all3(func(in []gen.Packet, plan gen.Plan, where uint64) string {
		frames, err := b.frames(in)
		if err != nil {
			return err.Error()
		}
		all := bytes.Join(frames, nil)
		at := int(where % uint64(len(all)+1))
		for _, end := range []error{io.EOF, errBroken} {
			if wrong := b.ends(in, frames, plan.Reader(all[:at], end), at, end); wrong != "" {
				return fmt.Sprintf("%d of %d bytes, then %v: %s", at, len(all), end, wrong)
			}
		}
		return ""
	}, gen.Streams(b.profile, 3), gen.Plans(), gen.Seqs())
}

// ends reads a stream that has only its first at bytes: the packets that are whole, then the end.
func (b *bench) ends(in []gen.Packet, frames [][]byte, r io.Reader, at int, end error) string {
	x := b.pf(&wire{in: r})
	p := packet.NewPacket()
	p.SetEnv(b.env)
	for i, f := range frames {
		if at < len(f) {
			break
		}
		at -= len(f)
		if err := x.Unpack(p); err != nil {
			return fmt.Sprintf("packet %d is whole, but: %v", i, err)
		}
		if d := in[i].Normal().Diff(gen.Read(p)); d != "" {
			return fmt.Sprintf("packet %d\n%s", i, d)
		}
	}
	err := x.Unpack(p)
	switch {
	case end != io.EOF && !errors.Is(err, end):
		return fmt.Sprintf("Unpack gives %v, which hides the reader's error", err)
	case end == io.EOF && at == 0 && err != io.EOF:
		return fmt.Sprintf("Unpack gives %v, expected io.EOF itself", err)
	case end == io.EOF && at > 0 && (err == io.EOF || !errors.Is(err, io.ErrUnexpectedEOF)):
		return fmt.Sprintf("Unpack gives %v, expected an error that wraps io.ErrUnexpectedEOF", err)
	}
	return ""
}

func independent(b *bench) gopter.Prop {
	return all2(func(before []gen.Packet, in gen.Packet) string {
		alone, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		w := &wire{}
		x := b.pf(w)
		used := packet.NewPacket()
		var all []byte
		for i, p := range append(before[:len(before):len(before)], in) {
			used.Reset(packet.WithEnv(b.env))
			p.Fill(used)
			frame, err := packOn(w, x, used)
			if err != nil {
				return fmt.Sprintf("packing packet %d: %v", i, err)
			}
			if i == len(before) && !bytes.Equal(frame, alone) {
				return fmt.Sprintf("packed alone:           %x\npacked behind %d others: %x", alone, i, frame)
			}
			all = append(all, frame...)
			if i == len(before) {
				break
			}
			if wrong := b.fails(w, x); wrong != "" {
				return wrong
			}
		}
		again, err := packOn(w, x, used)
		if err != nil || !bytes.Equal(again, alone) {
			return fmt.Sprintf("packed alone:   %x\npacked a second time: %x (%v)", alone, again, err)
		}
		return b.kept(append(before[:len(before):len(before)], in), all)
	}, gen.Streams(b.profile, 3), gen.Packets(b.profile))
}

// fails packs a packet that cannot be encoded; it must leave no trace.
func (b *bench) fails(w *wire, x packet.Proto) string {
	p := gen.Packet{Ptype: packet.TypePush, Uri: "/bad", Codec: 'j'}.New(b.env)
	p.SetBody(func() {})
	n := len(w.writes)
	if _, err := packOn(w, x, p); packet.ClassOf(err) != packet.ClassBody || len(w.writes) != n {
		return fmt.Sprintf("packing a body that cannot be encoded: %v, expected class body and no write", err)
	}
	return ""
}

// kept reads packets each into a packet of its own, and then all into one; what the first ones gave must stay.
func (b *bench) kept(want []gen.Packet, all []byte) string {
	x := b.pf(&wire{in: bytes.NewReader(all)})
	own := make([]*packet.Packet, len(want))
	for i := range want {
		own[i] = packet.NewPacket()
		own[i].SetEnv(b.env)
		if err := x.Unpack(own[i]); err != nil {
			return fmt.Sprintf("packet %d: Unpack failed: %v", i, err)
		}
	}
	for i, w := range want {
		if d := w.Normal().Diff(gen.Read(own[i])); d != "" {
			return fmt.Sprintf("packet %d, looked at when all %d were read\n%s", i, len(want), d)
		}
	}
	return b.stream(want, bytes.NewReader(all))
}

func concurrent(b *bench) gopter.Prop {
	return all1(func(in []gen.Packet) string {
		alone := make([][]byte, len(in))
		for i, p := range in {
			frame, err := b.pack(p.New(b.env))
			if err != nil {
				return fmt.Sprintf("Pack failed: %v", err)
			}
			alone[i] = frame
		}
		wires := []*wire{{}, {}} // two Protos: what they share shows as well
		protos := []packet.Proto{b.pf(wires[0]), b.pf(wires[1])}
		errs := make([]error, len(in))
		var ready, done sync.WaitGroup
		ready.Add(len(in))
		for i, p := range in {
			q := p.New(b.env)
			done.Go(func() {
				defer func() {
					if r := recover(); r != nil {
						errs[i] = fmt.Errorf("panic: %v", r)
					}
				}()
				ready.Done()
				ready.Wait()
				runtime.Gosched()
				errs[i] = protos[i%2].Pack(q)
			})
		}
		done.Wait()
		if err := errors.Join(errs...); err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		want := [2]map[string]int{{}, {}}
		for i, f := range alone {
			want[i%2][string(f)]++
		}
		for i, w := range wires {
			for _, f := range w.writes {
				want[i][string(f)]--
			}
			for f, n := range want[i] {
				if n != 0 {
					return fmt.Sprintf("packed at once, a frame of %d bytes came %+d times too often", len(f), -n)
				}
			}
		}
		return ""
	}, gen.Streams(b.profile, 6))
}
