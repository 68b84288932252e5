package socket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// outcome is what a stream gives: its packets and how it ends.
func outcome(c *Conn) (got []string, end error) {
	for {
		var p packet.Packet
		if err := c.ReadPacket(&p); err != nil {
			return got, err
		}
		got = append(got, fmt.Sprintf("%v %x", &p, p.RawBody()))
	}
}

// feed gives a connection on which wire is all that comes.
func feed(wire []byte) *tptest.Conn {
	a, b := tptest.Pipe()
	b.Out().SetBuffer(len(wire) + 1)
	b.Write(wire)
	b.CloseWrite()
	return a
}

func ending(err error) string {
	var pe *packet.Error
	if errors.As(err, &pe) {
		return fmt.Sprintf("%s %s %d", pe.Class, pe.Stage, pe.Offset)
	}
	return err.Error()
}

func TestReadPacket_EveryStreamOnBothPaths(t *testing.T) {
	three := slices.Concat(frameOf(t, 1, 0), frameOf(t, 2, 7), frameOf(t, 3, 300))
	tests := []struct {
		name    string
		wire    []byte
		packets int
		end     string
	}{
		{"nothing", nil, 0, "EOF"},
		{"one", frameOf(t, 1, 5), 1, "EOF"},
		{"coalesced", three, 3, "EOF"},
		{"larger than the buffers", slices.Concat(frameOf(t, 1, 200<<10), frameOf(t, 2, 1), frameOf(t, 3, 100<<10)), 3, "EOF"},
		{"packet, then half a prefix", append(frameOf(t, 1, 5), 0, 0), 1, "short frame 2"},
		{"cut before the last byte", three[:len(three)-1], 2, "short frame 323"},
		{"size too small", []byte{0, 0, 0, 5}, 0, "length frame 0"},
		{"size over the limit", []byte{0xff, 0, 0, 0}, 0, "limit frame 0"},
		{"packet, then garbage", append(frameOf(t, 1, 5), 0, 0, 0, 24, 'x'), 1, "version frame 4"},
		{"unknown filter", []byte{0, 0, 0, 30, 'f', 1, 200}, 0, "filter-unknown frame 6"},
		{"header past the end", tptest.Hex(t, "00000007 66 00 00"), 0, "header payload 0"},
	}
	for _, test := range tests {
		for _, path := range paths {
			for _, step := range []int{0, 1, 3} {
				t.Run(fmt.Sprintf("%s/%s/%d", test.name, path.name, step), func(t *testing.T) {
					nc := feed(test.wire)
					nc.In().MaxRead(step)
					c := NewConn(nc, path.pf, Options{})
					got, err := outcome(c)
					if len(got) != test.packets || ending(err) != test.end {
						t.Errorf("%d packets, then %q (%v)", len(got), ending(err), err)
					}
					if (err == io.EOF) != (test.end == "EOF") {
						t.Errorf("a clean end is io.EOF itself, got %#v", err)
					}
					if again := c.ReadPacket(new(packet.Packet)); again != err {
						t.Errorf("the end is final, got %v after %v", again, err)
					}
				})
			}
		}
	}
}

func TestReadPacket_CutAtEveryByte(t *testing.T) {
	first, second := frameOf(t, 1, 3), frameOf(t, 2, 10)
	wire := slices.Concat(first, second)
	for _, path := range paths {
		for n := range len(wire) + 1 {
			got, err := outcome(NewConn(feed(wire[:n]), path.pf, Options{}))
			packets, rest := 0, n
			for _, f := range [][]byte{first, second} {
				if rest >= len(f) {
					packets, rest = packets+1, rest-len(f)
				}
			}
			want := "EOF"
			if rest > 0 {
				want = fmt.Sprint("short frame ", rest)
			}
			if len(got) != packets || ending(err) != want {
				t.Errorf("%s, cut at %d: %d packets, then %v; want %d, then %s", path.name, n, len(got), err, packets, want)
			}
			if rest > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, cut at %d: %v does not wrap io.ErrUnexpectedEOF", path.name, n, err)
			}
		}
	}
}

