package vectorgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// Promotion is an input that is to become a golden vector.
type Promotion struct {
	// Proto is the name of the Proto: fast, json or pb.
	Proto string
	// Wire are the bytes of the stream.
	Wire []byte
	// Limits are those to apply; nil means the standard's.
	Limits *vectors.Limits
	// Reqs are the requirements that the case tests, Comment says in words what it shows.
	Reqs    []string
	Comment string
}

// Promote makes a case of an input, with the verdict of the oracle: whoever keeps it states by that that the verdict is
// the standard's. The id is left out; see [AppendPromoted].
func Promote(p Promotion) (vectors.Case, error) {
	pr, ok := oracle.ProtoByName(p.Proto)
	if !ok {
		return vectors.Case{}, fmt.Errorf("no Proto has the name %q", p.Proto)
	}
	if len(p.Wire) == 0 {
		return vectors.Case{}, errors.New("no bytes are no case: a clean end")
	}
	c := vectors.Case{Reqs: p.Reqs, Since: vectors.Standard, Comment: p.Comment, Limits: p.Limits, Wire: compact(p.Wire)}
	if p.Proto != vectors.ProtoFast {
		c.Proto = p.Proto
	}
	c.Filters = needed(pr, p.Wire, c.EffectiveLimits())
	known := filtersOf(c.Filters, oracle.Judged)
	if beyondOracle(pr, known, p.Wire, c.EffectiveLimits()) {
		return c, errors.New("the oracle is no judge of the Zstandard blocks of this input: write a builder for it by hand")
	}
	limits := oracleLimits(c.EffectiveLimits())
	packets, err := pr.With(known).DecodeStream(p.Wire, limits)
	var bodies []*oracle.Error
	for _, q := range packets {
		if e := oracle.CheckBody(q); e != nil {
			bodies = append(bodies, e)
		}
	}
	for _, q := range packets {
		v := vectorOf(q)
		if v.Meta == nil {
			v.Meta = []vectors.Pair{} // the files say that there is none
		}
		c.Packets = append(c.Packets, v)
	}
	c.Kind, c.Result = vectors.KindStream, vectors.Valid
	if len(packets) <= 1 && (err == nil || len(packets) == 0) {
		single(&c)
	}
	switch {
	case err != nil:
		reject(&c, err)
		c.MaxAlloc = promotedAllowance(p.Wire, c.EffectiveLimits())
	case len(bodies) > 0 && c.Kind == vectors.KindDecode:
		reject(&c, bodies[0])
	case c.Kind == vectors.KindDecode:
		again, e := pr.With(known).Encode(packets[0], limits)
		if e == nil && len(packets[0].Pipe) == 0 && bytes.Equal(again, p.Wire) {
			c.Kind, c.Canonical = vectors.KindRoundtrip, true
			if Judge(&c, Oracle(), nil) != nil { // an X-Reply-Error that no sender writes like that
				c.Kind, c.Canonical = vectors.KindDecode, false
			}
		}
	}
	if len(bodies) > 0 && c.Kind == vectors.KindStream {
		c.Flags = []string{vectors.FlagRawBody}
	}
	return c, nil
}

// single makes a stream of at most one packet a frame.
func single(c *vectors.Case) {
	c.Kind = vectors.KindDecode
	if len(c.Packets) == 1 {
		c.Packet = &c.Packets[0]
	}
	c.Packets = nil
}

func reject(c *vectors.Case, e *oracle.Error) {
	c.Result, c.Error, c.Stage, c.Offset = vectors.Invalid, e.Class, e.Stage, &e.Offset
}

// promotedAllowance is the memory allowance; with filters, that of the state of each and of what it may put out.
func promotedAllowance(wire []byte, l vectors.Limits) int64 {
	n := allowance(len(wire))
	if len(wire) > 5 && wire[5] > 0 {
		n += int64(wire[5])*6*65536 + 4*int64(l.MaxPayload)
	}
	return n
}

// needed are the filters of chapter 22 that the frames of a stream name, as far as the stream can be read.
func needed(pr oracle.Proto, wire []byte, l vectors.Limits) (out vectors.Pipe) {
	all := pr.With(oracle.TestFilters(oracle.Judged))
	for len(wire) > 6 {
		for _, id := range wire[6:min(len(wire), 6+int(wire[5]))] {
			if _, ok := oracle.TestFilters(oracle.Judged)[id]; ok && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
		_, n, err := all.Decode(wire, oracleLimits(l))
		if err != nil {
			break
		}
		wire = wire[n:]
	}
	slices.Sort(out)
	return out
}

// beyondOracle reports whether the oracle meets what it cannot undo.
func beyondOracle(pr oracle.Proto, known oracle.Filters, wire []byte, l vectors.Limits) (beyond bool) {
	watched := oracle.Filters{}
	for id, f := range known {
		watched[id] = oracle.Filter{Do: f.Do, Undo: func(b []byte, limit int) ([]byte, error) {
			out, err := f.Undo(b, limit)
			beyond = beyond || errors.Is(err, oracle.ErrBeyond)
			return out, err
		}}
	}
	_, _ = pr.With(watched).DecodeStream(wire, oracleLimits(l)) // asked for what the filters say
	return beyond
}

// Verdict is the verdict of a case in the words of --expect: valid, or class/stage/offset.
func Verdict(c *vectors.Case) string {
	if c.Result == vectors.Invalid && c.Offset != nil {
		return fmt.Sprintf("%s/%s/%d", c.Error, c.Stage, *c.Offset)
	}
	return string(c.Result)
}

// AppendPromoted adds a case to the text of promoted.json, under the next free id of its topic (the class, or valid),
// and gives the new text and the id. Bytes that are there already, under the same Proto and limits, are an error.
func AppendPromoted(raw []byte, c vectors.Case) (text []byte, id string, err error) {
	cases, err := ParsePromoted(raw)
	if err != nil {
		return nil, "", err
	}
	topic := string(c.Result)
	if c.Error != "" {
		topic = c.Error
	}
	prefix, next := promotedName+"-"+topic+"-", 1
	for _, old := range cases {
		if sameCase(&old, &c) {
			return nil, "", fmt.Errorf("these bytes are promoted already: %s", old.ID)
		}
		if strings.HasPrefix(old.ID, prefix) {
			next++
		}
	}
	c.ID = fmt.Sprintf("%s%04d", prefix, next)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(append(cases, c))
	return out.Bytes(), c.ID, err
}

func sameCase(a, b *vectors.Case) bool {
	x, err1 := a.WireBytes()
	y, err2 := b.WireBytes()
	return err1 == nil && err2 == nil && bytes.Equal(x, y) && a.ProtoName() == b.ProtoName() && a.EffectiveLimits() == b.EffectiveLimits()
}
