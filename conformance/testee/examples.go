package testee

import (
	"embed"
	"fmt"
	"sort"
)

//go:embed example
var examples embed.FS

// example is a testee to start from.
type example struct {
	embedded, name string
	run            []string // the command, but for the file
}

var exampleFiles = map[string]example{
	"python": {"testee.py", "testee.py", []string{"python3"}},
	"node":   {"testee.js", "testee.js", []string{"node"}},
	"go":     {"testee.go.txt", "testee.go", []string{"go", "run"}},
}

// ExampleLanguages lists the languages for Example, sorted.
func ExampleLanguages() []string {
	var out []string
	for language := range exampleFiles {
		out = append(out, language)
	}
	sort.Strings(out)
	return out
}

// Example gives a testee to start from, in one of ExampleLanguages: the name of its file, its text, and the command
// that runs it, to which the file's path is to be added. It says hello, and unimplemented to every case.
func Example(language string) (name string, text []byte, run []string, err error) {
	e, ok := exampleFiles[language]
	if !ok {
		return "", nil, nil, fmt.Errorf("testee: no example in %q, there are %q", language, ExampleLanguages())
	}
	text, err = examples.ReadFile("example/" + e.embedded)
	return e.name, text, e.run, err
}
