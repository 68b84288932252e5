// Package systems holds our own systems for the harness: the peer in three ways of using it, and the socket alone.
//
//	teleport             a controller and Session.Pull: the way of the README
//	teleport-generic     tp.HandlePull and tp.Pull, which need no reflection
//	teleport-goroutine   teleport with a goroutine for each request
//	teleport-parked      teleport that parks its sessions after half a second (PeerConfig.ParkAfter)
//	teleport/socket      packets over reference/socket, without a peer: one call at a time, or many by seq
//
// Each is set up as a user would who wants speed: the run log is off (tp.SetRawlogLevel("OFF")), calls are not timed
// (PeerConfig.CountTime and SlowCometDuration are left out), DefaultBodyCodec is the codec that is measured. All else,
// limits, timeouts, bounds and queues, is what a peer has by default.
package systems

import (
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Protos are the wires that Options.Proto names.
func Protos() map[string]packet.ProtoFunc {
	return map[string]packet.ProtoFunc{"fast": fast.New, "json": json.New, "pb": pb.New}
}

// Systems lists ours.
func Systems() []harness.System {
	return []harness.System{
		peerSystem("teleport", style{}),
		peerSystem("teleport-generic", style{generic: true}),
		peerSystem("teleport-goroutine", style{goroutines: true}),
		peerSystem("teleport-parked", style{parks: true}),
		socketSystem(),
	}
}
