package service

import (
	"testing"

	"go.uber.org/goleak"

	tp "github.com/henrylee2cn/teleport/reference"
)

func TestMain(m *testing.M) {
	tp.SetRawlogLevel("OFF")
	goleak.VerifyTestMain(m)
}
