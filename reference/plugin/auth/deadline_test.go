package auth

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

const timeout = 7 * time.Second

// A stranger has the time for the whole handshake and no more, in whatever way
// it wastes it.
func TestAccept_Deadline(t *testing.T) {
	hello := func(t *testing.T) []byte {
		return tptest.Frame(t, packet.WithPtype(packet.TypePull), packet.WithUri(Uri), packet.WithBodyCodec(codec.JSONId),
			packet.WithBody(&message{Method: MethodHMAC, Name: "alice", Nonce: make([]byte, NonceSize)}))
	}
	tests := map[string]func(t *testing.T, raw *tptest.RawPeer){
		"says nothing": func(*testing.T, *tptest.RawPeer) {},
		"one byte a second": func(t *testing.T, raw *tptest.RawPeer) {
			for _, b := range hello(t)[:6] {
				raw.Send([]byte{b})
				<-time.After(time.Second)
			}
		},
		"stops after the first step": func(t *testing.T, raw *tptest.RawPeer) {
			<-time.After(timeout - time.Second)
			raw.Send(hello(t))
			raw.ExpectPacket()
		},
	}
	for name, waste := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, &Config{Verifier: VerifyHMAC(keys), Timeout: timeout}, func(r *rig) {
				raw := r.raw()
				raw.Patience = time.Hour
				start := time.Now()
				waste(t, raw)
				raw.ExpectEnd()
				if took := time.Since(start); took != timeout {
					t.Errorf("it took %v, want %v", took, timeout)
				}
				synctest.Wait()
				if n, _, cause := r.log.last(); n != 1 || !errors.Is(cause, errLate) {
					t.Errorf("refused %d times: %v", n, cause)
				}
			})
		})
	}
}

// One who is in time is not cut off afterwards.
func TestAccept_DeadlineEndsWithTheHandshake(t *testing.T) {
	inBubble(t, &Config{Verifier: VerifyHMAC(keys), Timeout: timeout}, func(r *rig) {
		cli := r.client(tp.PeerConfig{}, &Config{Credential: HMAC("alice", aliceKey), Timeout: timeout})
		defer cli.Close()
		sess, rerr := cli.Dial(addr)
		if rerr != nil {
			r.t.Fatal(rerr)
		}
		pass(10 * timeout)
		if who, rerr := whoami(sess); who != "alice by hmac-sha256" {
			t.Errorf("got %q, %v", who, rerr)
		}
	})
}

// An accepter that says nothing, or takes nothing, does not hold up Dial.
func TestDial_Deadline(t *testing.T) {
	inBubble(t, nil, func(r *rig) {
		lis, err := r.net.Listen("silent:1")
		if err != nil {
			r.t.Fatal(err)
		}
		defer lis.Close()
		for _, full := range []bool{false, true} {
			if full {
				r.net.OnDial(func(c, _ *tptest.Conn) { c.Out().SetBuffer(1) })
			}
			cli := r.client(tp.PeerConfig{DefaultWriteTimeout: -1}, &Config{Credential: HMAC("alice", aliceKey), Timeout: timeout})
			start := time.Now()
			_, rerr := cli.Dial("silent:1")
			wantCode(t, "Dial", rerr, tp.CodeTimeout)
			if took := time.Since(start); took != timeout {
				t.Errorf("it took %v, want %v", took, timeout)
			}
			cli.Close()
		}
	})
}

