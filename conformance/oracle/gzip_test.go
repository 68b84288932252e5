package oracle_test

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// texts are inputs of every kind: empty, short, long, repetitive, random.
func texts() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	words := bytes.Repeat([]byte("the quick brown fox jumps over the lazy dog "), 500)
	for i := range words {
		if r.IntN(9) == 0 {
			words[i] = 'x'
		}
	}
	return [][]byte{nil, []byte("a"), []byte("hello, hello, hello"), make([]byte, 200_000), noise, words}
}

func TestGunzip_ReadsWhatTheStandardLibraryWrites(t *testing.T) {
	for i, text := range texts() {
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, gzip.BestSpeed, 5, gzip.BestCompression} {
			for _, finish := range []bool{true, false} {
				var b bytes.Buffer
				w, err := gzip.NewWriterLevel(&b, level)
				if err != nil {
					t.Fatal(err)
				}
				w.Write(text)
				if finish {
					w.Close()
				} else {
					w.Flush()
				}
				got, err := oracle.Gunzip(b.Bytes(), len(text))
				if err != nil || !bytes.Equal(got, text) {
					t.Errorf("text %d, level %d, finished %v: %d bytes, %v", i, level, finish, len(got), err)
				}
				if oracle.Finished(b.Bytes()) != finish {
					t.Errorf("text %d, level %d: Finished is not %v", i, level, finish)
				}
				if len(text) > 0 {
					if _, err := oracle.Gunzip(b.Bytes(), len(text)-1); err == nil {
						t.Errorf("text %d, level %d, finished %v: no error one byte over the limit", i, level, finish)
					}
				}
			}
		}
	}
}

func TestBuilders_StandardLibraryReadsThem(t *testing.T) {
	build := map[string]func([]byte) []byte{"Gzip": oracle.Gzip, "GzipFixed": oracle.GzipFixed, "GzipRun": func(b []byte) []byte { return oracle.GzipRun(0, len(b)) }}
	for i, text := range texts() {
		for name, f := range build {
			want := text
			if name == "GzipRun" {
				want = make([]byte, len(text))
			}
			r, err := gzip.NewReader(bytes.NewReader(f(text)))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if _, err := got.ReadFrom(r); err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s of text %d: %d bytes, %v", name, i, got.Len(), err)
			}
			if !oracle.Finished(f(text)) {
				t.Errorf("%s of text %d: not finished", name, i)
			}
		}
	}
}

func TestGunzip_EveryCutFails(t *testing.T) {
	text := []byte("hello, hello, hello")
	for name, member := range map[string][]byte{"stored": oracle.Gzip(text), "fixed": oracle.GzipFixed(text), "sync": oracle.GzipSync(text), "run": oracle.GzipRun('a', 1000)} {
		for n := range member {
			if out, err := oracle.Gunzip(member[:n], 1<<20); err == nil {
				t.Errorf("%s: %d of %d bytes give %q", name, n, len(member), out)
			}
		}
		if _, err := oracle.Gunzip(append(member, 0), 1<<20); err == nil {
			t.Errorf("%s: a trailing byte is accepted", name)
		}
	}
}
