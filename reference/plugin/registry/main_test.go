package registry_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestMain(m *testing.M) { tptest.CheckLeaksMain(m) }
