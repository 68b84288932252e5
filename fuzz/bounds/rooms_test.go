package bounds_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/fuzz/bounds"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
	"github.com/henrylee2cn/teleport/reference/tptest"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// TestMain fails when anything that was decoded has left a goroutine behind.
func TestMain(m *testing.M) {
	tp.SetLogger(slog.New(slog.DiscardHandler))
	tptest.CheckLeaksMain(m)
}

func long() bool { return os.Getenv("TELEPORT_LONG") == "1" }

// room is a Proto that is measured, and the naive builder of its frames.
type room struct {
	name string
	pf   packet.ProtoFunc
	o    oracle.Proto
}

var rooms = []room{{"fast", fast.New, oracle.Fast}, {"json", json.New, oracle.JSON}, {"pb", pb.New, oracle.PB}}

// filters are gzip and those of chapter 22, under the keys of the vectors.
func filters(t testing.TB) *xfer.Registry {
	t.Helper()
	r, ok := suite.FurtherFilters([]byte("czax"))
	if !ok {
		t.Fatal("a filter of the standard is not there")
	}
	return r
}

// wide is what frames are built under.
var wide = oracle.Limits{MaxPacket: 1 << 30, MaxPayload: 1 << 30, MaxUri: 1 << 30, MaxMeta: 1 << 30, MaxMetaPairs: 1 << 30}

// encode builds the frame of a packet.
func (r room) encode(t testing.TB, p oracle.Packet) []byte {
	t.Helper()
	frame, err := r.o.Encode(p, wide)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// frame builds a frame around a payload as it is, filters applied already.
func (r room) frame(ids string, payload []byte) []byte {
	return oracle.RawFrame(uint32(6+len(ids)+len(payload)), r.o.ID, byte(len(ids)), []byte(ids), payload)
}

// verdict says what came of an input, in short: how many packets, and the class, the stage and the offset of what
// was refused; 1 ok for a packet and nothing else.
func verdict(packets int, err error) string {
	var e *packet.Error
	switch {
	case err == nil:
		return fmt.Sprint(packets, " ok")
	case errors.As(err, &e):
		return fmt.Sprintf("%d %s %s %d", packets, e.Class, e.Stage, e.Offset)
	}
	return fmt.Sprint(packets, " ", err)
}

// newMeter is strict where there is time for it.
func newMeter() *bounds.Meter {
	if long() {
		return &bounds.Meter{Every: 1}
	}
	return &bounds.Meter{Every: 100}
}

// attack decodes in by each path of the room: each comes to that verdict ("" for whatever, as long as it is the
// same), within what in may cost and extra bytes.
func (r room) attack(t *testing.T, m *bounds.Meter, env *packet.Env, in []byte, want string, extra uint64) {
	t.Helper()
	for _, path := range bounds.Paths(r.pf) {
		if path.Name == "bytes" && len(in) > 128<<10 && !long() {
			continue // a Read a byte takes its time
		}
		var n int
		var err error
		bound := path.Allowed(len(in)) + extra
		took, ok := m.Within(bound, func() { n, err = path.Decode(env, in) })
		if !ok {
			t.Errorf("%s, %s: %d bytes of input took %d bytes of memory, allowed are %d\n%.64x...", r.name, path.Name, len(in), took, bound, in)
		}
		got := verdict(n, err)
		if want == "" {
			want = got // the paths agree
		}
		if got != want {
			t.Errorf("%s, %s: got %q, want %q\n%.64x...", r.name, path.Name, got, want, in)
		}
	}
}
