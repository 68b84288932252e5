package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Whatever comes first and is no handshake is refused: a PULL with 401.
func TestAccept_RefusesAnythingElse(t *testing.T) {
	pull := func(uri string, body any, more ...packet.PacketSetting) []packet.PacketSetting {
		return append([]packet.PacketSetting{packet.WithPtype(packet.TypePull), packet.WithSeq(7), packet.WithUri(uri),
			packet.WithBodyCodec(codec.JSONId), packet.WithBody(body)}, more...)
	}
	nonce := make([]byte, NonceSize)
	good := &message{Method: MethodHMAC, Name: "alice", Nonce: nonce}
	tests := []struct {
		name   string
		first  []packet.PacketSetting
		answer string // a part of the detail of the 401; "" for none
	}{
		{"a PULL of another uri", pull("/whoami", nil), "authenticate first"},
		{"a PULL of nearly the uri", pull(Uri+"?x=1", good), "authenticate first"},
		{"a PULL with a filter", pull("/whoami", nil, packet.WithXferPipe('g')), "authenticate first"},
		{"a PUSH", []packet.PacketSetting{packet.WithPtype(packet.TypePush), packet.WithUri(Uri)}, ""},
		{"a REPLY", []packet.PacketSetting{packet.WithPtype(packet.TypeReply), packet.WithUri(Uri)}, ""},
		{"no type", []packet.PacketSetting{packet.WithPtype(9), packet.WithUri(Uri)}, ""},
		{"no body", pull(Uri, packet.RawBody(nil)), "demands the method"},
		{"no JSON", pull(Uri, packet.RawBody("{")), "not the JSON"},
		{"wrong types", pull(Uri, packet.RawBody(`{"nonce":12345}`)), "not the JSON"},
		{"another codec", pull(Uri, packet.RawBody("{}"), packet.WithBodyCodec(codec.StringId)), "under codec"},
		{"a large body", pull(Uri, &message{Name: strings.Repeat("a", maxMessage)}), "bytes"},
		{"another method", pull(Uri, &message{Method: "none", Nonce: nonce}), "demands the method"},
		{"a short nonce", pull(Uri, &message{Method: MethodHMAC, Nonce: nonce[1:]}), "31 bytes"},
		{"a long nonce", pull(Uri, &message{Method: MethodHMAC, Nonce: append(nonce, 0)}), "33 bytes"},
	}
	for _, test := range tests {
		for _, step := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, as step %d", test.name, step), func(t *testing.T) {
				answer := test.answer
				inBubble(t, &Config{Verifier: VerifyHMAC(keys)}, func(r *rig) {
					raw := r.raw()
					if step == 3 {
						raw.SendPacket(pull(Uri, good)...)
						if p := raw.ExpectPacket(); tp.NewRerrorFromMeta(p.Meta()) != nil {
							r.t.Fatalf("step 2 is %s", p)
						}
						if strings.Contains(answer, "method") || strings.Contains(answer, "31") || strings.Contains(answer, "33") {
							answer = "proof is wrong"
						}
					}
					raw.SendPacket(test.first...)
					if answer != "" {
						p := raw.ExpectPacket()
						sent := packet.NewPacket(test.first...)
						rerr := tp.NewRerrorFromMeta(p.Meta())
						wantCode(t, "the answer", rerr, 401)
						if !strings.Contains(rerr.Detail, answer) {
							t.Errorf("got %v, want a detail with %q", rerr, answer)
						}
						if p.Ptype() != packet.TypeReply || p.Seq() != 7 || p.Uri() != sent.Uri() || string(p.RawBody()) != "null" ||
							p.BodyCodec() != codec.JSONId || !bytes.Equal(p.XferPipe().Ids(), sent.XferPipe().Ids()) {
							t.Errorf("the answer is %s", p)
						}
					}
					raw.ExpectEnd()
					synctest.Wait()
					if n, _, _ := r.log.last(); n != 1 || r.srv.CountSession() != 0 {
						t.Errorf("refused %d times, %d sessions", n, r.srv.CountSession())
					}
				})
			})
		}
	}
}

// What is no packet at all is refused too.
func TestAccept_RefusesWhatIsNoPacket(t *testing.T) {
	inBubble(t, &Config{Verifier: VerifyHMAC(keys)}, func(r *rig) {
		raw := r.raw()
		raw.Send([]byte("GET / HTTP/1.1\r\n\r\n"))
		raw.ExpectEnd()
		synctest.Wait()
		var pe *packet.Error
		if n, _, cause := r.log.last(); n != 1 || !errors.As(cause, &pe) {
			t.Errorf("refused %d times: %v", n, cause)
		}
	})
}

