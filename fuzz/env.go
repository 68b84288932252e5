package fuzz

import (
	"errors"
	"fmt"
	"sync"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// small are limits that a fuzzer meets, wide ones that a size field has to lie about: what is refused under the small
// ones as too large is decoded under the wide ones once more.
var (
	small = packet.Limits{MaxPacket: 8 << 10, MaxPayload: 8 << 10, MaxUri: 256, MaxMeta: 512, MaxMetaPairs: 16}
	wide  = packet.Limits{MaxPacket: 4 << 20, MaxPayload: 256 << 10, MaxUri: 64 << 10, MaxMeta: 64 << 10, MaxMetaPairs: 1024}
)

func oracleLimits(l packet.Limits) oracle.Limits {
	return oracle.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
}

// filterIds are the ids of every filter of the standard, gzip first.
const filterIds = "gczax"

// parties are the registries of the two sides of a conversation: what seals seals with the sender id of its side, and
// refuses what its own side has sealed.
type parties struct{ sealer, judged *xfer.Registry }

var filters = sync.OnceValues(func() (parties, error) {
	judged, ok := suite.FurtherFilters([]byte(filterIds[1:]))
	if !ok {
		return parties{}, errors.New("a filter of the standard is not there")
	}
	sealer := xfer.NewRegistry(judged)
	for id, make := range map[byte]func(xfer.AEADOptions) (*xfer.AEAD, error){
		oracle.FilterAES: xfer.NewAESGCM, oracle.FilterChaCha: xfer.NewChaCha20Poly1305} {
		f, err := make(xfer.AEADOptions{Sender: oracle.Sealer, Keys: []xfer.Key{
			{Id: 1, Secret: oracle.TestKey(id, 1)}, {Id: 2, Secret: oracle.TestKey(id, 2)}}})
		if err != nil {
			return parties{}, fmt.Errorf("the filter %q: %w", id, err)
		}
		if err := sealer.Add(f); err != nil {
			return parties{}, err
		}
	}
	return parties{sealer, judged}, nil
})

// registries gives the filters of both sides, or ends the run.
func registries(t Reporter) parties {
	t.Helper()
	p, err := filters()
	if err != nil {
		t.Fatalf("the filters of the standard: %v", err)
	}
	return p
}

// judge is a Proto of the oracle that notes when it met what it is no judge of: entropy-coded Zstandard blocks.
func judge(pr oracle.Proto, beyond *bool) oracle.Proto {
	all := oracle.TestFilters(oracle.Judged)
	z := all[oracle.FilterZstd]
	all[oracle.FilterZstd] = oracle.Filter{Do: z.Do, Undo: func(b []byte, limit int) ([]byte, error) {
		out, err := z.Undo(b, limit)
		if errors.Is(err, oracle.ErrBeyond) {
			*beyond = true
		}
		return out, err
	}}
	return pr.With(all)
}
