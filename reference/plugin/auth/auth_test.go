package auth

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	tp "github.com/henrylee2cn/teleport/reference"
)

var (
	keys   = StaticSecrets(map[string][]byte{"alice": aliceKey, "bob": bobKey})
	tokens = VerifyTokens(map[string]string{"alice": "token of alice", "": "token of nobody"})
)

func TestHandshake(t *testing.T) {
	trustServer := VerifyHMAC(StaticSecrets(map[string][]byte{"server": serverKey}))
	failing := errors.New("the database is down; password=hunter2")
	byFunc := VerifyFunc("word", func(name string, proof []byte, c Challenge) (Identity, error) {
		switch string(proof) {
		case "open sesame":
			return Identity{Name: "checked " + name, Data: c.DialerName}, nil
		case "break":
			return Identity{}, failing
		}
		return Identity{}, errors.New("wrong")
	})
	word := func(s string, err error) Credential {
		return CredentialFunc("word", "ali", func(Challenge) ([]byte, error) { return []byte(s), err })
	}
	server := &Config{Verifier: VerifyHMAC(keys), Credential: HMAC("server", serverKey)}
	tests := []struct {
		name           string
		server, client *Config
		code           int32  // that Dial returns; 0: it succeeds
		who            string // the server knows the client; "" for an error
		detail         string // a part of the error's detail
	}{
		{"hmac", server, &Config{Credential: HMAC("alice", aliceKey)}, 0, "alice by hmac-sha256", ""},
		{"hmac, wrong secret", server, &Config{Credential: HMAC("alice", bobKey)}, 401, "", "unknown or"},
		{"hmac, unknown name", server, &Config{Credential: HMAC("carol", bobKey)}, 401, "", "unknown or"},
		{"hmac, another's name", server, &Config{Credential: HMAC("bob", aliceKey)}, 401, "", "unknown or"},
		{"hmac, two secrets", &Config{Verifier: VerifyHMAC(func(string) [][]byte { return [][]byte{bobKey, aliceKey} })},
			&Config{Credential: HMAC("alice", aliceKey)}, 0, "alice by hmac-sha256", ""},
		{"hmac, a short secret at the server", &Config{Verifier: VerifyHMAC(func(string) [][]byte { return [][]byte{{1}} })},
			&Config{Credential: HMAC("alice", aliceKey)}, 401, "", "unknown or"},
		{"mutual", server, &Config{Credential: HMAC("alice", aliceKey), Verifier: trustServer, Mutual: true}, 0, "alice by hmac-sha256", ""},
		{"mutual, the server is another", &Config{Verifier: VerifyHMAC(keys), Credential: HMAC("server", bobKey)},
			&Config{Credential: HMAC("alice", aliceKey), Verifier: trustServer, Mutual: true}, 401, "", "did not prove itself"},
		{"mutual, the server takes the client's name", &Config{Verifier: VerifyHMAC(keys), Credential: HMAC("alice", aliceKey)},
			&Config{Credential: HMAC("alice", aliceKey), Verifier: trustServer, Mutual: true}, 401, "", "did not prove itself"},
		{"mutual, the server has no credential", &Config{Verifier: VerifyHMAC(keys)},
			&Config{Credential: HMAC("alice", aliceKey), Verifier: trustServer, Mutual: true}, 401, "", "cannot prove itself"},
		{"mutual, another method", server, &Config{Credential: HMAC("alice", aliceKey), Verifier: tokens, Mutual: true}, 401, "", "cannot prove itself"},
		{"mutual by two methods", &Config{Verifier: tokens, Credential: HMAC("server", serverKey)},
			&Config{Credential: Token("alice", "token of alice"), Verifier: trustServer, Mutual: true}, 0, "alice by token", ""},
		{"the server fails to prove itself", &Config{Verifier: VerifyHMAC(keys), Credential: word("", failing)},
			&Config{Credential: HMAC("alice", aliceKey), Verifier: byFunc, Mutual: true}, 401, "", "gave no proof"},
		{"token", &Config{Verifier: tokens}, &Config{Credential: Token("alice", "token of alice")}, 0, "alice by token", ""},
		{"token without a name", &Config{Verifier: tokens}, &Config{Credential: Token("", "token of nobody")}, 0, " by token", ""},
		{"token, wrong", &Config{Verifier: tokens}, &Config{Credential: Token("alice", "token of nobody")}, 401, "", "unknown or"},
		{"token, a part", &Config{Verifier: tokens}, &Config{Credential: Token("alice", "token of alic")}, 401, "", "unknown or"},
		{"token, unknown name", &Config{Verifier: tokens}, &Config{Credential: Token("carol", "token of alice")}, 401, "", "unknown or"},
		{"func", &Config{Verifier: byFunc}, &Config{Credential: word("open sesame", nil)}, 0, "checked ali by word", ""},
		{"func, wrong", &Config{Verifier: byFunc}, &Config{Credential: word("open barley", nil)}, 401, "", "unknown or"},
		{"func, fails", &Config{Verifier: byFunc}, &Config{Credential: word("break", nil)}, 401, "", "unknown or"},
		{"func, no proof", &Config{Verifier: byFunc}, &Config{Credential: word("", failing)}, 401, "", "gave no proof"},
		{"func, empty proof", &Config{Verifier: byFunc}, &Config{Credential: word("", nil)}, 401, "", "empty proof"},
		{"another method", &Config{Verifier: tokens}, &Config{Credential: HMAC("alice", aliceKey)}, 401, "", "demands the method token"},
		{"the server does not authenticate", nil, &Config{Credential: HMAC("alice", aliceKey)}, 401, "", "does not authenticate"},
		{"the server only dials", &Config{Credential: HMAC("server", serverKey)}, &Config{Credential: HMAC("alice", aliceKey)}, 401, "", "does not authenticate"},
		{"the client has no credential and is not asked", nil, &Config{Verifier: tokens}, 0, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, test.server, func(r *rig) {
				cli := r.client(tp.PeerConfig{}, test.client)
				defer cli.Close()
				sess, rerr := cli.Dial(addr)
				synctest.Wait()
				if test.code != 0 {
					wantCode(t, "Dial", rerr, test.code)
					if sess != nil || cli.CountSession() != 0 || r.srv.CountSession() != 0 {
						t.Error("there is a session")
					}
					if rerr != nil && (!strings.Contains(rerr.Detail, test.detail) || rerr.Message != tp.CodeText(rerr.Code)) {
						t.Errorf("got %v, want a detail with %q", rerr, test.detail)
					}
					if n, _, cause := r.log.last(); n == 0 || cause == nil {
						t.Error("OnRefuse was not told")
					}
					return
				}
				if rerr != nil {
					r.t.Fatal(rerr)
				}
				who, rerr := whoami(sess)
				if who != test.who || (rerr == nil) != (test.who != "") {
					t.Errorf("the server knows %q, %v; want %q", who, rerr, test.who)
				}
				id, ok := From(sess)
				if ok != test.client.Mutual || ok && (id.Name != "server" || id.Method != MethodHMAC) {
					t.Errorf("the client knows %+v, %t", id, ok)
				}
				if n, _, cause := r.log.last(); n != 0 {
					t.Errorf("refused %d times: %v", n, cause)
				}
			})
		})
	}
}

