package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestConn_ManyWritersOverTheKernel(t *testing.T) {
	const writers, each = 8, 300
	for _, network := range []string{"tcp", "unix", "unixpacket"} {
		if network == "unixpacket" && runtime.GOOS != "linux" {
			continue
		}
		for _, path := range paths {
			t.Run(network+"/"+path.name, func(t *testing.T) {
				tptest.CheckLeaks(t)
				addr := "127.0.0.1:0"
				if network != "tcp" {
					addr = filepath.Join(t.TempDir(), "s")
				}
				client, server := pair(t, network, addr)
				out, in := NewConn(client, path.pf, Options{MaxQueued: 64 << 10}), NewConn(server, path.pf, Options{})
				var wg sync.WaitGroup
				for w := range writers {
					wg.Go(func() {
						for i := range each {
							size := (w*each + i) * 7 % 3000
							if i%100 == 99 {
								size = 200 << 10 // larger than the queue and the buffers
							}
							p := push(uint64(w)<<32|uint64(i), size)
							var err error
							if i%10 == 5 {
								for _, err = out.TryWritePacket(p); err == ErrQueueFull; _, err = out.TryWritePacket(p) {
									runtime.Gosched()
								}
							} else {
								_, err = out.WritePacket(background, p)
							}
							if err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				go func() {
					wg.Wait()
					out.Flush(background)
					client.(interface{ CloseWrite() error }).CloseWrite()
				}()
				next := make([]uint64, writers)
				for n := 0; ; n++ {
					var p packet.Packet
					if err := in.ReadPacket(&p); err != nil {
						if err != io.EOF || n != writers*each {
							t.Errorf("after %d packets: %v", n, err)
						}
						break
					}
					w, i := p.Seq()>>32, p.Seq()&0xffffffff
					if next[w] != i {
						t.Fatalf("writer %d: packet %d in place of %d", w, i, next[w])
					}
					next[w]++
				}
				out.Close()
				in.Close()
			})
		}
	}
}

func TestConn_IdleConnectionsHoldNoBuffer(t *testing.T) {
	const conns = 200
	var ms runtime.MemStats
	heap := func() uint64 { runtime.GC(); runtime.GC(); runtime.ReadMemStats(&ms); return ms.HeapInuse }
	before := heap()
	var readers sync.WaitGroup
	var all []*Conn
	read := make(chan error, conns)
	for range conns {
		client, server := tcpPair(t)
		c := NewConn(client, nil, Options{})
		all = append(all, c)
		readers.Go(func() {
			var p packet.Packet
			read <- c.ReadPacket(&p)
			c.ReadPacket(&p)
		})
		server.Write(frameOf(t, 1, 1000))
	}
	for range conns {
		if err := <-read; err != nil {
			t.Fatal(err)
		}
	}
	// A buffer each would be 12 MiB. The readers may need a moment to wait again.
	var grown uint64
	for range 100 {
		if grown = heap() - min(before, ms.HeapInuse); grown < 6<<20 {
			break
		}
		runtime.Gosched()
	}
	if grown >= 6<<20 {
		t.Errorf("%d idle connections hold %d bytes", conns, grown)
	}
	for _, c := range all {
		c.Close()
	}
	readers.Wait()
}

func TestConn_StuckPeerOverTCPDoesNotHoldACaller(t *testing.T) {
	tptest.CheckLeaks(t)
	client, _ := tcpPair(t)
	c := NewConn(client, nil, Options{WriteTimeout: 100 * time.Millisecond, MaxQueued: 1 << 20})
	told := make(chan error, 1)
	c.OnWriteError(func(err error) { told <- err })
	ctx, cancel := context.WithTimeout(background, 5*time.Second)
	defer cancel()
	var err error
	var last Ticket
	for err == nil {
		last, err = c.WritePacket(ctx, push(1, 100<<10))
	}
	var we *WriteError
	if !errors.As(err, &we) || !errors.Is(<-told, we) || !c.Untouched(last) {
		t.Errorf("got %v", err)
	}
	c.Close()
}

func TestConn_ResetByPeer(t *testing.T) {
	client, server := tcpPair(t)
	c := NewConn(client, nil, Options{})
	server.Write(frameOf(t, 1, 1)[:10])
	server.(interface{ SetLinger(int) error }).SetLinger(0)
	server.Close()
	var re *ReadError
	err := c.ReadPacket(new(packet.Packet))
	if !errors.As(err, &re) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWritePacket(b *testing.B) {
	for _, goroutines := range []int{1, 100} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			client, server := tcpPair(b)
			go io.Copy(io.Discard, server)
			c := NewConn(client, nil, Options{})
			b.SetParallelism(goroutines / runtime.GOMAXPROCS(0))
			b.ReportAllocs()
			body := packet.RawBody(make([]byte, 581))
			b.RunParallel(func(pb *testing.PB) {
				p := packet.NewPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/bench"), packet.WithBody(body))
				for pb.Next() {
					c.WritePacket(background, p)
				}
			})
			c.Close()
		})
	}
}

func BenchmarkReadPacket(b *testing.B) {
	client, server := tcpPair(b)
	frame := tptest.Frame(b, packet.WithPtype(packet.TypePush), packet.WithUri("/bench"), packet.WithBody(packet.RawBody(make([]byte, 581))))
	var burst []byte
	for range 64 {
		burst = append(burst, frame...)
	}
	go func() {
		for {
			if _, err := server.Write(burst); err != nil {
				return
			}
		}
	}()
	c := NewConn(client, nil, Options{})
	p := packet.NewPacket()
	b.ReportAllocs()
	for b.Loop() {
		if err := c.ReadPacket(p); err != nil {
			b.Fatal(err)
		}
	}
	c.Close()
}
