package systems

import (
	"fmt"

	"github.com/henrylee2cn/teleport/reference/codec"
	codecpb "github.com/henrylee2cn/teleport/reference/codec/protobuf"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

// setup is what both sides read out of the options.
type setup struct {
	proto    packet.ProtoFunc
	handler  harness.Handler
	settings []packet.PacketSetting // of each request
	codec    codec.Codec
	body     string // message, bytes or plain
	size     int
}

func newSetup(o harness.Options) (s setup, err error) {
	if s.handler, err = harness.ParseHandler(o.Handler); err != nil {
		return s, err
	}
	name := o.Proto
	if name == "" {
		name = "fast"
	}
	var ok bool
	if s.proto, ok = Protos()[name]; !ok {
		return s, fmt.Errorf("proto %q: expected fast, json or pb", o.Proto)
	}
	switch o.Codec {
	case "", "protobuf":
		s.body, s.codec = "message", codecpb.Codec{}
	case "json":
		s.body, s.codec = "message", codec.JSON{}
	case "plain", "bytes":
		s.body, s.codec = o.Codec, codec.String{}
	default:
		return s, fmt.Errorf("codec %q: expected protobuf, json, plain or bytes", o.Codec)
	}
	s.size = o.Size
	switch {
	case s.body == "message" && s.size != 0 && s.size != message.Size:
		return s, fmt.Errorf("the benchmark message has %d bytes: other sizes need codec plain or bytes", message.Size)
	case s.size == 0:
		s.size = message.Size
	}
	switch o.Route {
	case "", "inline", "blocking":
	default:
		return s, fmt.Errorf("route %q: expected inline or blocking", o.Route)
	}
	if o.Pipe != "" {
		if err := xfer.NewXferPipe().Append([]byte(o.Pipe)...); err != nil {
			return s, err
		}
		s.settings = append(s.settings, packet.WithXferPipe([]byte(o.Pipe)...))
	}
	return s, nil
}

func lacks(o harness.Options) string {
	if _, err := newSetup(o); err != nil {
		return err.Error()
	}
	return ""
}
