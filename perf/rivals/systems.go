package main

import (
	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

// Systems lists the rivals of this program. Kitex is in another, for it needs an old release of Apache Thrift where
// erpc and rpcx need a new one.
func Systems() []harness.System {
	var out []harness.System
	for _, r := range []rival.Rival{erpcRival(), grpcRival(), rpcxRival(), arpcRival(), drpcRival(), netrpcRival()} {
		out = append(out, r.System())
	}
	return out
}
