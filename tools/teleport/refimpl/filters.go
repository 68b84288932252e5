package refimpl

import (
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// WithFilters gives the reference with these filters beside gzip, those that need keys with the standard's test keys;
// false where it does not offer one.
func (r proto) WithFilters(ids []byte) (vectorgen.Implementation, bool) {
	f, ok := suite.FurtherFilters(ids)
	return proto{r.open, f}, ok
}

// pipe gives the packet the filters by id, from those of r. An id that is not there is told when it is packed.
func (r proto) pipe(p *packet.Packet, ids []byte) {
	if r.filters != nil {
		p.XferPipe().Reset()
		_ = p.XferPipe().AppendFromRegistry(r.filters, ids...) // the pipe keeps the error for Pack
	}
}
