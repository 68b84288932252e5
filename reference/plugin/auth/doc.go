// Package auth is a plugin that finds out who is at the other end of a
// connection before any other packet passes, at dial and at accept, and again
// at each redial.
//
// # Use
//
// The accepting peer has a Verifier, the dialing peer a Credential:
//
//	secrets := auth.StaticSecrets(map[string][]byte{"alice": aliceSecret})
//	server := tp.NewPeer(cfg, auth.New(auth.Config{Verifier: auth.VerifyHMAC(secrets)}))
//
//	client := tp.NewPeer(cfg, auth.New(auth.Config{Credential: auth.HMAC("alice", aliceSecret)}))
//	sess, rerr := client.Dial(addr) // refused: rerr.Code is 401
//
// Handlers and hooks ask who it is:
//
//	id, ok := auth.From(ctx) // or From(session)
//
// Register the plugin first, so that no other plugin's handshake comes before
// it. A later PostAccept hook can name the session after the identity:
//
//	if id, ok := auth.From(sess); ok { sess.SetId(id.Name) }
//
// For both directions (Config.Mutual on the dialing side) each peer has both:
// the dialer proves itself first, then the accepter. Whose name the accepter
// proved is for the dialer to look at: From(sess). One Auth serves the two
// roles of a peer: when it accepts it demands what its Verifier verifies; when
// it dials it shows its Credential, and demands a proof back where Mutual is on.
// A peer without a Verifier accepts everybody, one without a Credential dials
// without a word.
//
// # Methods
//
// HMAC and VerifyHMAC prove the knowledge of a secret without sending it: each
// side chooses a fresh nonce, and the proof is an HMAC-SHA256 over both nonces,
// both names and the role of the one who proves. A recorded proof is worth
// nothing in another session, nor in the other direction. Secrets have at least
// MinSecret bytes and come from a random generator, not from people: who can
// pretend to be the accepter is given one proof, and may guess at leisure.
//
// Token and VerifyTokens send the token as it is: for connections that nobody
// else can read, TLS or a unix socket, to a peer whose certificate was checked.
//
// CredentialFunc and VerifyFunc make any other method: what a proof binds is in
// the Challenge, and Challenge.Bytes is what to sign.
//
// # What it is good for
//
// A session that passed belongs to somebody who had the secret when the
// connection was made. The packets after that are neither encrypted nor signed,
// and somebody in the middle who passes the handshake on can go on in its name:
// use TLS underneath where the network is not trusted, and have the dialer check
// the certificate. A server that passes its client's handshake on to another
// server is told apart by that only: give each server secrets of its own.
//
// # Failures
//
// Whoever is refused gets a REPLY with code 401, then the connection ends. Dial
// returns that as a *tp.Rerror of code 401, and so it does where the accepter
// does not prove itself or has no such plugin. The handshake as a whole has
// Config.Timeout, however slowly bytes drip in; Dial returns 408 then, and 102
// where the connection broke. (A single wait is also bounded by
// tp.PeerConfig.HandshakeTimeout, or by the session's read timeout where it has
// one.) A redialed session tries again as after any failed dial.
//
// Errors, replies and log lines of this package have texts of their own: never
// a proof, a token, or what a user's function said. That goes to
// Config.OnRefuse alone. An unknown name and a wrong proof are refused in the
// same words. Comparisons take the same time wherever the first difference is.
//
// # What goes over the wire
//
// This is a description, not a part of the standard. The exchange consists of
// ordinary packets, before the sessions of both sides begin. All bodies are JSON
// objects under codec j; members of type bytes are base64 (with padding), empty
// members are left out, unknown ones ignored. A body has at most 64 KiB.
//
//	1  dialer    PULL   seq 0, uri /auth  {"method":M,"name":N,"nonce":bytes,"want":W}
//	2  accepter  REPLY  seq 0, uri /auth  {"name":N2,"nonce":bytes}
//	3  dialer    PULL   seq 1, uri /auth  {"proof":bytes}
//	4  accepter  REPLY  seq 1, uri /auth  {"proof":bytes}
//
// M is the method that the dialer uses ("hmac-sha256", "token", ...), N the name
// that it claims. W is the method that it wants of the accepter, and absent
// where it wants none; N2 and the proof in 4 are then absent too. A nonce has 32
// bytes, fresh from a cryptographic generator. In place of 2 or 4 the accepter
// answers an error (X-Reply-Error, code 401, body null under codec j) to
// refuse, and closes the connection; so it answers a first PULL of any other
// uri, and whatever is no PULL ends the connection without an answer. In a
// peer without the plugin, step 1 is a PULL that nobody handles: 404.
//
// A proof of "token" is the token. A proof of "hmac-sha256" is
//
//	HMAC-SHA256(secret, "teleport-auth-1" role len(M') M' len(N) N len(N2) N2 nonce1 nonce2)
//
// where role is one byte, 'D' when the dialer proves and 'A' when the accepter
// does, M' is the method of this proof, len is four bytes, big-endian, and nonce1
// is the dialer's.
package auth
