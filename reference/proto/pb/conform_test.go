package pb_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

func TestProto_Conforms(t *testing.T) {
	conformance.TestProto(t, pb.New)
}
