package wireshark_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// maxSegment is the most bytes of one TCP segment that is written: an IPv4 packet has at most 65,535.
const maxSegment = 60000

// capture is a file of packets in the making, in the format of libpcap: Ethernet, IPv4 and TCP by hand.
type capture struct {
	file    bytes.Buffer
	packets int
	at      time.Time
}

// end is one end of a connection.
type end struct {
	addr [4]byte
	port uint16
	seq  uint32 // of the next byte that it sends
}

func newCapture() *capture {
	c := &capture{at: time.Unix(1_700_000_000, 0)}
	header := []uint32{0xa1b2c3d4, 2 | 4<<16, 0, 0, 1 << 18, 1} // version 2.4, link type Ethernet
	for _, v := range header {
		_ = binary.Write(&c.file, binary.LittleEndian, v)
	}
	return c
}

// send writes the bytes as one segment, or as several where they do not fit, and gives how many. The last one has the FIN
// flag when fin is set. Without bytes it writes one empty segment.
func (c *capture) send(from, to *end, data []byte, fin bool) int {
	n := 0
	for {
		piece := data[:min(len(data), maxSegment)]
		data = data[len(piece):]
		c.segment(from, to, piece, fin && len(data) == 0)
		n++
		if len(data) == 0 {
			return n
		}
	}
}

func (c *capture) segment(from, to *end, data []byte, fin bool) {
	flags := byte(0x18) // PSH, ACK
	if fin {
		flags |= 1
	}
	tcp := make([]byte, 20, 20+len(data))
	binary.BigEndian.PutUint16(tcp[0:], from.port)
	binary.BigEndian.PutUint16(tcp[2:], to.port)
	binary.BigEndian.PutUint32(tcp[4:], from.seq)
	binary.BigEndian.PutUint32(tcp[8:], to.seq)
	tcp[12], tcp[13] = 5<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], 65535) // window; the checksums stay 0, as those of an offloading card do
	ip := make([]byte, 20)
	ip[0], ip[8], ip[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(ip[2:], uint16(40+len(data)))
	copy(ip[12:], from.addr[:])
	copy(ip[16:], to.addr[:])
	ethernet := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0}

	from.seq += uint32(len(data))
	if fin {
		from.seq++
	}
	c.packets++
	c.at = c.at.Add(time.Millisecond)
	length := uint32(len(ethernet) + len(ip) + len(tcp) + len(data))
	for _, v := range []uint32{uint32(c.at.Unix()), uint32(c.at.Nanosecond() / 1000), length, length} {
		_ = binary.Write(&c.file, binary.LittleEndian, v)
	}
	for _, b := range [][]byte{ethernet, ip, tcp, data} {
		c.file.Write(b)
	}
}

// save writes the file into a directory of the test.
func (c *capture) save(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "capture.pcap")
	if err := os.WriteFile(path, c.file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