func TestReadPacket_SeveralFramesInOneRead(t *testing.T) {
	var wire []byte
	for i := range 100 {
		wire = append(wire, frameOf(t, uint64(i), 20)...)
	}
	nc := feed(wire)
	c := NewConn(nc, nil, Options{})
	for i := range 100 {
		var p packet.Packet
		if err := c.ReadPacket(&p); err != nil || p.Seq() != uint64(i) {
			t.Fatalf("packet %d: %v, %v", i, &p, err)
		}
		next := (i + 2) * len(wire) / 100 // where the packet behind this one ends
		if want := next <= len(wire) && int64(next) <= nc.In().Delivered(); c.Buffered() != want {
			t.Errorf("after packet %d: Buffered %v", i, !want)
		}
	}
	// The buffer begins with firstBuffer and grows fourfold when it was filled.
	if n, most := nc.In().Reads(), 2; n > most {
		t.Errorf("100 packets of %d bytes in all took %d reads, want at most %d", len(wire), n, most)
	}
}

// The buffer grows with what comes at once, up to its bound, and shrinks again.
func TestReadPacket_BufferFollowsWhatComes(t *testing.T) {
	var rd reader
	for i, want := range []int{1 << 10, 4 << 10, 16 << 10, 64 << 10, 64 << 10} {
		if n := rd.want(); n != want {
			t.Errorf("after %d full reads it wants %d bytes, want %d", i, n, want)
		}
		rd.got(rd.want(), rd.want())
	}
	for range 15 { // a lull that is not long enough, again and again
		for range 15 {
			rd.got(100, rd.want())
		}
		rd.got(rd.want()/16, rd.want())
	}
	if n := rd.want(); n != 64<<10 {
		t.Errorf("it shrinks to %d bytes though they are needed", n)
	}
	for range 16 * 6 {
		rd.got(100, rd.want())
	}
	if n := rd.want(); n != firstBuffer {
		t.Errorf("after a long lull it wants %d bytes, want %d", n, firstBuffer)
	}
}

func TestReadPacket_NoBufferWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		c := NewConn(a, nil, Options{})
		go outcome(c)
		held := func() int {
			synctest.Wait()
			if c.rd.buf == nil {
				return 0
			}
			return cap(c.rd.buf.B)
		}
		if n := held(); n != 0 {
			t.Errorf("before anything has come it holds %d bytes", n)
		}
		b.Write(frameOf(t, 1, 1000))
		if n := held(); n != 0 {
			t.Errorf("between packets it holds %d bytes", n)
		}
		b.Write(frameOf(t, 2, 1000)[:100])
		if n := held(); n > 512 {
			t.Errorf("with 100 bytes of a frame it holds %d bytes", n)
		}
		b.Write(frameOf(t, 2, 1000)[100:])
		if n := held(); n != 0 {
			t.Errorf("after a frame in two pieces it holds %d bytes", n)
		}
		c.Close()
	})
}

func TestReadPacket_NoMemoryAheadOfTheData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, wrap := range map[string]func(*tptest.Conn) net.Conn{
			"readiness": func(nc *tptest.Conn) net.Conn { return nc },
			"blocking":  func(nc *tptest.Conn) net.Conn { return newGate(nc) },
		} {
			a, b := tptest.Pipe()
			c := NewConn(wrap(a), nil, Options{})
			go outcome(c)
			wire := binary.BigEndian.AppendUint32(nil, 4<<20)
			wire = append(wire, 'f', 0)
			wire = append(wire, make([]byte, 4<<20-len(wire))...)
			sent := 0
			for _, n := range []int{6, 10, 1 << 10, 60 << 10, 5 << 10, 100 << 10, 1 << 20, 1 << 20} {
				b.Write(wire[sent : sent+n])
				sent += n
				synctest.Wait()
				if took := cap(c.rd.buf.B); took > 64<<10+4*sent {
					t.Errorf("%s: %d bytes taken for %d sent", name, took, sent)
				}
			}
			c.Close()
			synctest.Wait()
		}
	})
}

func TestReadPacket_LaterPacketsDoNotOverwriteDetachedOnes(t *testing.T) {
	for _, path := range paths {
		var wire []byte
		for i := range 50 {
			wire = append(wire, tptest.Frame(t, packet.WithBody(packet.RawBody(bytes.Repeat([]byte{byte(i)}, 100*i+1))))...)
		}
		nc := feed(wire)
		nc.In().Segments(1000, 10000, 7, 30000)
		c := NewConn(nc, path.pf, Options{})
		var all []*packet.Packet
		for range 50 {
			p := packet.NewPacket()
			if err := c.ReadPacket(p); err != nil {
				t.Fatal(err)
			}
			p.Detach()
			all = append(all, p)
		}
		for i, p := range all {
			if want := bytes.Repeat([]byte{byte(i)}, 100*i+1); !bytes.Equal(p.RawBody(), want) {
				t.Fatalf("%s: body %d was overwritten", path.name, i)
			}
		}
	}
}

