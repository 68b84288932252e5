package bounds_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz/bounds"
)

// counted are the packages whose statements count as work: the reference, and what it leaves work to.
const counted = "github.com/henrylee2cn/teleport/reference/...,encoding/base64,encoding/json,compress/flate,net/url"

// The work of decoding grows as the input does: not in seconds, but in statements that are executed, which a test
// binary built for coverage counts. What the input adds from 4n to 16n is at most six times what it adds from n to
// 4n: 4 is linear, 16 would be quadratic.
func TestWork_IsLinear(t *testing.T) {
	if !long() {
		t.Skip("counting every statement takes a build of its own: set TELEPORT_LONG=1")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "bounds.test")
	build := exec.Command("go", "test", "-c", "-o", bin, "-covermode=count", "-coverpkg="+counted, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building with counters: %v\n%s", err, out)
	}
	const n = 2000
	each(func(name string, fam family, r room) {
		for _, path := range bounds.Paths(r.pf) {
			if path.Name == "bytes" || path.Stream && fam.only != "" {
				continue // how the bytes come does not matter to what only one format has
			}
			work := name + "/" + path.Name
			var w [3]int64
			for i, n := range []int{n, 4 * n, 16 * n} {
				w[i] = statements(t, bin, dir, fmt.Sprintf("%s %d", work, n))
			}
			first, second := w[1]-w[0], w[2]-w[1]
			if second > 6*first+20_000 { // what costs nothing by length may still vary a little
				t.Errorf("%s: %d, %d and %d statements for n, 4n and 16n: not linear", work, w[0], w[1], w[2])
			}
			t.Logf("%-28s %9d %9d %9d", work, w[0], w[1], w[2])
		}
	})
}

// statements runs one workload and counts what it executes.
func statements(t *testing.T, bin, dir, work string) (sum int64) {
	t.Helper()
	profile := filepath.Join(dir, "profile")
	run := exec.Command(bin, "-test.run=^TestWorkload$", "-test.coverprofile="+profile)
	run.Env = append(os.Environ(), workEnv+"="+work)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", work, err, out)
	}
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "mode:") {
			continue
		}
		var n, count int64
		_, numbers, _ := strings.Cut(lines.Text(), " ")
		if _, err := fmt.Sscan(numbers, &n, &count); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		sum += n * count
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if sum == 0 {
		t.Fatalf("%s: nothing was counted", work)
	}
	return sum
}
