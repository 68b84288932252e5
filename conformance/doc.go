// Package conformance judges implementations of the Teleport wire standard. It is for people who write a
// Proto of their own (a wire format for Teleport packets), an encoder or decoder in any language, or a peer,
// and for those who change one.
//
// # Check a Proto
//
// In a test of your package, one line runs the whole battery, a subtest a case:
//
//	func TestConformance(t *testing.T) {
//		conformance.TestProto(t, yourproto.New)
//	}
//
// New is a packet.ProtoFunc: it makes a Proto over an io.ReadWriter. The battery uses nothing else of yours,
// and does not care what your bytes look like. It packs and unpacks packets over in-memory streams that count
// writes, give one byte at a time, cut packets at every byte, fail and end where they like; it measures
// memory, packs from many goroutines and feeds garbage. Where your Proto is a packet.Framer too, that path is
// judged as well and the two have to agree. A Proto that says it is fast/1 (Version gives 'f', "fast"), json/1
// or pb/1 also gets the wire battery: every golden vector that package vectors has for it.
//
// Run it under `go test -race` as well: the cases that pack from many goroutines then have the race detector
// judge too. TELEPORT_LONG=1 in the environment raises the counts of heavy cases.
//
// Outside of tests, [CheckProto] does the same and gives a [Report]:
//
//	r := conformance.CheckProto(ctx, yourproto.New)
//	if !r.OK() {
//		report.Text(os.Stdout, r) // package conformance/report has JSON, TAP, JUnit XML, Markdown and HTML too
//	}
//
// # Read the verdicts
//
// Each case names the requirement ids of the standard that it tests and a level. Only MUST cases decide
// whether a target conforms ([Report.OK]); SHOULD cases are counted apart, and TestProto only logs them. The
// verdicts are kept apart with care: `fail` is a clause that was broken, `panic` a crash (never taken for a
// rejection), `hang` a call that did not return, `harness-error` a fault of the judge, after which nothing is
// known about the target, `skipped` a case that does not apply.
//
// # Leave out what a Proto does not offer
//
// A Proto over a text format may be unable to carry any byte in a uri; one for a closed system may have no
// transfer pipe. Say so, and the cases that need it are reported as skipped:
//
//	conformance.TestProto(t, yourproto.New, conformance.Without(conformance.FeaturePipe))
//
// [Only] picks cases by id, glob, chapter or requirement; [WithLimits] lowers what is sent; [WithTimeout] sets
// the time after which a case counts as hanging.
//
// # Check a peer
//
// [CheckPeer] and [TestPeer] talk raw bytes to a live peer, over the connections that a function of yours dials.
// A peer that offers the conformance service (chapter 19 of the standard) is judged by all cases; any other by those
// that need no service, Without(FeatureService). [CheckDialer] and [TestDialer] judge a peer that dials, on a
// listener of yours, by the same cases.
//
// # Check another language
//
// [CheckExec] and [TestExec] start a testee, a small program in any language that answers lines of JSON, and judge
// its encoder and decoder by the golden vectors and by what of the Proto battery is about bytes. Package
// conformance/testee has the contract, and testees in Python and Node.
//
// # Keep a list of what fails
//
// [WithKnownFailing] takes a list of cases that are known to fail, with the detail they fail with; an entry that is
// not true any more fails the run. [WithFlaky] takes those that are run up to three times.
//
// What no Go test can catch: a fatal error of the runtime (concurrent map writes, a stack overflow, out of
// memory) ends the process, and a panic in a goroutine that the Proto itself started does too.
package conformance
