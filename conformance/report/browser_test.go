package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/tools/needs"
)

// browser is a headless browser with a profile of its own.
type browser struct {
	t    *testing.T
	path string
	dir  string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	return &browser{t, needs.Program(t, "chromium", "chromium-browser", "google-chrome"), t.TempDir()}
}

// run opens one page and gives what the browser wrote to standard output. It has a minute.
func (b *browser) run(page string, args ...string) (stdout string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	all := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run",
		"--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=2000", "--user-data-dir=" + filepath.Join(b.dir, "profile")}, args...)
	cmd := exec.CommandContext(ctx, b.path, append(all, page)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		b.t.Fatalf("%s %s: %v\n%s", b.path, page, err, errs.String())
	}
	if found := regexp.MustCompile(`(?m)^.*CONSOLE.*$`).FindAllString(errs.String(), -1); len(found) > 0 {
		b.t.Errorf("the console of %s says: %q", page, found)
	}
	return out.String()
}

// save writes a page and gives its URL.
func (b *browser) save(name string, write func(f *os.File) error) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	f, err := os.Create(path)
	if err == nil {
		err = write(f)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return "file://" + path
}

func pageReport() *runner.Report {
	r := &runner.Report{Target: "a Proto of this test"}
	for _, c := range []struct {
		id      string
		level   runner.Level
		verdict runner.Verdict
	}{
		{"proto/one", runner.MUST, runner.Pass}, {"proto/two", runner.MUST, runner.Fail}, {"proto/three", runner.SHOULD, runner.Fail},
		{"proto/four", runner.MUST, runner.Hang}, {"wire/five", runner.MUST, runner.Pass}, {"wire/six", runner.MUST, runner.Skipped},
	} {
		chapter := "14 Proto contract"
		if strings.HasPrefix(c.id, "wire/") {
			chapter = "06 fast/1"
		}
		r.Add(runner.Result{Case: c.id, Chapter: chapter, Title: "the title of " + c.id, Level: c.level, Verdict: c.verdict,
			Requirements: []string{"TP-PROTO-003"}, Detail: "expected <1>\ngot 2", Trace: []runner.TraceEntry{{Dir: runner.Sent, Bytes: []byte("\x00\x00\x00\x06f\x00"), Len: 6}}})
	}
	r.Sort()
	return r
}

// walk goes from hash to hash on the page and writes down which cases each shows, and what else is asked for.
const walk = `<script>
(async () => {
  const seen = [];
  for (const hash of [null, ...HASHES]) {
    if (hash !== null) { location.hash = hash; await new Promise((done) => setTimeout(done, 60)); }
    const cases = [...document.querySelectorAll("details.case")];
    seen.push({ hash, shown: cases.filter((c) => !c.hidden && !c.parentElement.hidden).map((c) => c.id).join(" "),
      count: document.getElementById("count").textContent, open: cases.filter((c) => c.open).map((c) => c.id).join(" "),
      filters: !document.getElementById("filters").hidden, chapters: [...document.querySelectorAll("details.chapter")].filter((c) => !c.hidden && c.open).length });
  }
  const log = document.createElement("script");
  log.type = "application/json"; log.id = "log"; log.textContent = JSON.stringify(seen);
  document.body.append(log);
})();
</script></body>`