func TestReadPacket_BodyThatDoesNotDecodeSpoilsOnePacket(t *testing.T) {
	for _, path := range paths {
		bad := tptest.Frame(t, packet.WithBodyCodec('j'), packet.WithBody(packet.RawBody("{")))
		good := tptest.Frame(t, packet.WithBodyCodec('j'), packet.WithBody(7))
		c := NewConn(feed(slices.Concat(bad, good)), path.pf, Options{})
		newInt := packet.WithNewBody(func(uint64, byte, string) any { return new(int) })
		if err := c.ReadPacket(packet.NewPacket(newInt)); packet.ClassOf(err) != packet.ClassBody {
			t.Fatalf("%s: %v", path.name, err)
		}
		p := packet.NewPacket(newInt)
		if err := c.ReadPacket(p); err != nil || *p.Body().(*int) != 7 {
			t.Fatalf("%s: %v, %v", path.name, p.Body(), err)
		}
	}
}

func TestReadPacket_ReadersOwnErrorIsPassedOn(t *testing.T) {
	broken := errors.New("broken")
	for _, path := range paths {
		for _, have := range []int{0, 10} {
			a, b := tptest.Pipe()
			b.Write(frameOf(t, 1, 10)[:have])
			a.In().FailRead(broken)
			err := NewConn(a, path.pf, Options{}).ReadPacket(new(packet.Packet))
			var re *ReadError
			if !errors.As(err, &re) || re.Have != have || !errors.Is(err, broken) {
				t.Errorf("%s with %d bytes: %v", path.name, have, err)
			}
		}
	}
}

func TestReadPacket_SetsTheEnvironment(t *testing.T) {
	env := &packet.Env{Limits: packet.Limits{MaxPacket: 30}}
	for _, path := range paths {
		c := NewConn(feed(slices.Concat(frameOf(t, 1, 6), frameOf(t, 1, 7))), path.pf, Options{Env: env})
		p := packet.NewPacket()
		if err := c.ReadPacket(p); err != nil || p.Env() != env || p.Size() != 30 {
			t.Fatalf("%s: %v, %v", path.name, p, err)
		}
		if err := c.ReadPacket(p); !errors.Is(err, packet.ErrExceedPacketSizeLimit) {
			t.Fatalf("%s: %v", path.name, err)
		}
	}
}

// A large body that comes alone is its packet's own: what is read next does not
// touch it, and who takes it as bytes gets these. With more behind it in the
// buffer it is lent, as small ones are.
func TestReadPacket_LargeBodyIsThePackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		from, to := NewConn(a, nil, Options{MaxQueued: 8 << 20}), NewConn(b, nil, Options{})
		sizes := []int{ownedBody - 1, ownedBody, 300 << 10, 1 << 20, 3 << 20, 100}
		send := func(i int) {
			body := packet.RawBody(bytes.Repeat([]byte{byte(i + 1)}, sizes[i]))
			must(t)(from.WritePacket(background, packet.NewPacket(packet.WithBodyCodec('s'), packet.WithBody(body))))
		}
		for _, alone := range []bool{true, false} {
			if !alone {
				for i := range sizes {
					send(i)
				}
			}
			var got []*packet.Packet
			for i, n := range sizes {
				if alone {
					send(i)
				}
				p := packet.NewPacket()
				if err := to.ReadPacket(p); err != nil {
					t.Fatal(err)
				}
				lent := p.RawBody()
				p.Detach()
				if own := &lent[0] == &p.RawBody()[0]; alone && own != (n >= ownedBody) {
					t.Errorf("body %d: the packet's own: %v", i, own)
				}
				got = append(got, p)
			}
			for i, p := range got {
				var taken []byte
				if err := p.Bind(&taken); err != nil || len(taken) != sizes[i] || bytes.Count(taken, []byte{byte(i + 1)}) != sizes[i] {
					t.Errorf("body %d, alone %v: %d bytes, %d of them its own, %v", i, alone, len(taken), bytes.Count(taken, []byte{byte(i + 1)}), err)
				}
			}
		}
		from.Close()
		to.Close()
	})
}
