package heartbeat

import "math/rand/v2"

// The wheel's measures, in ticks.
const (
	ticksPerInterval = 64
	longestWait      = ticksPerInterval / 2 // between two looks at a session
	slots            = 2 * longestWait      // more than longestWait, so that no slot means two times
	spare            = 64                   // see room
)

// wheel keeps records in slots, one for each tick to come. It needs the lock.
type wheel struct {
	slots [slots][]*record
	now   uint64 // ticks since the beginning
	n     int    // records in it
}

// place is where a record is in the wheel.
type place struct {
	at    uint64 // the tick of its slot; 0: it is in none
	index int    // in the slot
}

// visit is a record whose time has come, and when it comes next.
type visit struct {
	r    *record
	next uint64
}

// room is how many records a slot takes: twice an even share and some more. As
// the shortest wait is half the longest, the slots between now and any wait
// take n records together, so that one of them always has room.
func (w *wheel) room() int { return 2*w.n/longestWait + spare }

// add puts a record into the slot so many ticks ahead, or one before it that
// has room, or for a short wait one behind it.
func (w *wheel) add(r *record, wait int) {
	w.n++
	w.put(r, wait)
}

func (w *wheel) put(r *record, wait int) {
	room := w.room()
	for d := wait; d >= 1; d-- {
		if w.putAt(r, w.now+uint64(d), room) {
			return
		}
	}
	for d := wait + 1; d <= longestWait; d++ {
		if w.putAt(r, w.now+uint64(d), room) {
			return
		}
	}
}

func (w *wheel) putAt(r *record, at uint64, room int) bool {
	slot := &w.slots[at%slots]
	if len(*slot) >= room {
		return false
	}
	r.place = place{at: at, index: len(*slot)}
	*slot = append(*slot, r)
	return true
}

// remove takes a record out, from wherever it is.
func (w *wheel) remove(r *record) {
	if r.at == 0 {
		return
	}
	w.n--
	slot := &w.slots[r.at%slots]
	last := len(*slot) - 1
	moved := (*slot)[last]
	(*slot)[r.index] = moved
	moved.index = r.index
	(*slot)[last] = nil
	*slot = (*slot)[:last]
	r.place = place{}
}

// turn goes one tick on. It gives the records of that tick, which are put back
// into the wheel, each for the wait that wait gives.
func (w *wheel) turn(wait func() int) []visit {
	w.now++
	slot := w.slots[w.now%slots]
	w.slots[w.now%slots] = nil // the array goes: a slot that was long once need not stay so
	list := make([]visit, len(slot))
	for i, r := range slot {
		w.put(r, wait())
		list[i] = visit{r, r.at}
	}
	return list
}

// random gives 0 to n-1.
func random(n int) int { return rand.IntN(n) }
