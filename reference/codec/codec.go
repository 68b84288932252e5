package codec

// Ids of the codecs that every registry made from Default knows.
const (
	// NilCodecId means "no codec". It is legal only with an empty body.
	NilCodecId byte = 0
	// JSONId is the id of the JSON codec, 'j'.
	JSONId byte = 'j' // req: TP-CODEC-001
	// ProtobufId is the id of the Protocol Buffers codec, 'p'.
	ProtobufId byte = 'p' // req: TP-CODEC-002
	// StringId is the id of the string codec, 's'.
	StringId byte = 's' // req: TP-CODEC-003
)

// Codec turns a body into bytes and back (spec chapter 9).
//
// All methods must be safe for concurrent use. Marshal must return memory of
// its own; Unmarshal must not keep data, and what it puts into v must not
// share memory with data.
type Codec interface {
	// Id gives the byte that stands for the codec on the wire, never 0.
	Id() byte
	// Name gives the name that configurations use, never empty.
	Name() string
	// Marshal encodes v.
	Marshal(v any) ([]byte, error)
	// Unmarshal decodes the whole of data into v, a non-nil pointer.
	Unmarshal(data []byte, v any) error
}

// Appender is what a Codec may offer beside Marshal to write straight into a
// buffer of the caller.
type Appender interface {
	// AppendMarshal appends the encoding of v to dst and returns the longer
	// slice. On an error the bytes after len(dst) mean nothing.
	AppendMarshal(dst []byte, v any) ([]byte, error)
}
