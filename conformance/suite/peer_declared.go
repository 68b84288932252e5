package suite

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// features is the path of the route by which a testee says what it offers.
const features = "/conformance/features"

// PeerFeatures are the features that a testee declares one by one, or does without.
func PeerFeatures() []runner.Feature {
	return []runner.Feature{FeatureCallback, FeatureDeadline, FeatureFilterCrc32c, FeatureFilterZstd, FeatureFlood, FeatureGzip}
}

// Declared is what a testee says of itself (chapter 19 of the standard).
type Declared struct {
	// Features are those it offers; all others of PeerFeatures it does without. Names that the suite does not
	// know may be among them.
	Features []runner.Feature
	// Limits are those that differ from the standard's defaults; a zero field has the default.
	Limits packet.Limits
}

// Ask asks the peer what it offers. It gives nil where the peer does not say, or not in the form of the
// standard: a case of the battery judges that. The error says that no connection could be had.
func (tg *Target) Ask(ctx context.Context, wait time.Duration) (*Declared, error) {
	conn, err := tg.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	conn.SetDeadline(time.Now().Add(wait))
	if _, err := conn.Write(pull(goodSeq, features, 'j', "null").frame()); err != nil {
		return nil, nil
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil, nil
	}
	size := binary.BigEndian.Uint32(head)
	if size < 6 || size > 1<<20 {
		return nil, nil
	}
	frame := append(head, make([]byte, size-4)...)
	if _, err := io.ReadFull(conn, frame[4:]); err != nil {
		return nil, nil
	}
	p, _, derr := oracle.Decode(frame, oracle.Limits{})
	if _, failed := oracle.ReplyErrorOf(p.Meta); derr != nil || failed || p.Ptype != oracle.Reply || p.Codec != 'j' {
		return nil, nil
	}
	d, err := parseDeclared(p.Body)
	if err != nil {
		return nil, nil
	}
	return d, nil
}

// Touch connects to the peer and closes the connection: all that can be asked of a peer without the service.
func (tg *Target) Touch(ctx context.Context) error {
	var conn net.Conn
	conn, err := tg.connect(ctx)
	if err == nil {
		conn.Close()
	}
	return err
}

// parseDeclared reads the answer of the route; unknown members are left alone.
func parseDeclared(body []byte) (*Declared, error) {
	var answer struct {
		Features *[]runner.Feature `json:"features"`
		Limits   struct {
			Packet  uint32 `json:"packet"`
			Payload uint32 `json:"payload"`
			Uri     uint32 `json:"uri"`
			Meta    uint32 `json:"meta"`
			Pairs   uint32 `json:"pairs"`
		} `json:"limits"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if answer.Features == nil {
		return nil, fmt.Errorf("the member features is missing")
	}
	l := answer.Limits
	return &Declared{Features: *answer.Features, Limits: packet.Limits{MaxPacket: l.Packet, MaxPayload: l.Payload, MaxUri: l.Uri,
		MaxMeta: l.Meta, MaxMetaPairs: int(min(l.Pairs, math.MaxInt32))}}, nil
}

// limits gives the target's limits with the standard's defaults filled in.
func (tg *Target) limits() oracle.Limits {
	or := func(v, standard uint32) uint32 {
		if v == 0 {
			return standard
		}
		return v
	}
	l := tg.Limits
	return oracle.Limits{MaxPacket: or(l.MaxPacket, 4<<20), MaxPayload: or(l.MaxPayload, 4<<20), MaxUri: or(l.MaxUri, 64<<10),
		MaxMeta: or(l.MaxMeta, 64<<10), MaxMetaPairs: int(or(uint32(l.MaxMetaPairs), 1024))}
}

// room gives the largest n, at most the wish, for which a packet with a body of n bytes and a short header is
// within the target's limits.
func (tg *Target) room(wish int) int {
	l := tg.limits()
	return min(wish, max(0, int(min(l.MaxPacket, l.MaxPayload))-1024))
}
