// Package tptest is for tests of what speaks over connections: ours and yours.
//
// NewNetwork makes an in-memory network: Listen and Dial give ordinary
// net.Listeners and net.Conns, full duplex, with deadlines, half close and
// bounded buffers, so that a peer that does not read makes its writer wait.
// Everything blocks on channels and timers made by the calling goroutine, so
// inside a testing/synctest bubble time is virtual: an idle timeout of an hour
// costs nothing, and synctest.Wait returns when every packet has arrived.
//
//	synctest.Test(t, func(t *testing.T) {
//		n := tptest.NewNetwork()
//		l, _ := n.Listen("server:1")
//		nc, _ := n.Dial(context.Background(), "server:1")
//		...
//	})
//
// Each direction of a connection is a Link, and every fault is a method of it:
// CutAfter, Stall and Resume, Delay, MaxRead (1 is one byte at a time), Segments,
// MaxWrite, FailWrite, FailRead, Swallow. A connection also has Abort, which is
// what a reset looks like. Pipe makes a single pair without a network.
//
// Proxy is for real time: it stands between peers on TCP connections and cuts,
// resets, stalls, delays and swallows, by chance from a seed, and counts.
//
// RawPeer is a peer by script: it sends bytes, hex or packets and expects bytes,
// frames, packets or the end.
//
// CheckLeaks fails a test that leaves goroutines behind.
package tptest
