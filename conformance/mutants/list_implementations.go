package mutants

// implementations gives the broken encoders and decoders that only the vectors judge: what they break is not
// a Proto's work.
func implementations() []Mutant {
	m := func(bug, fault, killer string, short ...string) Mutant {
		return Mutant{ID: "proto-" + bug, Fault: fault, KilledBy: killer, Requirements: reqs(short...), Base: baseOracle,
			Implementation: naiveImplementation(bug)}
	}
	return []Mutant{
		m("meta-set-moves", "moves a pair to the end when it is set", "vectors/meta-recorded-encode-0006", "META-012"),
		m("meta-set-appends", "adds a pair when one is set", "vectors/meta-set-0001", "META-012"),
		m("meta-add-in-front", "adds a pair before the others", "vectors/meta-recorded-encode-0004", "META-013"),
		m("meta-del-first-only", "removes the first pair of a key alone", "vectors/meta-del-0001", "META-015"),
		m("meta-peek-last", "finds the last pair of a key", "vectors/meta-peek-0001", "META-014"),
		m("error-key-folded", "finds X-Reply-Error in any case", "vectors/rerror-none-0003", "ERR-015"),
		m("error-last-wins", "reads the last X-Reply-Error", "vectors/rerror-first-0001", "ERR-015"),
		m("error-empty-counts", "takes an empty X-Reply-Error for an error", "vectors/rerror-none-0002", "ERR-002"),
		m("error-zero-is-success", "takes an error of code 0 for a success", "vectors/rerror-recorded-encode-0001", "ERR-005"),
		m("error-no-json-dropped", "reads an error that is no JSON as an empty one", "vectors/rerror-raw-0001", "ERR-006"),
		m("error-controls-refused", "reads raw control characters as no JSON", "vectors/rerror-recorded-encode-0015", "ERR-006"),
		m("error-last-member-wins", "reads the last of an error's duplicate members", "vectors/rerror-recorded-decode-0019", "ERR-018"),
		m("error-code-in-any-form", "reads a code that is a fraction", "vectors/rerror-raw-0017", "ERR-017"),
		m("error-members-in-order", "refuses an error whose members are in another order", "vectors/rerror-recorded-decode-0002", "ERR-007"),
		m("error-empty-members-written", "writes the empty members of an error", "vectors/rerror-recorded-encode-0001", "ERR-003"),
		m("error-html-escaped", "escapes what matters to HTML in an error", "vectors/rerror-recorded-encode-0019", "ERR-004"),
		m("error-code-unsigned", "writes a negative code without its sign", "vectors/rerror-recorded-encode-0004", "ERR-012"),
		m("error-not-sent", "sends no X-Reply-Error", "vectors/fast-example-0002", "ERR-001"),
		m("error-drops-result", "sends no result beside an error", "vectors/rerror-result-0001", "ERR-016"),
	}
}
