// Command server is the sample server of Teleport's design document, as it
// stands there but for the import path and the address (see address.go). Run
// it, then the client beside it:
//
//	go run ./reference/example/simple/server
//	go run ./reference/example/simple/client
package main

import (
	"encoding/json"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

func main() {
	go tp.GraceSignal()
	// tp.SetReadLimit(10)
	// (The document's 10 is smaller than any packet: SetReadLimit refuses less than 24.)
	tp.SetShutdown(time.Second*20, nil, nil)
	var peer = tp.NewPeer(tp.PeerConfig{
		SlowCometDuration: time.Millisecond * 500,
		PrintBody:         true,
		CountTime:         true,
		ListenAddress:     listenAddress,
	})
	group := peer.PullRouter.Group("group")
	group.Reg(new(Home))
	peer.PullRouter.SetUnknown(UnknownPullHandle)
	peer.Listen()
}

// Home controller
type Home struct {
	tp.PullCtx
}

// Test handler
func (h *Home) Test(args *map[string]interface{}) (map[string]interface{}, *tp.Rerror) {
	h.Session().Push("/push/test?tag=from home-test", map[string]interface{}{
		"your_id": h.Query().Get("peer_id"),
	})
	meta := h.CopyMeta()
	meta.VisitAll(func(k, v []byte) {
		tp.Infof("meta: key: %s, value: %s", k, v)
	})
	time.Sleep(5e9)
	return map[string]interface{}{
		"your_args":   *args,
		"server_time": time.Now(),
		"meta":        meta.String(),
	}, nil
}

func UnknownPullHandle(ctx tp.UnknownPullCtx) (interface{}, *tp.Rerror) {
	//lint:ignore SA1004 one nanosecond, as in the document
	time.Sleep(1)
	var v = struct {
		RawMessage json.RawMessage
		Bytes      []byte
	}{}
	codecId, err := ctx.Bind(&v)
	if err != nil {
		return nil, tp.NewRerror(1001, "bind error", err.Error())
	}
	tp.Debugf("UnknownPullHandle: codec: %d, RawMessage: %s, bytes: %s",
		codecId, v.RawMessage, v.Bytes,
	)
	ctx.Session().Push("/push/test?tag=from home-test", map[string]interface{}{
		"your_id": ctx.Query().Get("peer_id"),
	})
	return map[string]interface{}{
		"your_args":   v,
		"server_time": time.Now(),
		"meta":        ctx.CopyMeta().String(),
	}, nil
}
