package socket

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// scripted is a plain Proto whose parts a test gives.
type scripted struct {
	pack   func(*packet.Packet) error
	unpack func(*packet.Packet) error
}

func (s scripted) Version() (byte, string)       { return 'x', "scripted" }
func (s scripted) Pack(p *packet.Packet) error   { return s.pack(p) }
func (s scripted) Unpack(p *packet.Packet) error { return s.unpack(p) }

func TestPlainProto_WriteOutsidePackIsFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		buf := []byte("hello")
		c := NewConn(a, func(rw io.ReadWriter) packet.Proto {
			rw.Write(buf)
			copy(buf, "XXXXX") // the buffer was only lent
			return scripted{unpack: func(*packet.Packet) error {
				_, err := rw.Read(make([]byte, 1))
				rw.Write([]byte(" again"))
				return err
			}}
		}, Options{})
		peer := tptest.NewRawPeer(t, b)
		peer.Expect([]byte("hello"))
		peer.Send([]byte{1})
		if err := c.ReadPacket(packet.NewPacket()); err != nil {
			t.Fatal(err)
		}
		peer.Expect([]byte(" again"))
		c.Close()
	})
}

func TestPlainProto_PackThatPanicsKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		fail := true
		c := NewConn(a, func(rw io.ReadWriter) packet.Proto {
			return scripted{pack: func(*packet.Packet) error {
				if fail {
					panic("pack")
				}
				_, err := rw.Write([]byte("x"))
				return err
			}}
		}, Options{MaxQueued: 1})
		func() {
			defer func() {
				if recover() != "pack" {
					t.Error("the panic is the caller's to see")
				}
			}()
			c.WritePacket(background, packet.NewPacket())
		}()
		peer := tptest.NewRawPeer(t, b)
		fail = false
		must(t)(c.WritePacket(background, packet.NewPacket())) // the reservation is back
		peer.Expect([]byte("x"))
		if c.w.has().packing != 0 || c.w.has().reserved != 0 {
			t.Errorf("%d packing, %d bytes reserved", c.w.has().packing, c.w.has().reserved)
		}
		c.Close()
	})
}

func TestPlainProto_NothingFollowsAPartOfAFrame(t *testing.T) {
	own := errors.New("no such field")
	tests := []struct {
		name  string
		write string
		err   error
		panic bool
		torn  bool
		class packet.Class // of the error, where writing goes on
	}{
		{"untyped error, nothing written", "", own, false, false, packet.ClassBody},
		{"typed error, nothing written", "", packet.PackError(packet.ClassLimit, own), false, false, packet.ClassLimit},
		{"untyped error after a part", "half", own, false, true, ""},
		{"typed error after a part", "half", packet.PackError(packet.ClassLimit, own), false, true, ""},
		{"panic after a part", "half", nil, true, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, _ := tptest.Pipe()
				bad := true
				c := NewConn(a, func(rw io.ReadWriter) packet.Proto {
					return scripted{pack: func(*packet.Packet) error {
						if !bad {
							_, err := rw.Write([]byte("good"))
							return err
						}
						if test.write != "" {
							rw.Write([]byte(test.write))
						}
						if test.panic {
							panic("pack")
						}
						return test.err
					}}
				}, Options{})
				ended := make(chan error, 1)
				c.OnWriteError(func(err error) { ended <- err })
				func() {
					defer func() { recover() }()
					_, err := c.WritePacket(background, packet.NewPacket())
					if packet.ClassOf(err) != test.class || test.class != "" && !errors.Is(err, own) {
						t.Errorf("the bad packet: %v", err)
					}
				}()
				bad = false
				_, err := c.WritePacket(background, packet.NewPacket())
				var we *WriteError
				if torn := errors.As(err, &we); torn != test.torn || torn != (len(ended) == 1) {
					t.Errorf("the next packet: %v; the end was told %d times", err, len(ended))
				}
				c.Close()
			})
		})
	}
}

func TestPlainProto_EndsAreTold(t *testing.T) {
	own := errors.New("bad magic")
	tests := []struct {
		name   string
		wire   string
		unpack func(io.Reader) error
		check  func(error) bool
	}{
		{"clean end", "", func(r io.Reader) error { _, err := r.Read(make([]byte, 4)); return err },
			func(err error) bool { return err == io.EOF }},
		{"bare EOF inside a packet", "ab", func(r io.Reader) error { io.ReadAll(r); return io.EOF },
			func(err error) bool { return packet.ClassOf(err) == packet.ClassShort }},
		{"untyped unexpected EOF", "ab", func(r io.Reader) error { _, err := io.ReadFull(r, make([]byte, 4)); return err },
			func(err error) bool {
				var pe *packet.Error
				return errors.As(err, &pe) && pe.Class == packet.ClassShort && pe.Offset == 2 && errors.Is(err, io.ErrUnexpectedEOF)
			}},
		{"the Proto's own error", "ab", func(r io.Reader) error { r.Read(make([]byte, 1)); return own },
			func(err error) bool { return err == own }},
	}
	for _, test := range tests {
		c := NewConn(feed([]byte(test.wire)), func(rw io.ReadWriter) packet.Proto {
			return scripted{unpack: func(*packet.Packet) error { return test.unpack(rw) }}
		}, Options{})
		err := c.ReadPacket(packet.NewPacket())
		if !test.check(err) {
			t.Errorf("%s: %#v", test.name, err)
		}
		if again := c.ReadPacket(packet.NewPacket()); again != err {
			t.Errorf("%s: not final: %v", test.name, again)
		}
	}
}
