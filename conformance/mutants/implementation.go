package mutants

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/vectors"
)

// naiveImplementation is the oracle with fault points in what a Proto leaves to others: the operations on
// metadata, and the error of a REPLY. Its string is the fault, "" for the clean base.
type naiveImplementation string

func (n naiveImplementation) is(bug string) bool { return string(n) == bug }

// Name names it in reports.
func (n naiveImplementation) Name() string { return "oracle with the fault " + string(n) }

// Decode is the oracle's, with the errors read again here.
func (n naiveImplementation) Decode(segments [][]byte, l vectors.Limits) vectorgen.Outcome {
	out := vectorgen.Oracle().Decode(segments, l)
	for i := range out.Packets {
		p := &out.Packets[i]
		p.Error = nil
		if e, ok := n.errorOf(oraclePairs(p.Meta)); ok {
			p.Error = &vectors.ReplyError{Code: e.Code, Message: vectors.Text(e.Message), Detail: vectors.Text(e.Detail)}
		}
	}
	return out
}

// Encode does the operations and writes the error here; the oracle writes the packet.
func (n naiveImplementation) Encode(p vectors.Packet, ops []vectors.Op, l vectors.Limits) ([]byte, *vectorgen.Failure) {
	meta := oraclePairs(p.Meta)
	if ops != nil {
		meta = nil
		for _, op := range ops {
			var why string
			if meta, why = n.operate(meta, op); why != "" {
				return nil, &vectorgen.Failure{Class: "harness", Detail: why}
			}
		}
	}
	if e := p.Error; e != nil {
		value := n.writeError(oracle.ReplyError{Code: e.Code, Message: expand(e.Message), Detail: expand(e.Detail)})
		meta = oracle.SetMeta(meta, []byte(oracle.ErrorKey), value)
	}
	p.Error, p.Meta = nil, nil
	for _, m := range meta {
		p.Meta = append(p.Meta, vectors.Pair{Key: vectors.Text(m.Key), Value: vectors.Text(m.Value)})
	}
	if n.is("error-drops-result") && hasKey(meta, oracle.ErrorKey) {
		p.Body = nil
	}
	return vectorgen.Oracle().Encode(p, nil, l)
}

// operate does one operation on metadata.
func (n naiveImplementation) operate(meta []oracle.Pair, op vectors.Op) (out []oracle.Pair, why string) {
	key, value := expand(op.Key), []byte(nil)
	if op.Value != nil {
		value = expand(*op.Value)
	}
	switch op.Op {
	case "set":
		switch {
		case n.is("meta-set-moves"):
			return oracle.AddMeta(oracle.DelMeta(meta, key), key, value), ""
		case n.is("meta-set-appends"):
			return oracle.AddMeta(meta, key, value), ""
		}
		return oracle.SetMeta(meta, key, value), ""
	case "add":
		if n.is("meta-add-in-front") {
			return append([]oracle.Pair{{Key: key, Value: value}}, meta...), ""
		}
		return oracle.AddMeta(meta, key, value), ""
	case "del":
		if i := slices.IndexFunc(meta, func(p oracle.Pair) bool { return bytes.Equal(p.Key, key) }); n.is("meta-del-first-only") && i >= 0 {
			return slices.Delete(slices.Clone(meta), i, i+1), ""
		}
		return oracle.DelMeta(meta, key), ""
	}
	got, ok := n.peek(meta, string(key))
	if ok != (op.Value != nil) || !bytes.Equal(got, value) {
		return nil, "peek finds " + string(got)
	}
	return meta, ""
}

// peek finds the first value of a key.
func (n naiveImplementation) peek(meta []oracle.Pair, key string) ([]byte, bool) {
	if n.is("meta-peek-last") {
		meta = slices.Clone(meta)
		slices.Reverse(meta)
	}
	return oracle.PeekMeta(meta, []byte(key))
}

// errorOf finds the error of a REPLY.
func (n naiveImplementation) errorOf(meta []oracle.Pair) (oracle.ReplyError, bool) {
	if n.is("error-key-folded") {
		meta = slices.Clone(meta)
		for i := range meta {
			if strings.EqualFold(string(meta[i].Key), oracle.ErrorKey) {
				meta[i].Key = []byte(oracle.ErrorKey)
			}
		}
	}
	if n.is("error-last-wins") {
		meta = slices.Clone(meta)
		slices.Reverse(meta)
	}
	value, ok := oracle.PeekMeta(meta, []byte(oracle.ErrorKey))
	if !ok || len(value) == 0 && !n.is("error-empty-counts") {
		return oracle.ReplyError{}, false
	}
	e := n.readError(value)
	if n.is("error-zero-is-success") && e.Code == 0 {
		return e, false
	}
	return e, true
}

// readError reads the value of X-Reply-Error.
func (n naiveImplementation) readError(value []byte) oracle.ReplyError {
	e := oracle.DecodeReplyError(value)
	var lax struct {
		Code    json.Number `json:"code"`
		Message string      `json:"message"`
		Detail  string      `json:"detail"`
	}
	switch {
	case n.is("error-no-json-dropped") && !json.Valid(value):
		return oracle.ReplyError{}
	case n.is("error-controls-refused") && bytes.ContainsFunc(value, func(r rune) bool { return r < 0x20 }) && !json.Valid(value):
		return oracle.ReplyError{Message: value}
	case n.is("error-last-member-wins") && json.Unmarshal(value, &lax) == nil:
		code, _ := lax.Code.Int64()
		return oracle.ReplyError{Code: int32(code), Message: []byte(lax.Message), Detail: []byte(lax.Detail)}
	case n.is("error-code-in-any-form") && json.Unmarshal(value, &lax) == nil:
		if f, err := lax.Code.Float64(); err == nil {
			return oracle.ReplyError{Code: int32(f), Message: []byte(lax.Message), Detail: []byte(lax.Detail)}
		}
	case n.is("error-members-in-order") && bytes.HasPrefix(value, []byte(`{"message"`)):
		return oracle.ReplyError{Message: value}
	}
	return e
}

// writeError writes the value of X-Reply-Error.
func (n naiveImplementation) writeError(e oracle.ReplyError) []byte {
	switch {
	case n.is("error-empty-members-written"):
		full := oracle.EncodeReplyError(oracle.ReplyError{Code: e.Code, Message: append(e.Message, '!'), Detail: append(e.Detail, '!')})
		return bytes.ReplaceAll(full, []byte(`!"`), []byte(`"`))
	case n.is("error-html-escaped"):
		return []byte(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(string(oracle.EncodeReplyError(e))))
	case n.is("error-code-unsigned"):
		e.Code &= 1<<31 - 1
	case n.is("error-not-sent"):
		return nil
	}
	return oracle.EncodeReplyError(e)
}

func hasKey(meta []oracle.Pair, key string) bool {
	_, ok := oracle.PeekMeta(meta, []byte(key))
	return ok
}

func oraclePairs(meta []vectors.Pair) []oracle.Pair {
	var out []oracle.Pair
	for _, m := range meta {
		out = append(out, oracle.Pair{Key: expand(m.Key), Value: expand(m.Value)})
	}
	return out
}

// expand gives the bytes of a recipe; those of the vectors and of vectors.Text always expand.
func expand(b vectors.Bytes) []byte {
	out, err := b.Expand()
	if err != nil {
		panic(err)
	}
	return out
}
