package erpcv6

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/henrylee2cn/erpc/v6/socket"
	"github.com/henrylee2cn/erpc/v6/xfer"
	"github.com/henrylee2cn/erpc/v6/xfer/gzip"
)

// Each test shows one finding of ../README.md on erpc alone. It passes while the fault is there.

func TestFinding_SeqHas32Bits(t *testing.T) {
	seq := reflect.TypeFor[socket.Header]()
	method, _ := seq.MethodByName("Seq")
	if got := method.Type.Out(0); got.Kind() != reflect.Int32 {
		t.Errorf("Header.Seq gives %v, it was an int32", got)
	}
	for name := range protos {
		m := call("x")
		m.SetSeq(math.MaxInt32)
		if got, _, err, _ := unpack(name, pack(t, name, m)); err != nil || got.Seq() != math.MaxInt32 {
			t.Errorf("%s: the largest seq came back as %d (%v): that is another fault", name, got.Seq(), err)
		}
	}
}

func TestFinding_CutLooksLikeEnd(t *testing.T) {
	for name, cut := range map[string]int{"raw": 4, "json": 4, "pb": 4, "thrift": 2} {
		frame := pack(t, name, call("body"))
		if _, _, err, _ := unpack(name, frame[:cut]); err != io.EOF {
			t.Errorf("%s: %d of %d bytes gave %v, it was io.EOF", name, cut, len(frame), err)
		}
	}
}

func TestFinding_LengthsAreBelieved(t *testing.T) {
	for name, frame := range map[string][]byte{
		"raw":  {0, 0, 0, 5, 0},   // no filters, and no byte for the length of seq
		"json": {0, 0, 0, 1, 255}, // 255 filters in no byte
		"pb":   {0, 0, 0, 1, 255},
	} {
		runtime.GC() // a pooled buffer that happens to be large would hide it
		runtime.GC()
		if _, _, err, panicked := unpack(name, frame); !panicked || !strings.Contains(err.Error(), "out of range") {
			t.Errorf("%s: % x gave %v, it was a panic", name, frame, err)
		}
	}
}

func TestFinding_PercentFF(t *testing.T) {
	for name := range protos {
		frame := bytes.Replace(pack(t, name, call("body")), []byte("val"), []byte("%\xff0"), 1)
		if _, _, err, panicked := unpack(name, frame); !panicked || !strings.Contains(err.Error(), "index out of range [255]") {
			t.Errorf("%s: metadata with %%\\xff gave %v, it was a panic", name, err)
		}
	}
}

func TestFinding_MemoryForClaims(t *testing.T) {
	const claim = 32 << 20
	limited(t, 2*claim)
	for _, name := range []string{"raw", "json", "pb"} {
		runtime.GC() // so that no pooled buffer is large enough already
		runtime.GC()
		if took := allocated(func() { unpack(name, []byte{claim >> 24, claim >> 16 & 255, 0, 0}) }); took < claim {
			t.Errorf("%s: four bytes took %d bytes of memory, it was the %d that they claim", name, took, claim)
		}
	}
}

// allocated gives the bytes of memory that f takes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestFinding_GzipBomb(t *testing.T) {
	const id, zeros = 'G', 16 << 20
	if _, err := xfer.Get(id); err != nil {
		gzip.Reg(id, "finding-gzip", 5)
	}
	for name := range protos {
		bomb := pack(t, name, call(string(make([]byte, zeros)), socket.WithXferPipe(id)))
		if name == "json" { // its body is damaged (finding 11): what counts is what the pipe gave
			bomb = pack(t, name, call(strings.Repeat("a", zeros), socket.WithXferPipe(id)))
		}
		t.Run(name, func(t *testing.T) {
			limited(t, 64<<10)
			if len(bomb) > 64<<10 {
				t.Fatalf("the bomb has %d bytes", len(bomb))
			}
			if _, body, err, _ := unpack(name, bomb); err != nil || len(body) != zeros {
				t.Errorf("%d bytes under a limit of 64 KiB gave a body of %d (%v), it was %d", len(bomb), len(body), err, zeros)
			}
		})
	}
}

func TestFinding_SizeLeavesOutFourBytes(t *testing.T) {
	for name, less := range map[string]int{"raw": 0, "json": 4, "pb": 4} {
		m := call("body")
		frame := pack(t, name, m)
		got, _, err, _ := unpack(name, frame)
		if err != nil || int(m.Size()) != len(frame)-less || int(got.Size()) != len(frame)-less {
			t.Errorf("%s: %d bytes have the size %d and %d (%v), it was %d less", name, len(frame), m.Size(), got.Size(), err, less)
		}
	}
}

func TestFinding_PackOverTheLimit(t *testing.T) {
	limited(t, 1000)
	for _, name := range []string{"json", "pb"} {
		panicked := func() (v any) {
			defer func() { v = recover() }()
			return protos[name](&pipe{}).Pack(call(strings.Repeat("a", 2000)))
		}()
		if text := fmt.Sprint(panicked); !strings.Contains(text, "index out of range [4] with length 4") {
			t.Errorf("%s: packing 2000 bytes under a limit of 1000 gave %v, it was a panic", name, text)
		}
	}
}

// shortWriter takes all but the last byte and says so, without an error.
type shortWriter struct{ io.Reader }

func (shortWriter) Write(p []byte) (int, error) { return len(p) - 1, nil }

func TestFinding_ShortWrite(t *testing.T) {
	for _, name := range []string{"raw", "json", "pb"} {
		if err := protos[name](shortWriter{}).Pack(call("body")); err != nil {
			t.Errorf("%s: a short write gave %v, it was taken for a success", name, err)
		}
	}
}

func TestFinding_UntypedErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		frame []byte
		kind  string
	}{
		"raw":    {[]byte{0, 0, 0, 3}, "*errors.errorString"},
		"json":   {[]byte{0, 0, 0, 2, 1, 250}, "*errors.errorString"},
		"pb":     {[]byte{0, 0, 0, 2, 1, 250}, "*errors.errorString"},
		"thrift": {[]byte{0x7f, 0xff, 0xff, 0xff}, "*thrift.tProtocolException"},
	} {
		if name == "json" || name == "pb" {
			if _, err := xfer.Get(250); err == nil {
				t.Fatal("filter 250 is known")
			}
		}
		_, _, err, panicked := unpack(name, tt.frame)
		if got := fmt.Sprintf("%T", err); panicked || got != tt.kind || errors.Is(err, io.EOF) {
			t.Errorf("%s: % x gave a %s (%v), it was a bare %s", name, tt.frame, got, err, tt.kind)
		}
	}
}
