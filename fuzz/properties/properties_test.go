package properties_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/fuzz/properties"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

func TestProto_Fast(t *testing.T) { properties.Proto(t, fast.New) }
func TestProto_JSON(t *testing.T) { properties.Proto(t, json.New) }
func TestProto_PB(t *testing.T)   { properties.Proto(t, pb.New) }
