package properties

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Feature names something that a Proto may do without, by the names of package conformance.
type Feature = conformance.Feature

// Option changes what a run judges and how.
type Option func(*config)

type config struct {
	without []Feature
	only    []string
	tests   int
	seed    int64
	limits  packet.Limits
	errs    []error
}

// The tests of each law where nothing else is said. Under the race detector, which makes a test about ten times
// as long, they are RaceTests and LongRaceTests.
const (
	DefaultTests  = 500    // in every run
	LongTests     = 2_000  // with TELEPORT_LONG=1
	NightlyTests  = 10_000 // with TELEPORT_NIGHTLY=1, under the race detector too
	RaceTests     = 60
	LongRaceTests = 300
)

// The variables of the environment that a run looks at. They win over options, so that a line that replays a
// failure does what it says.
const (
	envSeed    = "TELEPORT_SEED"
	envTests   = "TELEPORT_TESTS"
	envLong    = "TELEPORT_LONG"
	envNightly = "TELEPORT_NIGHTLY"
)

// Without leaves out what needs one of these features. Laws that are about nothing else are skipped; the others
// draw packets without it: no pipes (conformance.FeaturePipe), no metadata (FeatureMeta), uri and metadata of printable
// text alone (FeatureBinary), no filter 'c' (FeatureFilterCrc32c).
func Without(features ...Feature) Option {
	return func(c *config) { c.without = append(c.without, features...) }
}

// Only runs the laws with these names ([Laws]); several Only add up.
func Only(names ...string) Option { return func(c *config) { c.only = append(c.only, names...) } }

// WithTests sets how many tests each law has to pass; 0 is the default: [DefaultTests], with TELEPORT_LONG=1 in the
// environment [LongTests], with TELEPORT_NIGHTLY=1 [NightlyTests]. TELEPORT_TESTS in the environment wins over all.
func WithTests(n int) Option { return func(c *config) { c.tests = n } }

// WithSeed sets the seed that all packets are drawn from; 0 is a new one in each run. TELEPORT_SEED in the
// environment wins.
func WithSeed(seed int64) Option { return func(c *config) { c.seed = seed } }

// WithLimits keeps packets within these limits, for a Proto that cannot carry as much as the standard's defaults.
// Zero fields keep the default.
func WithLimits(l packet.Limits) Option { return func(c *config) { c.limits = l } }

func newConfig(opts []Option) *config {
	c := &config{}
	for _, o := range opts {
		o(c)
	}
	for _, f := range c.without {
		if !slices.Contains(suite.Features(), f) {
			c.errs = append(c.errs, fmt.Errorf("Without(%q): there is no such feature; there are %q", f, suite.Features()))
		}
	}
	for _, name := range c.only {
		if !slices.ContainsFunc(laws, func(l law) bool { return l.name == name }) {
			c.errs = append(c.errs, fmt.Errorf("Only(%q): there is no such law; there are %q", name, names()))
		}
	}
	if err := c.limits.Validate(); err != nil {
		c.errs = append(c.errs, err)
	}
	if n := c.number(envTests); n != 0 {
		c.tests = int(n)
	}
	if c.tests < 0 {
		c.errs = append(c.errs, fmt.Errorf("%d tests are none", c.tests))
	}
	c.tests = cmp.Or(c.tests, usualTests())
	c.seed = cmp.Or(c.number(envSeed), c.seed, time.Now().UnixNano())
	return c
}

// usualTests gives the tests of each law where nobody says how many.
func usualTests() int {
	long := os.Getenv(envLong) == "1"
	switch {
	case os.Getenv(envNightly) == "1":
		return NightlyTests
	case long && underRace:
		return LongRaceTests
	case long:
		return LongTests
	case underRace:
		return RaceTests
	}
	return DefaultTests
}

// number reads a variable of the environment, 0 where it is not set.
func (c *config) number(name string) int64 {
	text := os.Getenv(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s=%q in the environment is no number", name, text))
	}
	return n
}

func (c *config) lacks(f Feature) bool { return slices.Contains(c.without, f) }

// profile says what packets the Proto can carry.
func (c *config) profile() gen.Profile {
	p := gen.Profile{NoMeta: c.lacks(conformance.FeatureMeta), Text: c.lacks(conformance.FeatureBinary), Limits: c.limits}
	if !c.lacks(conformance.FeaturePipe) {
		p.Filters = gen.FilterIds()
		if c.lacks(conformance.FeatureFilterCrc32c) {
			p.Filters = slices.DeleteFunc(p.Filters, func(id byte) bool { return id == gen.Crc32c })
		}
	}
	return p
}
