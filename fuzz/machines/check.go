package machines

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
)

// The variables of the environment that Check goes by.
const (
	SeedEnv    = "TELEPORT_SEED"    // the seed of the one sequence to run, a decimal number
	LongEnv    = "TELEPORT_LONG"    // 1: 2,000 sequences
	NightlyEnv = "TELEPORT_NIGHTLY" // 1: 10,000 sequences
)

// Runs gives how many sequences Check runs when no seed is set: 500, or more where the environment asks for it.
func Runs() int {
	switch {
	case os.Getenv(NightlyEnv) == "1":
		return 10_000
	case os.Getenv(LongEnv) == "1":
		return 2_000
	}
	return 500
}

// Check runs sequences of 1 to size commands of c, one after the other, until one of them ends otherwise than
// its commands expect; it fails t then, with the shortest such sequence that was found and the line that
// replays it. How many there are is Runs' to say; the first seed is drawn at random and logged, and each
// sequence has its own. With TELEPORT_SEED it runs that sequence alone. Call it on the test's goroutine; all
// of it may lie in one synctest bubble.
func Check(t testing.TB, size int, c commands.Commands) {
	t.Helper()
	seeds, err := plan(os.Getenv(SeedEnv), Runs())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d sequences of up to %d commands, the first of seed %d", t.Name(), len(seeds), size, seeds[0])
	for i, seed := range seeds {
		if text := run(seed, size, c); text != "" {
			// Also where the log of a test is lost: a system that hangs ends its bubble with a panic.
			text = fmt.Sprintf("sequence %d of %d: %s\nreplay: %s", i+1, len(seeds), text, ReplayLine(t, seed))
			fmt.Fprintln(os.Stderr, text)
			t.Fatal(text)
		}
	}
}

// ReplayLine gives the command that runs the one sequence of that seed in the test t again, from its package's
// directory.
func ReplayLine(t testing.TB, seed int64) string {
	var parts []string
	for part := range strings.SplitSeq(t.Name(), "/") {
		parts = append(parts, "^"+part+"$")
	}
	return fmt.Sprintf("%s=%d go test -count=1 -run '%s' .", SeedEnv, seed, strings.Join(parts, "/"))
}

// plan gives the seeds to run, a sequence each: that of the environment, or as many as are wanted.
func plan(asked string, runs int) ([]int64, error) {
	if asked != "" {
		seed, err := strconv.ParseInt(asked, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is %q, want a decimal number: %w", SeedEnv, asked, err)
		}
		return []int64{seed}, nil
	}
	first := rand.Uint64()
	seeds := make([]int64, runs)
	for i := range seeds {
		seeds[i] = int64(mix(first+uint64(i)) >> 1) // not negative
	}
	return seeds, nil
}

// mix is the step of SplitMix64: seeds that are no neighbours.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// run runs one sequence and says what was wrong with it, "" for nothing.
func run(seed int64, size int, c commands.Commands) string {
	p := gopter.DefaultTestParametersWithSeed(seed)
	p.MinSuccessfulTests = 1
	p.MaxSize = 1 + size
	p.MinSize = 1 + int(mix(uint64(seed))%uint64(size)) // a test of gopter's is this long
	result := gopter.SaveProp(commands.Prop(c)).Check(p)
	if result.Passed() {
		return ""
	}
	var b strings.Builder
	if result.Error != nil {
		fmt.Fprintf(&b, "%v\n%s", result.Error, result.ErrorStack)
	}
	for _, label := range result.Labels {
		b.WriteString(label + "\n")
	}
	for _, a := range result.Args {
		fmt.Fprintf(&b, "%s\n", a.ArgFormatted)
		if a.Shrinks > 0 {
			fmt.Fprintf(&b, "(shrunk %d times from %s)\n", a.Shrinks, a.OrigArgFormatted)
		}
	}
	if b.Len() == 0 {
		fmt.Fprintf(&b, "%d sequences passed and %d could not be made: the generators are at fault", result.Succeeded, result.Discarded)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Same gives the verdict of a command after which got was seen and want expected: true where they are deeply
// equal, else false with a label that shows both.
func Same(want, got any) *gopter.PropResult {
	if reflect.DeepEqual(want, got) {
		return &gopter.PropResult{Status: gopter.PropTrue}
	}
	return &gopter.PropResult{Status: gopter.PropFalse, Labels: []string{fmt.Sprintf("want %+v\n got %+v", want, got)}}
}