// The dialer trusts no answer either.
func TestDial_RefusesOddAnswers(t *testing.T) {
	reply := func(seq uint64, body any, more ...packet.PacketSetting) []packet.PacketSetting {
		return append([]packet.PacketSetting{packet.WithPtype(packet.TypeReply), packet.WithSeq(seq), packet.WithUri(Uri),
			packet.WithBodyCodec(codec.JSONId), packet.WithBody(body)}, more...)
	}
	good := reply(0, &message{Nonce: make([]byte, NonceSize)})
	tests := []struct {
		name    string
		answers [][]packet.PacketSetting
		code    int32
		detail  string
	}{
		{"a PUSH first", [][]packet.PacketSetting{{packet.WithPtype(packet.TypePush), packet.WithUri("/x")}}, 401, "a PUSH"},
		{"another seq", [][]packet.PacketSetting{reply(1, &message{Nonce: make([]byte, NonceSize)})}, 401, "seq 1"},
		{"no nonce", [][]packet.PacketSetting{reply(0, &message{})}, 401, "0 bytes"},
		{"no JSON", [][]packet.PacketSetting{reply(0, packet.RawBody("[]"))}, 401, "not the JSON"},
		{"404", [][]packet.PacketSetting{reply(0, nil, packet.WithSetMeta(tp.MetaRerrorKey, `{"code":404}`))}, 401, "does not authenticate"},
		{"503", [][]packet.PacketSetting{reply(0, nil, packet.WithSetMeta(tp.MetaRerrorKey, `{"code":503,"detail":"busy"}`))}, 503, "busy"},
		{"no proof", [][]packet.PacketSetting{good, reply(1, &message{})}, 401, "did not prove itself"},
		{"the dialer's own proof", [][]packet.PacketSetting{good, nil}, 401, "did not prove itself"},
		{"an end", [][]packet.PacketSetting{good}, 102, "ended"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, nil, func(r *rig) {
				a, b := tptest.Pipe()
				cli := r.client(tp.PeerConfig{DialFunc: func(context.Context, string, string) (net.Conn, error) { return a, nil }},
					&Config{Credential: HMAC("alice", aliceKey), Mutual: true, Verifier: VerifyHMAC(keys)})
				defer cli.Close()
				done := make(chan *tp.Rerror, 1)
				go func() { _, rerr := cli.Dial("x"); done <- rerr }()
				raw := tptest.NewRawPeer(r.t, b)
				for _, answer := range test.answers {
					in := raw.ExpectPacket()
					if answer == nil { // a reflection
						answer = reply(1, packet.RawBody(in.RawBody()))
					}
					raw.SendPacket(answer...)
				}
				if len(test.answers) == 1 && test.code == 102 {
					raw.ExpectPacket()
					raw.Close()
				}
				rerr := <-done
				wantCode(t, "Dial", rerr, test.code)
				if !strings.Contains(rerr.String(), test.detail) {
					t.Errorf("got %v, want %q in it", rerr, test.detail)
				}
			})
		})
	}
}

// A recorded handshake, byte for byte, opens no second session, and a secret
// does not cross the wire.
func TestReplay_IsRefused(t *testing.T) {
	inBubble(t, &Config{Verifier: VerifyHMAC(keys), Credential: HMAC("server", serverKey)}, func(r *rig) {
		var rec *tape
		cli := r.client(tp.PeerConfig{DialFunc: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := r.net.DialContext(ctx, network, addr)
			rec = &tape{Conn: nc}
			return rec, err
		}}, &Config{Credential: HMAC("alice", aliceKey), Mutual: true,
			Verifier: VerifyHMAC(StaticSecrets(map[string][]byte{"server": serverKey}))})
		defer cli.Close()
		if _, rerr := cli.Dial(addr); rerr != nil {
			r.t.Fatal(rerr)
		}
		synctest.Wait()
		rec.mu.Lock()
		sent, all := bytes.Clone(rec.out.Bytes()), rec.all.String()
		rec.mu.Unlock()
		for _, secret := range [][]byte{aliceKey, serverKey} {
			for _, form := range []string{string(secret), base64.StdEncoding.EncodeToString(secret)[:16], hex.EncodeToString(secret)} {
				if strings.Contains(all, form) {
					t.Errorf("%q crossed the wire", form)
				}
			}
		}
		raw := r.raw()
		raw.Send(sent)
		raw.ExpectPacket()
		wantCode(t, "the replayed proof", tp.NewRerrorFromMeta(raw.ExpectPacket().Meta()), 401)
		raw.ExpectEnd()
	})
}

