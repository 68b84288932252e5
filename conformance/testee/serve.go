package testee

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Serve is a testee's side in Go: it answers the judge's lines from in on out until the judge says bye or in ends.
// answer is called for one question at a time; it may leave Type, ID and Run of the result to Serve. The error is
// one of reading or writing, or a line that is not the contract's.
func Serve(in io.Reader, out io.Writer, intro Introduction, answer func(Request) Result) error {
	r := bufio.NewReaderSize(in, 64<<10)
	w := bufio.NewWriter(out)
	for {
		line, err := readLine(r, MaxLine)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var kind struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(line, &kind); err != nil {
			return fmt.Errorf("testee: a line that is no JSON: %w", err)
		}
		var reply any
		switch kind.Type {
		case TypeHello:
			intro.Type, intro.Contract = TypeHello, Contract
			reply = intro
		case TypeBye:
			reply = kind
		case TypeCase:
			var q Request
			if err := json.Unmarshal(line, &q); err != nil {
				return fmt.Errorf("testee: a case that cannot be read: %w", err)
			}
			result := answer(q)
			result.Type, result.ID, result.Run = TypeResult, q.ID, q.Run
			reply = result
		default:
			return fmt.Errorf("testee: a line of type %q, expected hello, case or bye", kind.Type)
		}
		raw, err := plain(reply)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(raw, '\n')); err != nil {
			return err
		}
		if err := w.Flush(); err != nil || kind.Type == TypeBye {
			return err
		}
	}
}

// Stream gives the bytes of a decode question, its segments one behind the other, and each by itself.
func (q *Request) Stream() (segments [][]byte, err error) {
	for _, s := range q.Segments {
		raw, e := hex.DecodeString(s)
		err = errors.Join(err, e)
		segments = append(segments, raw)
	}
	return segments, err
}
