package cli

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"unicode"
)

// maxInput bounds what decode and encode read: far above any packet, far below the machine.
const maxInput = 64 << 20

// readInput gives the bytes named by the arguments (hex), by file, or, with neither, by stdin.
// A file and stdin may hold hex (white space allowed) or the raw bytes themselves.
func readInput(args []string, file string, stdin io.Reader) ([]byte, error) {
	if len(args) > 0 {
		if file != "" {
			return nil, usagef("give hex arguments or --file, not both")
		}
		return parseHex(strings.Join(args, ""))
	}
	from, name := stdin, "standard input"
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer f.Close()
		from, name = f, file
	}
	data, err := io.ReadAll(io.LimitReader(from, maxInput+1))
	if err != nil {
		return nil, harnessf("reading %s: %w", name, err)
	}
	if len(data) > maxInput {
		return nil, failf("%s holds more than %d bytes", name, maxInput)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, failf("%s is empty: give the bytes of a packet, as hex or raw", name)
	}
	if looksHex(data) {
		return parseHex(string(data))
	}
	return data, nil
}

// looksHex tells hex text from raw bytes: a raw frame begins with the high byte of a size, which is
// neither a digit nor white space for any packet below 144 MiB.
func looksHex(data []byte) bool {
	for _, c := range data {
		if !isHexDigit(c) && c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func parseHex(s string) ([]byte, error) {
	compact := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	compact = strings.TrimPrefix(strings.TrimPrefix(compact, "0x"), "0X")
	if compact == "" {
		return nil, usagef("no hex digits given")
	}
	for i := range len(compact) {
		if !isHexDigit(compact[i]) {
			return nil, failf("hex digit %d is %q: expected 0-9 or a-f", i, compact[i])
		}
	}
	if len(compact)%2 != 0 {
		return nil, failf("%d hex digits: expected two for each byte", len(compact))
	}
	data, err := hex.DecodeString(compact)
	if err != nil {
		return nil, failf("%w", err)
	}
	return data, nil
}
