package attack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// fileHead is the first line of a file of a Go fuzz corpus.
const fileHead = "go test fuzz v1"

// FormatCorpusFile writes one input as a file of a Go fuzz corpus, for a target that takes one []byte.
func FormatCorpusFile(data []byte) []byte {
	return []byte(fileHead + "\n[]byte(" + strconv.Quote(string(data)) + ")\n")
}

// ParseCorpusFile reads one input: out of a file of a Go fuzz corpus with one []byte or string, else the bytes of the
// file as they are.
func ParseCorpusFile(raw []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(string(raw), fileHead)
	if !ok || text == "" || text[0] != '\n' && text[0] != '\r' {
		return bytes.Clone(raw), nil
	}
	value := strings.TrimSpace(text)
	for _, kind := range []string{"[]byte(", "string("} {
		if inner, ok := strings.CutPrefix(value, kind); ok && strings.HasSuffix(inner, ")") {
			s, err := strconv.Unquote(strings.TrimSpace(strings.TrimSuffix(inner, ")")))
			if err != nil {
				return nil, fmt.Errorf("a corpus file whose value is no quoted string: %w", err)
			}
			return []byte(s), nil
		}
	}
	if value == "" {
		return nil, errors.New("a corpus file without a value")
	}
	return nil, errors.New("a corpus file with a value that is no []byte and no string, or with several")
}

// ReadCorpusFile reads one input from a file; see ParseCorpusFile.
func ReadCorpusFile(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	data, err := ParseCorpusFile(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// FileName names an input by its content.
func FileName(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// WriteCorpusFile writes one input into dir, which is made where it is not there, under a name from its content, and
// gives the path. raw writes the bytes alone, as libFuzzer and go-fuzz take them.
func WriteCorpusFile(dir string, data []byte, raw bool) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, FileName(data))
	out := data
	if !raw {
		out = FormatCorpusFile(data)
	}
	return path, os.WriteFile(path, out, 0o644)
}
