// Package archtest holds the rules of the house as functions, and a test that
// runs them over the whole repository: which room may import which (the floors
// below), how long a file may be, and what library code must not do.
//
// A rule that fails names the file, the line and what to do. To change a rule,
// change the table here and write down why in CONTRIBUTING.md.
package archtest

import (
	"slices"
	"strings"
)

// Module is the path that our own imports begin with.
const Module = "github.com/henrylee2cn/teleport"

// room is a part of the repository with one rule for what it may import.
type room struct {
	// path is the directory that the room begins at. A star stands for one
	// directory name: every match is a room of its own.
	path string
	// may lists the other rooms that it may import, in the same notation. A
	// room may always import itself, the directories in it included.
	may []string
	// stdlibOnly rooms import nothing but the standard library.
	stdlibOnly bool
	// roof rooms may import anything of ours, and only the roof imports them.
	roof bool
}

// floors is the house from the ground up. The first room whose path matches
// is the room of a directory, so narrow paths come before wide ones.
var floors = []room{
	// Ground floor: data and text.
	{path: "vectors"},
	{path: "spec"},

	// East wing: the judge, who never uses the code of the accused.
	{path: "conformance/oracle", stdlibOnly: true},
	{path: "conformance/mutants", roof: true},
	{path: "conformance", may: []string{"vectors", "spec", "conformance/oracle",
		"reference/packet", "reference/socket", "reference/codec", "reference/xfer"}},

	// The reference, from the bottom.
	{path: "reference/internal"},
	{path: "reference/codec", may: []string{"reference/internal"}},
	{path: "reference/xfer", may: []string{"reference/internal"}},
	{path: "reference/packet", may: []string{"reference/internal", "reference/codec", "reference/xfer"}},
	{path: "reference/proto/internal", may: []string{"reference/internal", "reference/codec", "reference/xfer",
		"reference/packet"}},
	{path: "reference/proto/*", may: []string{"reference/internal", "reference/codec", "reference/xfer",
		"reference/packet", "reference/proto/internal"}},
	{path: "reference/socket", may: []string{"reference/internal", "reference/codec", "reference/xfer",
		"reference/packet", "reference/proto/*"}},
	{path: "reference/plugin/*", may: upToPeer},
	{path: "reference/tptest", may: upToPeer},
	{path: "reference/example", may: append([]string{"reference/plugin/*"}, upToPeer...)},
	{path: "reference", may: upToPeer},

	// The roof: programs and checks.
	{path: "fuzz", roof: true},
	{path: "perf", roof: true},
	{path: "tools", roof: true},
}

// upToPeer is everything up to and with the peer.
var upToPeer = []string{"reference/internal", "reference/codec", "reference/xfer", "reference/packet",
	"reference/proto/*", "reference/socket", "reference"}

// roomOf gives the room of a directory and the path that it begins at, with
// the star filled in. ok is false for a directory outside of every room.
func roomOf(dir string) (r room, at string, ok bool) {
	for _, r := range floors {
		if at, ok := under(dir, r.path); ok {
			return r, at, true
		}
	}
	return room{}, "", false
}

// under tells whether dir is pattern or lies in it, and gives the part of dir
// that pattern covers.
func under(dir, pattern string) (string, bool) {
	d, p := strings.Split(dir, "/"), strings.Split(pattern, "/")
	if len(d) < len(p) {
		return "", false
	}
	for i := range p {
		if p[i] != "*" && p[i] != d[i] {
			return "", false
		}
	}
	return strings.Join(d[:len(p)], "/"), true
}

// checkImport says what is wrong with package directory from importing path,
// "" when nothing is. Both directories are relative to the module.
func checkImport(from, path string) string {
	r, at, ok := roomOf(from)
	if !ok {
		return "directory " + from + " belongs to no room: add it to the floors in archtest"
	}
	to, ours := strings.CutPrefix(path, Module+"/")
	if !ours && path != Module {
		if r.stdlibOnly && strings.Contains(strings.Split(path, "/")[0], ".") {
			return at + " imports " + path + ": it may use the standard library only"
		}
		return ""
	}
	target, toAt, ok := roomOf(to)
	switch {
	case !ok:
		return at + " imports " + to + ", which belongs to no room"
	case toAt == at, r.roof:
		return ""
	case target.roof:
		return at + " imports " + to + ": nothing but the roof imports the roof"
	case r.stdlibOnly:
		return at + " imports " + to + ": it may use the standard library only"
	case slices.Contains(r.may, target.path):
		return ""
	}
	return at + " imports " + to + ": that is not a floor below it"
}
