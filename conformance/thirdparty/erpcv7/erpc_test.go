package erpcv7

import (
	"flag"
	"testing"

	"github.com/andeya/erpc/v7"
	"github.com/andeya/erpc/v7/proto/jsonproto"
	"github.com/andeya/erpc/v7/proto/pbproto"
	"github.com/andeya/erpc/v7/proto/thriftproto"
	"github.com/andeya/erpc/v7/socket"
	"github.com/henrylee2cn/teleport/conformance/thirdparty/judge"
)

var update = flag.Bool("update", false, "write known/ and the README")

// TestErpc judges every Proto; it also is what the judge's child processes run.
func TestErpc(t *testing.T) {
	silence()
	judge.Check(t, judge.Module{
		Name: "erpcv7",
		Erpc: "github.com/andeya/erpc/v7@v7.2.2",
		Host: host,
		Protos: []judge.Proto{
			{Name: "raw", New: wrap(socket.RawProtoFunc)},
			{Name: "json", New: wrap(jsonproto.NewJSONProtoFunc()), Relief: judge.Relief{Body: true}},
			{Name: "pb", New: wrap(pbproto.NewPbProtoFunc())},
			{Name: "thrift", New: wrap(thriftproto.NewBinaryProtoFunc()), Relief: judge.Relief{Types: true}, Varies: "concurrent-* hostile-*"},
		},
	}, *update)
}

func silence() { erpc.SetLoggerLevel2(erpc.OFF) }
