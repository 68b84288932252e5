package tp

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/codec/protobuf"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// inlineBody is the largest body that the reader decodes itself, bytes. Of a
// larger one a copy is cheaper than the time that other packets would wait.
const inlineBody = 16 << 10

// decodesInline says whether the reader may decode the body into v itself: a
// small one, where no code of the user's runs, because that could wait. fresh
// says that v is zero, so that no interface in it leads anywhere.
func (l *link) decodesInline(in *packet.Packet, v any, fresh bool) bool {
	switch n := len(in.RawBody()); {
	case n == 0 || v == nil:
		return true
	case n > inlineBody:
		return false
	}
	switch v.(type) {
	case *[]byte, *packet.RawBody:
		return true // a copy, whatever the codec
	}
	c, err := l.sess.peer.Codecs().Get(in.BodyCodec())
	if err != nil {
		return true // there is nothing to run
	}
	switch c.(type) {
	case codec.JSON:
		return inertTarget(v, fresh)
	case codec.String:
		return true // sets strings and bytes, calls nothing
	case protobuf.Codec:
		if _, own := v.(interface{ UnmarshalVT([]byte) error }); own {
			return false // could be anybody's, and comes first
		}
		_, generated := v.(protoreflect.ProtoMessage)
		return generated
	}
	return false
}

// inertTarget says whether encoding/json fills in v without calling its methods.
func inertTarget(v any, fresh bool) bool {
	t := reflect.TypeOf(v)
	if any, ok := v.(*any); ok {
		return any != nil && *any == nil
	}
	k := inertKey{t, fresh}
	if known, ok := inertTypes.Load(k); ok {
		return known.(bool)
	}
	inert := inertType(t, fresh, map[reflect.Type]bool{})
	inertTypes.Store(k, inert)
	return inert
}

type inertKey struct {
	t     reflect.Type
	fresh bool
}

// inertTypes remembers inertTarget's answers: there are as many as the program
// has argument and reply types.
var inertTypes sync.Map // of inertKey to bool

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// inertType looks through all that a type holds.
func inertType(t reflect.Type, fresh bool, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return true // judged where it was met first
	}
	seen[t] = true
	if ptr := reflect.PointerTo(t); t.Kind() != reflect.Interface &&
		(ptr.Implements(jsonUnmarshaler) || ptr.Implements(textUnmarshaler)) {
		return isStandard(t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return inertType(t.Elem(), fresh, seen)
	case reflect.Map:
		return inertType(t.Key(), fresh, seen) && inertType(t.Elem(), fresh, seen)
	case reflect.Interface:
		return fresh
	case reflect.Struct:
		for i := range t.NumField() {
			if !inertType(t.Field(i).Type, fresh, seen) {
				return false
			}
		}
	}
	return true
}

// isStandard says that a type with methods of its own is the standard library's.
func isStandard(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "encoding/json", "math/big", "net", "net/netip", "net/url", "time":
		return true
	}
	return false
}
