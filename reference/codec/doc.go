// Package codec turns packet bodies into bytes and back.
//
// A packet names its codec with one byte (spec chapter 9). Three codecs are
// always there: JSON 'j', Protocol Buffers 'p' and String 's'.
//
// A codec of one's own implements Codec and is made known with Reg, for the
// whole process, or with Registry.Add, for one peer. Codecs that can write
// into a buffer of the caller implement Appender too.
//
//	codec.Reg(myCodec{})             // at program start: panics on a mistake
//	c, err := codec.GetByName("json")
//	b, err := c.Marshal(v)
//
// Which ids are free for private use is in the registries chapter of the
// specification.
package codec
