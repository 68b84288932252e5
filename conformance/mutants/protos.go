package mutants

import (
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

// The names of the clean bases.
const (
	basePlain  = "plain fast/1"
	baseJSON   = "reference json/1"
	basePB     = "reference pb/1"
	baseOracle = "oracle"
)

// protoBases gives the clean Protos and implementations.
func protoBases() []Base {
	return []Base{
		{Name: basePlain, Proto: plainWith("")},
		{Name: baseJSON, Proto: payloadFault{make: json.New}.proto},
		{Name: basePB, Proto: payloadFault{make: pb.New}.proto},
		{Name: baseOracle, Implementation: naiveImplementation("")},
	}
}

// protos gives the broken Protos.
func protos() []Mutant {
	out := slices.Concat(frameMutants(), streamMutants(), metaMutants(), fieldMutants(), limitMutants(), pipeMutants(),
		codecMutants(), bodyMutants(), contractMutants(), filterMutants())
	for i := range out {
		out[i].Base = basePlain
	}
	return slices.Concat(out, jsonMutants(), pbMutants())
}

// reqs writes requirement ids out: "FRAME-001" stands for TP-FRAME-001.
func reqs(short ...string) []string {
	for i := range short {
		short[i] = "TP-" + short[i]
	}
	return short
}

// at makes the mutant of a fault point of plain.
func at(bug, fault, killer string, short ...string) Mutant {
	return Mutant{ID: "proto-" + bug, Fault: fault, KilledBy: killer, Requirements: reqs(short...), Proto: plainWith(bug)}
}

// crash and hang mark a mutant whose fault is one.
func crash(m Mutant) Mutant { m.Verdict = runner.Panic; return m }
func hang(m Mutant) Mutant  { m.Verdict = runner.Hang; return m }
