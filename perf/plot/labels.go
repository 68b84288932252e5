package plot

// spread moves labels apart: given where each would like to be, in ascending
// order, it returns places at least gap apart within [low, high], moving each
// as little as it can. Neighbours that collide form a block, which lies around
// the mean of what its members want.
func spread(want []float64, gap, low, high float64) []float64 {
	if n := len(want); n > 1 && gap*float64(n-1) > high-low {
		gap = (high - low) / float64(n-1)
	}
	type block struct {
		sum   float64 // of what the members want for the first of them
		count int
		at    float64 // of the first member
	}
	settle := func(b block) block {
		b.at = b.sum / float64(b.count)
		b.at = max(low, min(b.at, high-gap*float64(b.count-1)))
		return b
	}
	var blocks []block
	for _, w := range want {
		b := settle(block{sum: w, count: 1})
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.at+gap*float64(last.count) <= b.at {
				break
			}
			// b's members want gap*last.count less for the first of the joined block.
			b = settle(block{
				sum:   last.sum + b.sum - float64(b.count)*gap*float64(last.count),
				count: last.count + b.count,
			})
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	places := make([]float64, 0, len(want))
	for _, b := range blocks {
		for i := range b.count {
			places = append(places, b.at+gap*float64(i))
		}
	}
	return places
}
