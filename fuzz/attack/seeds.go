package attack

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/vectors"
)

// StreamSeeds are the wires of the golden vectors for a Proto, as far as they are no longer than DefaultMaxInput.
func StreamSeeds(proto string) ([][]byte, error) {
	cases, err := vectors.All()
	if err != nil {
		return nil, err
	}
	var out [][]byte
	seen := map[string]bool{}
	for _, c := range cases {
		wire, err := c.WireBytes()
		if err != nil {
			return nil, err
		}
		if c.ProtoName() == proto && len(wire) <= DefaultMaxInput && !seen[string(wire)] {
			seen[string(wire)] = true
			out = append(out, wire)
		}
	}
	return out, nil
}

// ParseDictionary reads the tokens of a dictionary in the form of libFuzzer and AFL: a line is name="token" or "token",
// with \xNN, \\ and \" in the token; a line that begins with # is a comment.
func ParseDictionary(raw []byte) ([][]byte, error) {
	var out [][]byte
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.IndexByte(line, '"')
		if at < 0 || at > 0 && line[at-1] != '=' {
			return nil, fmt.Errorf("line %d of the dictionary: expected name=\"token\"", n)
		}
		token, err := strconv.Unquote(line[at:])
		if err != nil {
			return nil, fmt.Errorf("line %d of the dictionary: %s is no quoted token: %w", n, line[at:], err)
		}
		out = append(out, []byte(token))
	}
	return out, lines.Err()
}
