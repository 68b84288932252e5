// Package gofuzz holds the entry points of the targets of package fuzz for github.com/dvyukov/go-fuzz: one function a
// target, all behind the build tag gofuzz.
//
//	make go-fuzz TARGET=DecodeFast TIME=60s
//
// which is, in its parts:
//
//	go tool go-fuzz-build -tags gofuzz -func FuzzDecodeFast -o decodefast.zip ./fuzz/gofuzz
//	go run ./tools/teleport fuzz seeds --write --format raw --target DecodeFast --dir seeds
//	go tool go-fuzz -bin decodefast.zip -func FuzzDecodeFast -workdir workdir
package gofuzz
