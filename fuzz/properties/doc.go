// Package properties holds any Proto to the laws of the standard, with packets drawn at random. It is for people who
// write a Proto of their own (a wire format for Teleport packets), beside package conformance: that judges by cases
// somebody thought of, this by packets nobody thought of, and shows the smallest that breaks a law.
//
//	func TestLaws(t *testing.T) {
//		properties.Proto(t, yourproto.New) // New is a packet.ProtoFunc
//	}
//
// Each law is a subtest; [Laws] lists them. A Proto that says it is fast/1, json/1 or pb/1 is also held against the
// oracle, both ways. What a Proto does not offer is left out by the feature names of package conformance:
//
//	properties.Proto(t, yourproto.New, properties.Without(conformance.FeaturePipe, conformance.FeatureBinary))
//
// # Seeds
//
// A run draws a new seed, logs it, and prints the line that replays a failure:
//
//	TELEPORT_SEED=7 TELEPORT_TESTS=500 go test -count=1 -run '^TestLaws$/^round-trip$' example.org/yourproto
//
// TELEPORT_SEED and TELEPORT_TESTS set seed and tests of a run; TELEPORT_LONG=1 and TELEPORT_NIGHTLY=1 raise the
// tests, as [WithTests] says.
//
// What packets are drawn is told by package gen, beside this one.
package properties
