package tp

import "testing"

// sessionList: in any order, and twice.
func TestSessionList(t *testing.T) {
	var l sessionList
	all := []*session{{}, {}, {}, {}}
	for _, s := range all {
		l.add(s)
	}
	for i, out := range []int{1, 1, 3, 0, 0, 2, 2} {
		l.remove(all[out])
		in := map[*session]bool{}
		for _, s := range l.all() {
			in[s] = true
		}
		if want := []int{3, 3, 2, 1, 1, 0, 0}[i]; len(in) != want || l.n != want || in[all[out]] {
			t.Errorf("after %d removals there are %d, it says %d", i+1, len(in), l.n)
		}
	}
}