func TestPage_FiltersInABrowser(t *testing.T) {
	b := newBrowser(t)
	const all = "wire/five wire/six proto/four proto/one proto/three proto/two"
	views := []struct {
		hash, shown, count string
		chapters           int
	}{
		{"#verdict=fail", "proto/three proto/two", "2 of 6 cases", 1}, // the one that the page is opened with
		{"", all, "6 of 6 cases", 1},
		{"#verdict=bad&level=MUST", "proto/four proto/two", "2 of 6 cases", 1},
		{"#chapter=06", "wire/five wire/six", "2 of 6 cases", 1},
		{"#q=title%20FIVE", "wire/five", "1 of 6 cases", 1},
		{"#q=nothing-like-this", "", "0 of 6 cases", 0},
		{"#wire/five", all, "6 of 6 cases", 2},
	}
	var hashes []string
	for _, v := range views[1:] {
		hashes = append(hashes, v.hash)
	}
	list, err := json.Marshal(hashes)
	if err != nil {
		t.Fatal(err)
	}
	page := b.save("report.html", func(f *os.File) error {
		var out bytes.Buffer
		err := report.New(pageReport()).HTML(&out)
		if err == nil {
			_, err = f.WriteString(strings.Replace(out.String(), "</body>", strings.Replace(walk, "HASHES", string(list), 1), 1))
		}
		return err
	})
	dom := b.run(page+views[0].hash, "--dump-dom")
	log := regexp.MustCompile(`(?s)<script type="application/json" id="log">(.*?)</script>`).FindStringSubmatch(dom)
	if log == nil || !strings.Contains(dom, `data-ready="yes"`) {
		t.Fatalf("the page did not run to its end:\n%.2000s", dom)
	}
	var seen []struct {
		Shown, Count, Open string
		Filters            bool
		Chapters           int
	}
	if err := json.Unmarshal([]byte(log[1]), &seen); err != nil || len(seen) != len(views) {
		t.Fatalf("%v: %s", err, log[1])
	}
	for i, v := range views {
		if s := seen[i]; s.Shown != v.shown || s.Count != v.count || s.Chapters != v.chapters || !s.Filters {
			t.Errorf("%q: got %+v, expected %+v", v.hash, s, v)
		}
	}
	if !strings.Contains(seen[len(seen)-1].Open, "wire/five") || strings.Contains(seen[1].Open, "wire/five") {
		t.Errorf("a link to a case does not open it: %+v", seen)
	}
	if !strings.Contains(dom, "expected &lt;1&gt;") {
		t.Error("a detail is not escaped")
	}
}

// TestPage_IsPainted takes pictures, wide and narrow, light and dark: each of the right size, with more than a few
// colours, and with the background that its scheme has.
func TestPage_IsPainted(t *testing.T) {
	if os.Getenv("TELEPORT_LONG") != "1" {
		t.Skip("three pictures take some seconds: TELEPORT_LONG=1 takes them")
	}
	b := newBrowser(t)
	d := report.New(pageReport())
	pages := map[string]string{
		"report": b.save("report.html", func(f *os.File) error { return d.HTML(f) }),
		"diff":   b.save("diff.html", func(f *os.File) error { return report.Compare(d, d).HTML(f) }),
	}
	for name, page := range pages {
		for _, view := range []struct {
			window string
			width  int
			scheme string // Blink's preferredColorScheme
			dark   bool
		}{{"1280,1400", 1280, "1", false}, {"500,1400", 500, "0", true}} {
			if name == "diff" && !view.dark {
				continue // the style is the same: three pictures are enough
			}
			file := filepath.Join(b.dir, name+view.scheme+".png")
			b.run(page, "--window-size="+view.window, "--blink-settings=preferredColorScheme="+view.scheme, "--screenshot="+file)
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(f)
			f.Close()
			if err != nil {
				t.Fatal(err)
			}
			colours := map[[3]uint32]bool{}
			for y := 0; y < img.Bounds().Dy(); y += 7 {
				for x := 0; x < img.Bounds().Dx(); x += 5 {
					r, g, bl, _ := img.At(x, y).RGBA()
					colours[[3]uint32{r, g, bl}] = true
				}
			}
			r, _, _, _ := img.At(2, img.Bounds().Dy()-2).RGBA()
			if img.Bounds().Dx() != view.width || len(colours) < 40 || (r < 0x8000) != view.dark {
				t.Errorf("%s at %s: %v with %d colours, background %04x, expected dark: %v", name, view.window, img.Bounds(), len(colours), r, view.dark)
			}
		}
	}
}
