package proxy_test

import (
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestMain(m *testing.M) {
	tp.SetRawlogLevel("OFF")
	tptest.CheckLeaksMain(m)
}
