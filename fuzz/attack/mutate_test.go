package attack_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// The mutator knows the standard: from the smallest frame it comes to most classes and to packets with filters.
func TestMutator_ReachesEveryClass(t *testing.T) {
	m := &attack.Mutator{Rand: rand.New(rand.NewPCG(1, 1)), Max: attack.DefaultMaxInput}
	pr := oracle.Fast.With(oracle.TestFilters(oracle.Judged))
	corpus := [][]byte{oracle.Frame(nil, oracle.Payload(1, oracle.Pull, []byte("/a"), nil, 's', []byte("b")))}
	seen := map[string]int{}
	for range 30_000 {
		parent := corpus[m.Rand.IntN(len(corpus))]
		before := bytes.Clone(parent)
		out := m.Mutate(parent, corpus[m.Rand.IntN(len(corpus))])
		if !bytes.Equal(parent, before) {
			t.Fatal("the parent was changed")
		}
		if len(out) > m.Max {
			t.Fatalf("%d bytes, over the %d of Max", len(out), m.Max)
		}
		p, n, err := pr.Decode(out, attack.SmallLimits())
		what := "valid"
		switch {
		case err != nil:
			what = err.Class + " " + err.Stage
		case n > 0 && len(p.Pipe) > 1:
			what = "valid, filters in filters"
		case n > 0 && n < len(out):
			what = "valid, more behind"
		}
		if seen[what]++; seen[what] <= 40 {
			corpus = append(corpus, out)
		}
	}
	for _, want := range []string{"short frame", "length frame", "limit frame", "version frame", "filter-unknown frame", "filter-data frame",
		"header payload", "limit payload", "valid", "valid, filters in filters", "valid, more behind"} {
		if seen[want] < 10 {
			t.Errorf("%q came %d times: %v", want, seen[want], seen)
		}
	}
}

func TestMutator_FromNothing(t *testing.T) {
	m := &attack.Mutator{Rand: rand.New(rand.NewPCG(1, 2)), Max: 64, Dictionary: [][]byte{[]byte("only here")}}
	token := false
	for range 2000 {
		token = token || bytes.Contains(m.Mutate(nil, nil), []byte("only here"))
	}
	if !token {
		t.Error("a token of the dictionary never came")
	}
}
