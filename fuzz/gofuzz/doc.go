// Package gofuzz holds the entry points of the targets of package fuzz for github.com/dvyukov/go-fuzz: one function a
// target, all behind the build tag gofuzz.
//
//	make go-fuzz TARGET=DecodeFast TIME=60s
//	make go-fuzz TARGET=all
//
// builds them with go-fuzz-build, from a copy of the module without go:embed lines (it leaves embedded files behind), seeds
// each from the golden vectors and runs go-fuzz; the script is run in this folder. Both programs are tools of go.mod:
// go tool go-fuzz-build, go tool go-fuzz.
package gofuzz
