package judge

import "io"

// Message holds the fields that erpc's messages have and Teleport's packets have too. erpc's Status is left
// out: Teleport's errors travel in the metadata.
type Message struct {
	Seq   int32
	Type  byte
	Uri   string // ServiceMethod
	Meta  []Pair
	Codec byte
	Pipe  []byte // the ids of the filters, outer-most first
	Body  []byte // the encoded body
	Size  uint32 // bytes on the wire, set by Pack and Unpack
}

// Pair is one entry of the metadata.
type Pair struct{ Key, Value string }

// Native is an erpc Proto over one connection. It is as safe for concurrent use as the Proto is.
type Native interface {
	// Version gives the id and the name that the Proto has for itself.
	Version() (id byte, name string)
	// Pack writes m and sets its Size. It does not keep m.
	Pack(m *Message) error
	// Unpack reads a message into m, which is empty. Everything in m is m's own.
	Unpack(m *Message) error
}

// NativeFunc makes a Native over one connection.
type NativeFunc func(io.ReadWriter) Native

// nothing is a connection on which nothing comes or goes.
type nothing struct{}

func (nothing) Read([]byte) (int, error)    { return 0, io.EOF }
func (nothing) Write(p []byte) (int, error) { return len(p), nil }
