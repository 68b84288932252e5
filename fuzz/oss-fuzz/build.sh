#!/bin/bash -eu
# What OSS-Fuzz runs in its image to build the targets. The functions have the form of go-fuzz, func([]byte) int: they
# use nothing of package testing, which the builder of native targets would have to rewrite in every file.
# The list is checked against fuzz.Targets() by fuzz/oss-fuzz/build_test.go.
cd "$SRC/teleport"

targets="
FuzzDecodeFast
FuzzDecodeJSON
FuzzDecodePB
FuzzDecodeStream
FuzzRoundTrip
FuzzXferPipe
FuzzUnzstd
FuzzReplay
FuzzMetadata
FuzzReplyError
FuzzURIAndRouting
FuzzCodecs
FuzzReusedPacket
FuzzSessionScript
"

seeds=$(mktemp -d)
go run ./tools/teleport fuzz seeds --write --format raw --dir "$seeds"

for target in $targets; do
	compile_go_fuzzer github.com/henrylee2cn/teleport/fuzz/gofuzz "$target" "$target" gofuzz
	find "$seeds/$target" -type f -print | zip -q -j -@ "$OUT/${target}_seed_corpus.zip"
	cp fuzz/teleport.dict "$OUT/$target.dict"
	printf '[libfuzzer]\nmax_len = 16384\ndict = %s.dict\n' "$target" >"$OUT/$target.options"
done