// The cause of a refusal, with all that a user's function said, reaches
// OnRefuse on its own side, and nobody else.
func TestOnRefuse_HasTheCause(t *testing.T) {
	cause := errors.New("the database is down; password=hunter2")
	verify := VerifyFunc(MethodToken, func(string, []byte, Challenge) (Identity, error) { return Identity{}, cause })
	inBubble(t, &Config{Verifier: verify}, func(r *rig) {
		cli := r.client(tp.PeerConfig{}, &Config{Credential: Token("alice", "secret of alice"), OnRefuse: func(tp.PreSession, string, error) {}})
		defer cli.Close()
		_, rerr := cli.Dial(addr)
		wantCode(t, "Dial", rerr, 401)
		synctest.Wait()
		if n, name, got := r.log.last(); n != 1 || name != "alice" || got != cause {
			t.Errorf("told %d times: %q, %v", n, name, got)
		}
		if strings.Contains(rerr.String(), "hunter2") {
			t.Errorf("the other side reads %s", rerr)
		}
	})
}

// A Verifier that panics lets nobody in.
func TestVerifier_Panics(t *testing.T) {
	verify := VerifyFunc(MethodToken, func(string, []byte, Challenge) (Identity, error) { panic("asked to") })
	inBubble(t, &Config{Verifier: verify}, func(r *rig) {
		cli := r.client(tp.PeerConfig{}, &Config{Credential: Token("alice", "x")})
		defer cli.Close()
		_, rerr := cli.Dial(addr)
		wantCode(t, "Dial", rerr, tp.CodeConnClosed)
		synctest.Wait()
		if r.srv.CountSession() != 0 {
			t.Error("there is a session")
		}
	})
}

func TestTryNew_Refuses(t *testing.T) {
	good := Token("a", "b")
	none := func(Challenge) ([]byte, error) { return nil, nil }
	tests := []struct {
		name  string
		cfg   Config
		field string
	}{
		{"nothing", Config{}, "Credential"},
		{"mutual without a verifier", Config{Credential: good, Mutual: true}, "Mutual"},
		{"mutual without a credential", Config{Verifier: tokens, Mutual: true}, "Mutual"},
		{"negative timeout", Config{Credential: good, Timeout: -1}, "Timeout"},
		{"short secret", Config{Credential: HMAC("a", make([]byte, MinSecret-1))}, "Credential"},
		{"empty token", Config{Credential: Token("a", "")}, "Credential"},
		{"empty method", Config{Credential: CredentialFunc("", "a", none)}, "Credential"},
		{"no function", Config{Credential: CredentialFunc("m", "a", nil)}, "Credential"},
		{"an empty token among others", Config{Verifier: VerifyTokens(map[string]string{"a": "b", "c": ""})}, "Verifier"},
		{"no secrets", Config{Verifier: VerifyHMAC(nil)}, "Verifier"},
		{"no verifying function", Config{Verifier: VerifyFunc("m", nil)}, "Verifier"},
	}
	for _, test := range tests {
		_, err := TryNew(test.cfg)
		var ce *ConfigError
		if !errors.As(err, &ce) || ce.Field != test.field {
			t.Errorf("%s: got %v, want an error of %s", test.name, err, test.field)
		}
	}
	defer func() {
		if _, ok := recover().(*ConfigError); !ok {
			t.Error("New did not panic with a *ConfigError")
		}
	}()
	New(Config{})
}
