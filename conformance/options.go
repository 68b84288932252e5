package conformance

import (
	"io"
	"os"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// The types of a report, by the names users know them under.
type (
	// Report holds the verdicts of a run: OK says whether the target conforms, Failures what counts against it.
	Report = runner.Report
	// Result is the outcome of one case.
	Result = runner.Result
	// Verdict is pass, fail, panic, hang, harness-error or skipped.
	Verdict = runner.Verdict
	// Level is MUST or SHOULD.
	Level = runner.Level
	// Feature names something an implementation may do without; see Without.
	Feature = runner.Feature
	// Case is one thing the suite proves; Cases lists them.
	Case = runner.Case
	// Known is a list of known failures; see ParseKnown and WithKnownFailing.
	Known = runner.Known
	// Flaky is a list of cases that come and go; see ParseFlaky and WithFlaky.
	Flaky = runner.Flaky
)

// The levels: only MUST cases decide whether a target conforms.
const (
	MUST   = runner.MUST
	SHOULD = runner.SHOULD
)

// The verdicts; package runner says what each means.
const (
	Pass         = runner.Pass
	Fail         = runner.Fail
	Panic        = runner.Panic
	Hang         = runner.Hang
	HarnessError = runner.HarnessError
	Skipped      = runner.Skipped
)

// The features that Without can leave out.
const (
	FeatureFramer       = suite.FeatureFramer       // packet.Framer beside Proto
	FeaturePipe         = suite.FeaturePipe         // carries a transfer pipe
	FeatureMeta         = suite.FeatureMeta         // carries metadata
	FeatureBinary       = suite.FeatureBinary       // carries any byte in uri and metadata
	FeatureConcurrency  = suite.FeatureConcurrency  // Pack from several goroutines
	FeatureMemory       = suite.FeatureMemory       // cases that measure allocated bytes
	FeatureHeaderLimits = suite.FeatureHeaderLimits // limits on uri and metadata
	FeatureProtobuf     = suite.FeatureProtobuf     // bodies under codec 'p'
	FeatureWire         = suite.FeatureWire         // the golden vectors of fast/1, json/1 and pb/1
	FeatureFilterCrc32c = suite.FeatureFilterCrc32c // the filter 'c' of chapter 22
	FeatureFilterZstd   = suite.FeatureFilterZstd   // the filter 'z'
	FeatureFilterAES    = suite.FeatureFilterAES    // the filter 'a'
	FeatureFilterChaCha = suite.FeatureFilterChaCha // the filter 'x'
	FeatureGoAPI        = suite.FeatureGoAPI        // called as a Go Proto: its contract with Go code
	FeatureInterop      = suite.FeatureInterop      // packets recorded from the original
	FeatureService      = suite.FeatureService      // a peer's conformance service
	FeatureCallback     = suite.FeatureCallback     // a peer that calls back
	FeatureGzip         = suite.FeatureGzip         // a peer that knows the filter 'g'
	FeatureFlood        = suite.FeatureFlood        // a peer that may be flooded to find its bounds
	FeatureDeadline     = suite.FeatureDeadline     // a peer that knows the caller's deadline (chapter 24)
)

// Option changes what a run judges and how.
type Option func(*config)

type config struct {
	target suite.Target
	run    runner.Options
	exec   testee.Options
}

func newConfig(opts []Option) *config {
	c := &config{}
	c.run.Long = os.Getenv("TELEPORT_LONG") == "1"
	for _, o := range opts {
		o(c)
	}
	return c
}

// WithLimits sets the limits of the environment in which the cases run, for a target that cannot carry as
// much as the standard's defaults. Zero fields keep the default.
func WithLimits(l packet.Limits) Option { return func(c *config) { c.target.Limits = l } }

// WithTimeout sets the time limit of one case: past it the verdict is hang. The default is 20 seconds; where
// none is set, cases that are heavy by nature have more.
func WithTimeout(d time.Duration) Option { return func(c *config) { c.run.Timeout = d } }

// Without leaves out the cases that need one of these features: they are reported as skipped.
func Without(features ...Feature) Option {
	return func(c *config) { c.run.Without = append(c.run.Without, features...) }
}

// Only runs the cases that match the pattern: an exact case id, a glob in which `*` stands for anything
// ("proto/pipe-*"), a chapter of the standard ("7") or a requirement id. Several Only add up.
func Only(pattern string) Option { return func(c *config) { c.run.Only = append(c.run.Only, pattern) } }

// OnResult has f called after each case, in the order in which cases are run, from the goroutine that runs
// the check: for a live progress line.
func OnResult(f func(Result)) Option { return func(c *config) { c.run.OnResult = f } }

// WithTarget names the target in the report. Without it a Proto is named after its Version.
func WithTarget(name string) Option { return func(c *config) { c.run.Target = name } }

// WithLong sets whether heavy cases run with their full counts. The default is true when the environment has
// TELEPORT_LONG=1.
func WithLong(long bool) Option { return func(c *config) { c.run.Long = long } }

// WithTrace keeps the bytes exchanged in cases that pass, for the reports; those of the others are always kept.
func WithTrace() Option { return func(c *config) { c.run.Trace = true } }

// WithKnownFailing gives the run a list of known failures ([ParseKnown]): a case that fails as its entry says is
// marked and does not count against the target. An entry whose case passes, fails otherwise, is skipped or was not
// run (in a run that Only and Without do not restrict) is stale, and fails the run. A harness-error is never known.
func WithKnownFailing(k *Known) Option { return func(c *config) { c.run.Known = k } }

// WithFlaky gives the run a list of flaky cases ([ParseFlaky]): each is run up to three times while it fails or
// hangs, and one pass is enough, which the report marks. A panic or a harness-error is never run again. A case must
// not be on this list and on that of known failures.
func WithFlaky(f *Flaky) Option { return func(c *config) { c.run.Flaky = f } }

// ParseKnown reads a list of known failures. A line is a case id and a part of the detail that the case is expected
// to fail with, in which `*` stands for anything; lines that begin with # are comments:
//
//	# the limit is checked too late, issue 12
//	proto/memory-limit  took * bytes of memory
func ParseKnown(r io.Reader) (*Known, error) { return runner.ParseKnown(r) }

// ParseFlaky reads a list of flaky cases: a case id a line and, for readers, the reason.
func ParseFlaky(r io.Reader) (*Flaky, error) { return runner.ParseFlaky(r) }

// WriteKnown writes the list of known failures that the run would pass with: what WithKnownFailing takes.
func WriteKnown(w io.Writer, r *Report) error { return runner.WriteKnown(w, r) }
