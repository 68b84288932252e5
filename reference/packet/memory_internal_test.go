package packet

import (
	"strings"
	"testing"
)

// A pool must not keep the memory of one huge packet.
func TestShrink_DropsHugeMemory(t *testing.T) {
	fill := func(p *Packet, n int) {
		p.meta.Add("k", strings.Repeat("v", n))
		for range n / 16 {
			p.meta.Add("", "")
		}
		p.SetRawBody(make([]byte, n), 0)
		p.Detach()
		p.Reset()
		p.shrink()
	}
	p := new(Packet)
	fill(p, keptBytes/4)
	if p.buf == nil || p.meta.data == nil || p.meta.pairs == nil {
		t.Error("memory of a usual size is not kept")
	}
	fill(p, 4*keptBytes)
	if p.buf != nil || p.meta.data != nil || p.meta.pairs != nil {
		t.Errorf("kept: %d bytes of body, %d of metadata, %d pairs", cap(p.buf), cap(p.meta.data), cap(p.meta.pairs))
	}
}

// Setting a value for ever must not take memory for ever.
func TestMeta_SetDoesNotGrow(t *testing.T) {
	var m Meta
	m.Set("other", "stays")
	value := strings.Repeat("v", 100)
	for range 10_000 {
		m.Set("k", value)
	}
	if m.PeekString("other") != "stays" || m.PeekString("k") != value || m.Len() != 2 {
		t.Errorf("got %s", m.String())
	}
	if cap(m.data) > 8<<10 {
		t.Errorf("%d bytes are held for two short pairs", cap(m.data))
	}
}