// The bytes of the package comment, so that another language can do it.
func TestWire_AsDescribed(t *testing.T) {
	inBubble(t, &Config{Verifier: VerifyHMAC(keys), Credential: HMAC("server", serverKey)}, func(r *rig) {
		raw := r.raw()
		nonce := bytes.Repeat([]byte{0xAB}, NonceSize)
		send := func(seq uint64, body string) (m map[string]string) {
			raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithSeq(seq), packet.WithUri("/auth"),
				packet.WithBodyCodec('j'), packet.WithBody(packet.RawBody(body)))
			in := raw.ExpectPacket()
			if in.Ptype() != packet.TypeReply || in.Seq() != seq || in.Uri() != "/auth" || in.BodyCodec() != 'j' {
				r.t.Fatalf("got %s", in)
			}
			if err := json.Unmarshal(in.RawBody(), &m); err != nil {
				r.t.Fatalf("%s: %v", in.RawBody(), err)
			}
			return m
		}
		b64 := base64.StdEncoding
		two := send(0, `{"method":"hmac-sha256","name":"alice","nonce":"`+b64.EncodeToString(nonce)+`","want":"hmac-sha256","unknown":[1]}`)
		theirs, err := b64.DecodeString(two["nonce"])
		if err != nil || len(theirs) != 32 || two["name"] != "server" || len(two) != 2 {
			r.t.Fatalf("step 2 is %v", two)
		}
		transcript := func(role string) []byte {
			return []byte("teleport-auth-1" + role + "\x00\x00\x00\x0bhmac-sha256\x00\x00\x00\x05alice\x00\x00\x00\x06server" + string(nonce) + string(theirs))
		}
		c := Challenge{Prover: Dialer, Method: MethodHMAC, DialerName: "alice", AccepterName: "server"}
		copy(c.DialerNonce[:], nonce)
		copy(c.AccepterNonce[:], theirs)
		if !bytes.Equal(c.Bytes(), transcript("D")) {
			t.Errorf("the transcript is %q", c.Bytes())
		}
		four := send(1, `{"proof":"`+b64.EncodeToString(sign(aliceKey, c))+`"}`)
		c.Prover = Accepter
		if !bytes.Equal(c.Bytes(), transcript("A")) || len(four) != 1 || four["proof"] != b64.EncodeToString(sign(serverKey, c)) {
			t.Errorf("step 4 is %v", four)
		}
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/whoami"))
		if in := raw.ExpectPacket(); string(in.RawBody()) != `"alice by hmac-sha256"` {
			t.Errorf("then came %s", in)
		}
	})
}

// No two challenges have one transcript, and a fixed one keeps its HMAC.
func TestChallenge_Bytes(t *testing.T) {
	a := Challenge{Prover: Dialer, Method: "m", DialerName: "ab", AccepterName: "c"}
	b := Challenge{Prover: Dialer, Method: "m", DialerName: "a", AccepterName: "bc"}
	if bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("names run together")
	}
	const want = "ae61a9096758444cb7b8dca4b64d9024e22f3a8c7b72755d1414bab77827c796"
	if got := hex.EncodeToString(sign([]byte("0123456789abcdef"), a)); got != want {
		t.Errorf("the proof is %s, want %s", got, want)
	}
}

// Nothing that can be printed holds a secret: errors on both sides, log lines,
// the values themselves.
func TestSecrets_StayOutOfTexts(t *testing.T) {
	var mu sync.Mutex
	var text bytes.Buffer
	write := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(&text, format, args...)
	}
	tp.SetLogger(slog.New(slog.NewTextHandler(writerFunc(func(b []byte) { write("%s", b) }), &slog.HandlerOptions{Level: tp.LevelTrace})))
	defer tp.SetLogger(slog.New(slog.DiscardHandler))
	const token, other = "tokenthatissecret", "anothersecrettoken"
	key := []byte("keythatissecret!")
	server := Config{Verifier: VerifyTokens(map[string]string{"alice": token}), Credential: HMAC("server", key)}
	clients := []Config{
		{Credential: Token("alice", token)},
		{Credential: Token("alice", other)},
		{Credential: HMAC("alice", key)},
		{Credential: Token("alice", token), Verifier: VerifyHMAC(StaticSecrets(map[string][]byte{"server": key})), Mutual: true},
		{Credential: Token("alice", token), Verifier: VerifyHMAC(StaticSecrets(map[string][]byte{"server": []byte(other)})), Mutual: true},
	}
	inBubble(t, &server, func(r *rig) {
		for _, cfg := range clients {
			for _, v := range []any{cfg, New(cfg), cfg.Credential, cfg.Verifier} {
				write("%v %+v %#v\n", v, v, v)
			}
			cli := r.client(tp.PeerConfig{PrintBody: true}, &cfg)
			sess, rerr := cli.Dial(addr)
			write("%v\n", rerr)
			if sess != nil {
				write("%v\n", sess.Pull("/nowhere", nil, nil).Rerror())
			}
			cli.Close()
			synctest.Wait()
			_, _, cause := r.log.last()
			write("%v\n", cause)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(text.String(), "401") || !strings.Contains(text.String(), "accept session") {
		t.Error("the test sees no errors or no log")
	}
	for _, secret := range []string{token, other, string(key), "116 111 107 101 110", "0x74, 0x6f, 0x6b", "107 101 121 116", "0x6b, 0x65, 0x79, 0x74"} {
		if i := strings.Index(text.String(), secret); i >= 0 {
			t.Errorf("%q is in %q", secret, text.String()[max(0, i-100):i+len(secret)])
		}
	}
}

type writerFunc func(b []byte)

func (f writerFunc) Write(b []byte) (int, error) { f(b); return len(b), nil }
