package packet

import (
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Env is what packing and unpacking need to know beside the packet. Whoever
// calls Pack or Unpack sets it on the packet. It must not be changed once it
// is in use, and may then be shared by any number of goroutines.
//
// A nil Env, and each zero field, stands for the process's defaults.
type Env struct {
	Limits  Limits
	Codecs  *codec.Registry
	Filters *xfer.Registry
}

// Limit gives the limits in force, no field zero.
func (e *Env) Limit() Limits {
	return Limits{MaxPacket: e.MaxPacket(), MaxPayload: e.MaxPayload(), MaxUri: e.MaxUri(), MaxMeta: e.MaxMeta(),
		MaxMetaPairs: e.MaxMetaPairs()}
}

// MaxPacket gives that limit alone, as it is in force; it and those below cost
// less than Limit.
func (e *Env) MaxPacket() uint32 {
	if e == nil || e.Limits.MaxPacket == 0 {
		return ReadLimit()
	}
	return e.Limits.MaxPacket
}

// MaxPayload gives that limit alone, as it is in force.
func (e *Env) MaxPayload() uint32 {
	if e == nil || e.Limits.MaxPayload == 0 {
		return DefaultMaxPayload
	}
	return e.Limits.MaxPayload
}

// MaxUri gives that limit alone, as it is in force.
func (e *Env) MaxUri() uint32 {
	if e == nil || e.Limits.MaxUri == 0 {
		return DefaultMaxUri
	}
	return e.Limits.MaxUri
}

// MaxMeta gives that limit alone, as it is in force.
func (e *Env) MaxMeta() uint32 {
	if e == nil || e.Limits.MaxMeta == 0 {
		return DefaultMaxMeta
	}
	return e.Limits.MaxMeta
}

// MaxMetaPairs gives that limit alone, as it is in force.
func (e *Env) MaxMetaPairs() int {
	if e == nil || e.Limits.MaxMetaPairs <= 0 {
		return DefaultMaxMetaPairs
	}
	return e.Limits.MaxMetaPairs
}

// CodecRegistry gives the codecs in force.
func (e *Env) CodecRegistry() *codec.Registry {
	if e == nil || e.Codecs == nil {
		return codec.Default()
	}
	return e.Codecs
}

// FilterRegistry gives the filters in force.
func (e *Env) FilterRegistry() *xfer.Registry {
	if e == nil || e.Filters == nil {
		return xfer.Default()
	}
	return e.Filters
}
