package tp

import "testing"

// A token that was lost is not given back, whatever has happened since.
func TestToken_LostIsLost(t *testing.T) {
	var k readToken
	if !k.load().is(tokenFree) || !k.take() || k.take() {
		t.Fatal("a free token is to be had once")
	}
	first := k.enter()
	if k.take() {
		t.Error("taken while inside")
	}
	if !k.leave(first) || k.leave(first) || k.steal(first) {
		t.Error("a handler that left has left")
	}
	second := k.enter()
	if second == first || k.steal(first) || k.leave(first) {
		t.Error("the state of an earlier handler is taken for that of the next one")
	}
	if !k.steal(second) || k.leave(second) || k.steal(second) {
		t.Error("a stolen token is gone, once")
	}
	if held := k.load(); k.steal(held) {
		t.Error("stolen from one that reads")
	}
	third := k.enter() // of the one that reads now
	if k.leave(second) || k.load() != third {
		t.Error("the handler that lost the token has it back")
	}
	if !k.leave(third) {
		t.Error("the one that reads has lost it")
	}
	k.free()
	seen := k.load()
	k.take()
	k.free()
	if k.load() == seen {
		t.Error("free, taken and free again looks as if it had lasted")
	}
	offer := k.load().after(tokenOffered)
	if !k.change(k.load(), offer) || !k.take() || k.take() {
		t.Fatal("a token that was offered is to be had once")
	}
	if k.change(offer, offer.after(tokenHeld)) {
		t.Error("the one to whom it was offered has it too")
	}
}
