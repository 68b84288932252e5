package socket

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestReadTimeouts(t *testing.T) {
	const idle, frame = time.Minute, 10 * time.Second
	// Each step waits and then sends that many bytes of a 124-byte frame.
	type step struct {
		after time.Duration
		n     int
	}
	tests := []struct {
		name        string
		idle, frame time.Duration
		steps       []step
		packets     int
		end         time.Duration // 0: no timeout
		text        string
	}{
		{"idle from the start", idle, 0, nil, 0, idle, "ReadTimeout"},
		{"idle counts anew after each packet", idle, frame, []step{{idle - 1, 124}, {idle - 1, 124}}, 2, 3*idle - 2, "ReadTimeout"},
		{"a frame in time", idle, frame, []step{{0, 4}, {frame - 1, 120}}, 1, frame - 1 + idle, "ReadTimeout"},
		{"a frame too late", idle, frame, []step{{0, 4}, {frame + 1, 120}}, 0, frame, "FrameTimeout"},
		{"a frame by drops", idle, frame, []step{{0, 4}, {6 * time.Second, 1}, {6 * time.Second, 1}}, 0, frame, "FrameTimeout"},
		{"frame timeout longer than idle", frame, idle, []step{{0, 4}, {frame + 1, 120}}, 1, 2*frame + 1, "ReadTimeout"},
		{"only a frame timeout", 0, frame, []step{{time.Hour, 124}, {time.Hour, 3}}, 1, 2*time.Hour + frame, "FrameTimeout"},
		{"idle inside a frame counts from the last bytes", frame, 0, []step{{9 * time.Second, 4}, {9 * time.Second, 4}, {frame + 1, 4}}, 0, 18*time.Second + frame, "ReadTimeout"},
		{"none", 0, 0, []step{{1000 * time.Hour, 124}}, 1, 0, ""},
	}
	for _, test := range tests {
		for _, path := range paths {
			t.Run(test.name+"/"+path.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := tptest.Pipe()
					c := NewConn(a, path.pf, Options{ReadTimeout: test.idle, FrameTimeout: test.frame})
					start, wire, sent := time.Now(), frameOf(t, 1, 100), 0
					go func() {
						for _, s := range test.steps {
							time.Sleep(s.after)
							b.Write(wire[sent : sent+s.n])
							sent = (sent + s.n) % len(wire)
						}
						if test.end == 0 {
							b.Close()
						}
					}()
					got, err := outcome(c)
					if len(got) != test.packets {
						t.Errorf("%d packets", len(got))
					}
					if test.end > 0 {
						var re *ReadError
						if !errors.As(err, &re) || !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), test.text) {
							t.Errorf("got %v", err)
						}
						if d := time.Since(start); d != test.end {
							t.Errorf("after %v, want %v", d, test.end)
						}
					}
					time.Sleep(10 * idle) // the sender ends
				})
			})
		}
	}
}

func TestSetReadTimeout_ReachesAReaderThatWaits(t *testing.T) {
	for _, path := range paths {
		synctest.Test(t, func(t *testing.T) {
			a, _ := tptest.Pipe()
			c := NewConn(a, path.pf, Options{})
			end := make(chan error, 1)
			go func() { end <- c.ReadPacket(new(packet.Packet)) }()
			synctest.Wait()
			start := time.Now()
			c.SetReadTimeout(time.Minute)
			time.Sleep(30 * time.Second)
			c.SetReadTimeout(0)
			time.Sleep(time.Hour)
			if len(end) != 0 {
				t.Fatalf("%s: ended without a timeout: %v", path.name, <-end)
			}
			c.SetReadTimeout(time.Minute)
			if err := <-end; !errors.Is(err, os.ErrDeadlineExceeded) || c.ReadTimeout() != time.Minute {
				t.Errorf("%s: %v", path.name, err)
			}
			if d := time.Since(start); d != time.Hour+90*time.Second {
				t.Errorf("%s: after %v", path.name, d)
			}
			c.Close()
		})
	}
}

func TestReadTimeout_OverTCP(t *testing.T) {
	for _, path := range paths {
		client, server := tcpPair(t)
		c := NewConn(client, path.pf, Options{ReadTimeout: 50 * time.Millisecond, FrameTimeout: time.Hour})
		server.Write(frameOf(t, 1, 10))
		got, err := outcome(c)
		if len(got) != 1 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %d packets, %v", path.name, len(got), err)
		}
	}
}

func TestSetWriteTimeout_FromTheNextFlushOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		a.Out().SetBuffer(1)
		c := NewConn(a, nil, Options{WriteTimeout: time.Second})
		go func() { time.Sleep(time.Millisecond); b.Read(make([]byte, 1)); a.Out().SetBuffer(1 << 20) }()
		must(t)(c.WritePacket(background, push(1, 10)))
		if err := c.Flush(background); err != nil {
			t.Fatal(err)
		}
		// The deadline of that flush must not reach the next one.
		time.Sleep(time.Hour)
		must(t)(c.WritePacket(background, push(1, 10)))
		c.SetWriteTimeout(time.Minute)
		a.Out().SetBuffer(1)
		start := time.Now()
		must(t)(c.WritePacket(background, push(1, 10)))
		if err := c.Flush(background); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if c.WriteTimeout() != time.Minute {
			t.Errorf("WriteTimeout %v", c.WriteTimeout())
		}
		c.Close()
	})
}
