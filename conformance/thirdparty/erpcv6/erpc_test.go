package erpcv6

import (
	"flag"
	"testing"

	"github.com/henrylee2cn/erpc/v6"
	"github.com/henrylee2cn/erpc/v6/proto/jsonproto"
	"github.com/henrylee2cn/erpc/v6/proto/pbproto"
	"github.com/henrylee2cn/erpc/v6/proto/thriftproto"
	"github.com/henrylee2cn/erpc/v6/socket"
	"github.com/henrylee2cn/teleport/conformance/thirdparty/judge"
)

var update = flag.Bool("update", false, "write known/ and the README")

// TestErpc judges every Proto; it also is what the judge's child processes run.
func TestErpc(t *testing.T) {
	silence()
	judge.Check(t, judge.Module{
		Name: "erpcv6",
		Erpc: "github.com/henrylee2cn/erpc/v6@v6.3.5",
		Host: host,
		Protos: []judge.Proto{
			{Name: "raw", New: wrap(socket.RawProtoFunc)},
			{Name: "json", New: wrap(jsonproto.NewJSONProtoFunc()), Relief: judge.Relief{Body: true}},
			{Name: "pb", New: wrap(pbproto.NewPbProtoFunc())},
			{Name: "thrift", New: wrap(thriftproto.NewBinaryProtoFunc()), Relief: judge.Relief{Types: true}, Varies: "concurrent-* hostile-*", Confined: "hostile-*"},
		},
	}, *update)
}

func silence() { erpc.SetLoggerLevel2(erpc.OFF) }
