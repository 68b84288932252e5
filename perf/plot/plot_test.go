package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/internal/made"
)

// few keeps a report small enough to draw in a test.
func few(mode harness.Mode, systems ...string) harness.Report {
	r := made.Report(1)
	r.Rows = slices.DeleteFunc(r.Rows, func(row harness.Row) bool {
		return row.Mode != mode || !slices.Contains(systems, row.System)
	})
	return r
}

// write is Write, without its many pixels where they would take long.
func write(dir string, r harness.Report) (files []string, err error) {
	if os.Getenv("TELEPORT_LONG") != "" {
		return Write(dir, r)
	}
	for _, p := range pictures(r) {
		f, err := p.saveAt(dir, 48)
		if err != nil {
			return nil, err
		}
		files = append(files, f...)
	}
	return files, nil
}

func TestWrite_FourPicturesOfAMode(t *testing.T) {
	dir := t.TempDir()
	files, err := write(dir, few("conn", "teleport", "raw", "kitex"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	want := []string{
		"tps-conn.png", "tps-conn.svg", "latency-conn.png", "latency-conn.svg",
		"percentiles-conn-1000.png", "percentiles-conn-1000.svg", "time-conn-1000.png", "time-conn-1000.svg",
	}
	if !slices.Equal(names, want) {
		t.Fatalf("files %q, expected %q", names, want)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, ".png") {
			checkPNG(t, f, b)
		} else {
			checkSVG(t, f, b, "teleport", "raw", "kitex", "Made-up CPU 9000")
		}
	}
}

func checkPNG(t *testing.T, name string, b []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s := img.Bounds().Size()
	if scale := s.Y * 2 / height; scale != 4 && scale != 1 || 2*s.X != scale*narrow && 2*s.X != scale*wide {
		t.Errorf("%s is %v pixels", name, s)
	}
}

func checkSVG(t *testing.T, name string, b []byte, texts ...string) {
	t.Helper()
	var all strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c, ok := token.(xml.CharData); ok {
			all.Write(c)
		}
	}
	for _, s := range texts {
		if !strings.Contains(all.String(), s) {
			t.Errorf("%s does not say %q", name, s)
		}
	}
	if strings.Contains(string(b), "font-family:Liberation Sans;") {
		t.Errorf("%s has a font without others in its place", name)
	}
}

func TestPictures_SameReportSameBytes(t *testing.T) {
	draw := func() (out []byte) {
		p := pictures(few("shared1", "teleport", "erpc"))[0]
		var b bytes.Buffer
		// The fewer pixels, the sooner.
		if err := errors.Join(p.png(&b, 48), p.svg(&b)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if !bytes.Equal(draw(), draw()) {
		t.Error("two drawings of one report differ")
	}
}

func TestPictures_InvalidRowsAreLeftOutAndNamed(t *testing.T) {
	for _, p := range pictures(few("conn", "teleport", "kitex")) {
		at1000 := strings.HasSuffix(p.file, "1000")
		if named := strings.Contains(p.note, "kitex at 2,000, 5,000"); named == at1000 {
			t.Errorf("%s says: %s", p.file, p.note)
		}
		for _, panel := range p.panels {
			for _, l := range panel.lines {
				if l.name == "kitex" && !at1000 && len(l.points) != 3 {
					t.Errorf("%s: kitex has %d points, expected 3", p.file, len(l.points))
				}
			}
		}
	}
}

func TestPictures_NothingToDraw(t *testing.T) {
	idle := few("conn", "teleport")
	for i := range idle.Rows {
		idle.Rows[i].Workload = harness.Idle
	}
	for name, r := range map[string]harness.Report{"empty": {}, "idle": idle} {
		if p := pictures(r); len(p) != 0 {
			t.Errorf("%s: %d pictures", name, len(p))
		}
	}
}

func TestPictures_OneClientIsNotAConcurrency(t *testing.T) {
	r := few("conn", "teleport", "raw")
	for i := range r.Rows {
		if r.Rows[i].Clients == 100 {
			r.Rows[i].Clients = 1
		}
	}
	if p := pictures(r)[0]; p.panels[0].x.min != 500 {
		t.Errorf("%s begins at %v clients", p.file, p.panels[0].x.min)
	}
}

func TestPictures_OpenLoopNamesItsRate(t *testing.T) {
	r := few("conn", "teleport", "raw")
	for i := range r.Rows {
		r.Rows[i].Workload, r.Rows[i].Rate = harness.Open, 63_000
	}
	all := pictures(r)
	if len(all) != 1 || all[0].file != "percentiles-conn-open-63000ps-1000" || !strings.Contains(all[0].title, "at 63,000 calls a second, 1,000 clients") {
		t.Errorf("%d pictures, the first %s: %s", len(all), all[0].file, all[0].title)
	}
}

func TestPictures_OneConcurrencyHasNoCurveOverIt(t *testing.T) {
	r := few("conn", "teleport", "raw")
	r.Rows = slices.DeleteFunc(r.Rows, func(row harness.Row) bool { return row.Clients != 100 })
	var files []string
	for _, p := range pictures(r) {
		files = append(files, p.file)
	}
	if want := []string{"percentiles-conn-100", "time-conn-100"}; !slices.Equal(files, want) {
		t.Errorf("%q, expected %q", files, want)
	}
}

func TestWrite_FolderIsMissing(t *testing.T) {
	_, err := Write(filepath.Join(t.TempDir(), "no"), few("conn", "teleport"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
