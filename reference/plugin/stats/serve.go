package stats

import (
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Serve registers a PULL route that answers with the snapshot: as JSON, or with
// the query "format=text" as the text of WriteText. The sessions, of which there
// may be many, are in it with "sessions=true" only. A body is not looked at.
// Whoever can pull may see it; plugins may forbid that. As with HandlePull, r is
// a pull router, and a mistake panics with a *tp.RegisterError.
func (s *Stats) Serve(r *tp.Router, path string, plugins ...tp.Plugin) {
	tp.HandlePull(r, path, s.answer, plugins...)
}

func (s *Stats) answer(ctx tp.PullCtx, _ *packet.RawBody) (any, *tp.Rerror) {
	snap, query := s.Snapshot(), ctx.Query()
	if query.Get("sessions") != "true" {
		snap.Sessions = nil
	}
	switch format := query.Get("format"); format {
	case "", "json":
		ctx.SetBodyCodec(codec.JSONId)
		return snap, nil
	case "text":
		ctx.SetBodyCodec(codec.StringId)
		return snap.String(), nil
	default:
		return nil, tp.NewRerror(tp.CodeBadPacket, tp.CodeText(tp.CodeBadPacket), "format is json or text, not "+format)
	}
}
