package suite

import (
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// versionCases judge what a Proto says of itself.
func versionCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("version-stable", "TP-PROTO-001", "Version gives one id and one name, on every call and instance, before and after use", func(b *bench) {
			first := b.open(&stream{in: b.frame(basic(1))})
			id, name := first.version()
			check := func(e *endpoint, when string) {
				if i, n := e.version(); i != id || n != name {
					b.Errorf("%s: Version gave (%d, %q), at first it gave (%d, %q)", when, i, n, id, name)
				}
			}
			for range 3 {
				check(first, "called again")
			}
			first.unpackWant(basic(1), "between two calls of Version")
			check(first, "after Unpack")
			if err := first.Pack(basic(2).packet(b)); err != nil {
				b.Fatalf("Pack failed: %v", err)
			}
			check(first, "after Pack")
			check(b.open(&stream{}), "on another instance")
		}, FeatureGoAPI),
		tg.proto("version-named", "TP-PROTO-002", "Version's name is not empty", func(b *bench) {
			if _, name := b.open(&stream{}).version(); name == "" {
				b.Errorf("Version gave an empty name")
			}
		}, FeatureGoAPI),
		tg.proto("version-quiet", "TP-PROTO-003 TP-PROTO-012", "making a Proto and asking its Version neither reads nor writes", func(b *bench) {
			st := &stream{in: b.frame(basic(1))}
			b.open(st).version()
			if st.consumed() != 0 {
				b.Errorf("%d bytes were read before the first Unpack", st.consumed())
			}
			if n := len(st.calls()); n != 0 {
				b.Errorf("%d writes came before the first Pack", n)
			}
		}, FeatureGoAPI),
	}
}

func (e *endpoint) version() (id byte, name string) {
	e.b.Call("Version", func() { id, name = e.proto.Version() })
	return id, name
}