// The end of the peer ends a handshake at once.
func TestDial_EndsWithThePeer(t *testing.T) {
	inBubble(t, nil, func(r *rig) {
		lis, err := r.net.Listen("silent:1")
		if err != nil {
			r.t.Fatal(err)
		}
		defer lis.Close()
		cli := r.client(tp.PeerConfig{}, &Config{Credential: HMAC("alice", aliceKey), Timeout: time.Hour})
		done := make(chan *tp.Rerror, 1)
		go func() { _, rerr := cli.Dial("silent:1"); done <- rerr }()
		pass(time.Second)
		start := time.Now()
		cli.Close()
		wantCode(t, "Dial", <-done, tp.CodeConnClosed)
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// Each connection of a session authenticates, with nonces of its own; a
// handshake that fails, or hangs, is tried again like any failed redial.
func TestRedial_AuthenticatesAgain(t *testing.T) {
	var nonces [][NonceSize]byte
	refuseNext := false
	mine := VerifyHMAC(keys)
	verify := VerifyFunc(MethodHMAC, func(name string, proof []byte, c Challenge) (Identity, error) {
		nonces = append(nonces, c.DialerNonce, c.AccepterNonce)
		if refuseNext {
			refuseNext = false
			return Identity{}, errors.New("not just now")
		}
		id, err := mine.Verify(name, proof, c)
		id.Data = len(nonces)
		return id, err
	})
	inBubble(t, &Config{Verifier: verify, Credential: HMAC("server", serverKey), Timeout: timeout}, func(r *rig) {
		cli := r.client(tp.PeerConfig{RedialTimes: 5}, &Config{Credential: HMAC("alice", aliceKey), Timeout: timeout, Mutual: true,
			Verifier: VerifyHMAC(StaticSecrets(map[string][]byte{"server": serverKey}))})
		defer cli.Close()
		sess, rerr := cli.Dial(addr)
		if rerr != nil {
			r.t.Fatal(rerr)
		}
		id := sess.Id()
		for i, round := range []struct {
			name   string
			hang   bool
			refuse bool
			tries  int
		}{{"at once", false, false, 1}, {"refused first", false, true, 2}, {"hangs first", true, false, 1}} {
			before := len(nonces)
			ends := <-r.ends
			refuseNext = round.refuse
			if round.hang { // the next connection brings nothing back, those after it do
				r.net.OnDial(func(c, s *tptest.Conn) {
					c.In().Stall()
					r.ends <- [2]*tptest.Conn{c, s}
					r.net.OnDial(func(c, s *tptest.Conn) { r.ends <- [2]*tptest.Conn{c, s} })
				})
			}
			ends[1].Abort()
			synctest.Wait()
			who, rerr := whoami(sess)
			if who != "alice by hmac-sha256" {
				t.Errorf("%s: the server knows %q, %v", round.name, who, rerr)
			}
			if got, ok := From(sess); !ok || got.Name != "server" || sess.Id() != id {
				t.Errorf("%s: the client knows %+v, %t", round.name, got, ok)
			}
			if got := (len(nonces) - before) / 2; got != round.tries {
				t.Errorf("%s: %d proofs came, want %d", round.name, got, round.tries)
			}
			if extra := len(r.ends) - 1; extra > 0 { // the failed tries
				for range extra {
					<-r.ends
				}
			}
			if cli.Stats().Redials != uint64(i+1) {
				t.Errorf("%s: %d redials", round.name, cli.Stats().Redials)
			}
		}
		slices.SortFunc(nonces, func(a, b [NonceSize]byte) int { return slices.Compare(a[:], b[:]) })
		if n := len(slices.Compact(nonces)); n != 10 {
			t.Errorf("%d different nonces, want 10, two for each of five proofs", n)
		}
	})
}

// What was proved on one connection is not true of the next.
func TestRedial_ForgetsTheIdentity(t *testing.T) {
	inBubble(t, &Config{Verifier: VerifyHMAC(keys), Credential: HMAC("server", serverKey)}, func(r *rig) {
		known := map[string][]byte{"server": serverKey}
		cli := r.client(tp.PeerConfig{RedialTimes: 1}, &Config{Credential: HMAC("alice", aliceKey), Mutual: true,
			Verifier: VerifyHMAC(func(name string) [][]byte { return [][]byte{known[name]} })})
		defer cli.Close()
		sess, rerr := cli.Dial(addr)
		if rerr != nil {
			r.t.Fatal(rerr)
		}
		known["server"] = bobKey
		(<-r.ends)[1].Abort()
		synctest.Wait() // until the end is known: a call before that would have been tried, and end with 104
		wantCode(t, "a call", sess.Pull("/whoami", nil, nil).Rerror(), tp.CodeConnClosed)
		if id, ok := From(sess); ok {
			t.Errorf("the client still knows %+v", id)
		}
	})
}
