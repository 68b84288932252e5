package json_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/proto/json"
)

func TestProto_Conforms(t *testing.T) {
	conformance.TestProto(t, json.New)
}
