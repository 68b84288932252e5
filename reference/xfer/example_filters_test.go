package xfer_test

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Two ends of a connection share a key; each has a sender id of its own.
// Encryption is listed before compression, so that it is applied behind it.
func ExampleNewAESGCM() {
	secret := make([]byte, xfer.KeyLen)
	rand.Read(secret)
	end := func(sender uint32) *xfer.Registry {
		f, err := xfer.NewAESGCM(xfer.AEADOptions{Sender: sender, Keys: []xfer.Key{{Id: 1, Secret: secret}}})
		if err != nil {
			panic(err)
		}
		r := xfer.NewRegistry(xfer.Default())
		r.Reg(f)
		return r
	}
	client, server := end(1), end(2)

	var out, in, back xfer.XferPipe
	for pipe, r := range map[*xfer.XferPipe]*xfer.Registry{&out: client, &in: server, &back: client} {
		if err := pipe.AppendFromRegistry(r, 'a', 'z'); err != nil {
			panic(err)
		}
	}
	sent, err := out.OnPack([]byte("the payload"))
	if err != nil {
		panic(err)
	}
	got, err := in.OnUnpackLimit(sent, 4<<20)
	fmt.Printf("%s %v\n", got, err)

	_, err = back.OnUnpackLimit(sent, 4<<20) // somebody sends it back
	fmt.Println(errors.Is(err, xfer.ErrReflected))
	// Output:
	// the payload <nil>
	// true
}

// A rotation: everybody learns the new key, then seals with it, then forgets
// the old one.
func ExampleAEAD_Use() {
	oldKey := xfer.Key{Id: 1, Secret: make([]byte, xfer.KeyLen)} // a real one is random
	newKey := xfer.Key{Id: 2, Secret: make([]byte, xfer.KeyLen)}
	f, err := xfer.NewChaCha20Poly1305(xfer.AEADOptions{Sender: 1, Keys: []xfer.Key{oldKey}})
	if err != nil {
		panic(err)
	}
	fmt.Println(f.Add(newKey), f.KeyIds())
	fmt.Println(f.Use(2), f.KeyIds())
	fmt.Println(f.Remove(1), f.KeyIds())
	fmt.Println(newKey)
	// Output:
	// <nil> [1 2]
	// <nil> [2 1]
	// <nil> [2]
	// key 2
}

// A guard opens each sealed payload once.
func ExampleNewReplayGuard() {
	guard, err := xfer.NewReplayGuard(0, 0)
	if err != nil {
		panic(err)
	}
	keys := []xfer.Key{{Id: 1, Secret: make([]byte, xfer.KeyLen)}} // a real one is random
	client, err := xfer.NewAESGCM(xfer.AEADOptions{Sender: 1, Keys: keys})
	if err != nil {
		panic(err)
	}
	server, err := xfer.NewAESGCM(xfer.AEADOptions{Sender: 2, Keys: keys, Guard: guard})
	if err != nil {
		panic(err)
	}
	sealed, err := client.OnPack([]byte("pay 10"))
	if err != nil {
		panic(err)
	}
	got, err := server.OnUnpack(sealed)
	fmt.Printf("%s %v\n", got, err)
	_, err = server.OnUnpack(sealed)
	fmt.Println(errors.Is(err, xfer.ErrReplayed))
	// Output:
	// pay 10 <nil>
	// true
}

// A checksum in front of everything finds what changed on the wire.
func ExampleNewCrc32c() {
	var pipe xfer.XferPipe
	if err := pipe.Append('c', 'z'); err != nil {
		panic(err)
	}
	sent, err := pipe.OnPack([]byte("the payload"))
	if err != nil {
		panic(err)
	}
	sent[3] ^= 1
	_, err = pipe.OnUnpack(sent)
	fmt.Println(err)
	// Output: xfer: filter 0 of the pipe (id 99): crc32c: the checksum does not match the data: they were changed on their way
}
