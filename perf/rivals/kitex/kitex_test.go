package main

import (
	"testing"

	"github.com/henrylee2cn/teleport/perf/rivals/rival/rivaltest"
)

func TestSystems_CheckedCalls(t *testing.T) {
	for _, s := range Systems() {
		rivaltest.Exercise(t, s)
	}
}
