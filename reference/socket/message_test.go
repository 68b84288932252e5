//go:build linux

package socket

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func messagePair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	return pair(t, "unixpacket", filepath.Join(t.TempDir(), "s"))
}

// Bug 18: packets of any size pass whole, each in a message of its own, and a
// packet that no message holds is refused without harm.
func TestMessages_OnePacketIsOneMessage(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			client, server := messagePair(t)
			out := NewConn(client, path.pf, Options{})
			sizes := []int{0, 1, 100, 4 << 10, 64 << 10, 200 << 10}
			go func() {
				defer out.Close()
				for i, n := range sizes {
					if _, err := out.WritePacket(background, push(uint64(i), n)); err != nil {
						t.Error(err)
					}
				}
				tk, err := out.WritePacket(background, push(99, 3<<20))
				var size *MessageSizeError
				if packet.ClassOf(err) != packet.ClassLimit || !errors.As(err, &size) || size.Size != 3<<20+24 || size.Max < 200<<10 {
					t.Errorf("an over-long packet: %v", err)
				}
				if tk != (Ticket{}) || out.Err() != nil {
					t.Errorf("it left %v, %v", tk, out.Err())
				}
				must(t)(out.WritePacket(background, push(100, 10)))
				out.Flush(background)
			}()
			in := NewConn(server, path.pf, Options{})
			for i, n := range append(slices.Clone(sizes), 10) {
				var p packet.Packet
				if err := in.ReadPacket(&p); err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
				if len(p.RawBody()) != n {
					t.Errorf("packet %d has %d bytes, want %d", i, len(p.RawBody()), n)
				}
			}
			if err := in.ReadPacket(packet.NewPacket()); err != io.EOF {
				t.Errorf("the end: %v", err)
			}
			if in.rd.buf != nil {
				t.Error("a buffer is kept")
			}
		})
	}
}

// Frames that wait together still leave one by one.
func TestMessages_AreNotGathered(t *testing.T) {
	client, server := messagePair(t)
	out := NewConn(client, nil, Options{})
	for i := range 200 {
		must(t)(out.TryWritePacket(push(uint64(i), i)))
	}
	buf := make([]byte, 4096)
	for i := range 200 {
		if n, err := server.Read(buf); err != nil || n != i+24 {
			t.Fatalf("message %d: %d bytes, %v", i, n, err)
		}
	}
	out.Close()
}

func TestMessages_Faults(t *testing.T) {
	whole := frameOf(t, 1, 100)
	for _, c := range []struct {
		name    string
		message []byte
		class   packet.Class
	}{
		{"longer than packets may be", frameOf(t, 1, 1000), packet.ClassLimit},
		{"short of a byte", whole[:len(whole)-1], packet.ClassShort},
		{"of one byte", whole[:1], packet.ClassShort},
		{"of three bytes", whole[:3], packet.ClassShort},
		{"two packets", append(slices.Clone(whole), whole...), packet.ClassLength},
		{"a byte too many", append(slices.Clone(whole), 0), packet.ClassLength},
	} {
		for _, path := range paths {
			t.Run(c.name+"/"+path.name, func(t *testing.T) {
				client, server := messagePair(t)
				in := NewConn(server, path.pf, Options{Env: &packet.Env{Limits: packet.Limits{MaxPacket: 512}}})
				client.Write(c.message)
				client.Write(whole) // must not complete the first
				err := in.ReadPacket(packet.NewPacket())
				if got := packet.ClassOf(err); got != c.class {
					t.Errorf("got %v, want class %s", err, c.class)
				}
				if c.class == packet.ClassLimit && !errors.Is(err, packet.ErrExceedPacketSizeLimit) {
					t.Errorf("%v does not wrap ErrExceedPacketSizeLimit", err)
				}
				if again := in.ReadPacket(packet.NewPacket()); again != err {
					t.Errorf("then %v", again)
				}
			})
		}
	}
}

func TestMessages_CloseWakesTheReader(t *testing.T) {
	tptest.CheckLeaks(t)
	_, server := messagePair(t)
	in := NewConn(server, nil, Options{})
	ended := make(chan error, 1)
	go func() { ended <- in.ReadPacket(packet.NewPacket()) }()
	in.Close()
	if err := <-ended; !errors.Is(err, ErrConnClosed) {
		t.Errorf("got %v", err)
	}
}
