package tp

import (
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// log writes the run log line of a PULL or PUSH that was handled.
func (c *handlerCtx) log(rerr *Rerror) {
	p := c.sess.peer
	if !p.runlog.wanted() {
		return
	}
	kind := logPullHandle
	if c.in.Ptype() == packet.TypePush {
		kind = logPushHandle
	}
	logCall(&p.runlog, callLog{kind: kind, ip: c.Ip(), seq: c.in.Seq(), uri: c.uri, cost: p.since(c.has().start), in: c.in, out: c.out, rerr: rerr})
}

// log writes the run log line of a PULL that has ended.
func (c *call) log() {
	p := c.sess.peer
	if !p.runlog.wanted() {
		return
	}
	out := c.output()
	logCall(&p.runlog, callLog{kind: logPullLaunch, ip: c.sess.RemoteIp(), seq: c.seq, uri: out.Uri(), cost: c.cost, in: c.in, out: out, rerr: c.rerr})
}

// logsItself says that nobody waits in Pull to write the run log line.
func (c *call) logsItself() bool { return c.async() && c.sess.peer.runlog.wanted() }

// logPush writes the run log line of a PUSH that was sent.
func (s *session) logPush(out *packet.Packet, start time.Time) {
	p := s.peer
	if !p.runlog.wanted() {
		return
	}
	logCall(&p.runlog, callLog{kind: logPushLaunch, ip: s.RemoteIp(), seq: out.Seq(), uri: out.Uri(), cost: p.since(start), out: out})
}

// wanted says whether a line would be shown, before anything is gathered for it.
func (c *runlogConfig) wanted() bool {
	return logEnabled(LevelInfo) || c.slow > 0 && logEnabled(LevelWarning)
}
