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
func (e *Env) MaxPacket() uint32 { return limitOr(e.limits().MaxPacket, ReadLimit()) }

// MaxPayload gives that limit alone, as it is in force.
func (e *Env) MaxPayload() uint32 { return limitOr(e.limits().MaxPayload, DefaultMaxPayload) }

// MaxUri gives that limit alone, as it is in force.
func (e *Env) MaxUri() uint32 { return limitOr(e.limits().MaxUri, DefaultMaxUri) }

// MaxMeta gives that limit alone, as it is in force.
func (e *Env) MaxMeta() uint32 { return limitOr(e.limits().MaxMeta, DefaultMaxMeta) }

// MaxMetaPairs gives that limit alone, as it is in force.
func (e *Env) MaxMetaPairs() int { return limitOr(e.limits().MaxMetaPairs, DefaultMaxMetaPairs) }

var noLimits Limits

// limits gives those that were set.
func (e *Env) limits() *Limits {
	if e == nil {
		return &noLimits
	}
	return &e.Limits
}

// limitOr gives a limit, or its default where it is not set.
func limitOr[N int | uint32](limit, otherwise N) N {
	if limit <= 0 {
		return otherwise
	}
	return limit
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
