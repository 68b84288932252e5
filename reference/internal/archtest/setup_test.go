package archtest

import (
	"os"
	"path/filepath"
	"testing"
)

func mustAbs(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func parse(t *testing.T, file, text string) *source {
	t.Helper()
	s, err := parseSource(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadTree_SkipsWhatTheGoCommandSkips(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":               "module " + Module + "\n",
		"a/a.go":               "package a\n",
		"a/a_test.go":          "package a\n",
		"a/testdata/b.go":      "not go",
		"_off/c.go":            "not go",
		".hidden/d.go":         "not go",
		"a/_e.go":              "not go",
		"nested/go.mod":        "module elsewhere\n",
		"nested/f.go":          "not go",
		"a/readme.txt":         "not go",
		"b/c/d.go":             "package d\n",
		"b/c/testdata/go.mod/": "",
	} {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if text == "" {
			continue
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := readTree(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range files {
		got = append(got, s.file)
	}
	want := []string{"a/a.go", "a/a_test.go", "b/c/d.go"}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	found, err := moduleRoot(filepath.Join(root, "b", "c"))
	if err != nil || found != root {
		t.Errorf("moduleRoot from b/c: %q, %v; want %q", found, err, root)
	}
	if _, err := moduleRoot(filepath.VolumeName(root) + string(filepath.Separator)); err == nil {
		t.Error("moduleRoot of the file system's root: want an error")
	}
}
